"""The story of a customer for staff, in order: tries and why they failed, logins, changes, mails and their fate.

Rows of the trail that name the customer or an account of theirs, and the mails of the outbox (specification §5). What
a row says of a cause of the first try is a code of ``words.causes``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.store import accounts, outbox, trail
from mypage.store.schema.metadata import instant_of
from mypage.words.causes import CAUSES

# A hand-over takes seconds; who waits longer waits for us.
_SOON: Final = timedelta(minutes=1)
_MAIL_FACTS: Final = ("kind", "message_id", "serial", "attempts", "handed_over_at", "server", "next_try_at")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: ``what`` is the word of a trail's action, or ``mail.`` and the mail's state; ``at`` when it was
    written.

    ``causes``: the codes that explain it. Neither facts nor anything else here is personal.
    """

    at: datetime
    what: str
    actor: str
    causes: tuple[str, ...]
    facts: Mapping[str, object]


def of_customer(connection: Connection, customer_key: str, *, now: datetime) -> list[Entry]:
    """All entries of a customer, oldest first."""
    own = trail.of_customer(connection, customer_key)
    # A released account is the customer's no more, but what it did until then is part of the story.
    account_ids = {row["account_id"] for row in own if row["account_id"] is not None}
    account_ids.update(accounts.ids_of_customer(connection, customer_key))
    rows = sorted([*own, *trail.of_accounts(connection, account_ids)], key=lambda row: int(row["seq"]))
    mails = outbox.of_customer(connection, customer_key, account_ids)
    told = {mail["message_id"] for mail in mails}
    entries = [entry for row in rows if (entry := _deed(row)).facts.get("message_id") not in told]
    # What was written in one transaction has one instant: the deed stands before its mail.
    return sorted([*entries, *(_mail(mail, now) for mail in mails)], key=lambda entry: entry.at)


def _deed(row: RowMapping) -> Entry:
    facts: dict[str, object] = json.loads(row["facts"])
    causes = tuple(str(facts[name]) for name in ("cause", "older_links") if facts.get(name) in CAUSES)
    return Entry(instant_of(row["at"]), row["action"], row["actor"], causes, facts)


def _mail(mail: RowMapping, now: datetime) -> Entry:
    facts = {name: mail[name] for name in _MAIL_FACTS if mail[name] is not None}
    return Entry(mail["enqueued_at"], f"mail.{mail['state']}", "worker", _causes(mail, now), facts)


def _causes(mail: RowMapping, now: datetime) -> tuple[str, ...]:
    match mail["state"]:
        case outbox.REFUSED:
            return ("C-02",)
        case outbox.GIVEN_UP:
            return ("F-01",)
        case outbox.WAITING if mail["attempts"]:
            return ("C-03",)
        case outbox.WAITING if now - mail["enqueued_at"] > _SOON:
            return ("F-01",)
        case _:
            return ()
