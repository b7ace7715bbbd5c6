"""A registration that rests on what a file has just changed: shown nothing until staff have looked (specification §6).

"Insider with one line in a file" ("security"): whoever put their own telephone beside a stranger's number could register
as that person. The registration goes its usual way, so nothing is told to anybody who has not activated it; then it is
closed (``domain.opening``), and the portal itself asks staff (``identity_approvals``). What proves beside the file makes
it needless: a 登録キー that is no news (``services.identity``), or the code of a letter to an address that is none.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import identity_change, letter
from mypage.domain.identity_change import NEW_FOR
from mypage.domain.trail import Action
from mypage.services import approvals, trail
from mypage.services.approvals import AUTOMATIC, AlreadyAsked
from mypage.store import accounts, customers

# The kind of its requests in the queue.
KIND: Final = "identity-approval"
# So long staff have; the person is told.
LIFE: Final[timedelta] = NEW_FOR


def is_needed(row: RowMapping, settings: Settings) -> bool:
    """Whether a registration waits for staff once it is activated."""
    return settings.identity_change_approval and row["changed_batch_id"] is not None


def decided_by(connection: Connection, account_id: str) -> datetime | None:
    """Until when staff will have looked at an account's registration, None where it waits for none. Reads only."""
    link = accounts.awaiting_approval(connection, account_id)
    return None if link is None else link["since"] + LIFE


def ask(connection: Connection, row: RowMapping, account_id: str, *, now: datetime) -> None:
    """At the activation of such a registration: let the portal ask staff. Its customer is locked."""
    key = row["customer_key"]
    facts = {
        "account_id": account_id,
        "matched_batch_id": row["matched_batch_id"],
        "changed_batch_id": row["changed_batch_id"],
    }
    # One of an account that was released meanwhile.
    withdraw(connection, key, reason="approval_overtaken", now=now)
    asked = approvals.ask(
        connection,
        kind=KIND,
        subject=key,
        customer_key=key,
        facts=facts,
        mark=account_id,
        staff_id=AUTOMATIC,
        life=LIFE,
        now=now,
    )
    assert not isinstance(asked, AlreadyAsked)  # noqa: S101 - the former one has ended above
    trail.record(
        connection,
        Action.APPROVAL_AWAITED,
        actor=AUTOMATIC,
        now=now,
        customer_key=key,
        account_id=account_id,
        batch_id=row["changed_batch_id"],
        batch=row["changed_batch_id"],
        request_id=asked.id,
        until=asked.expires_at.isoformat(),
    )


def prove_by_letter(connection: Connection, link: RowMapping, *, now: datetime) -> bool:
    """The code of a letter was right: whether that proves beside the file, and so ends the waiting.

    Not where a file has just changed the address, too: then the letter went where the insider wanted. The customer is
    locked; the trail's row is the caller's last.
    """
    versions = customers.published_versions(connection, link["customer_key"])
    newest = letter.recipient(dict(versions[0])) if versions else None
    if not link["awaits_approval"] or newest is None:
        return False

    def goes_there(row: RowMapping) -> bool:
        before = letter.recipient(dict(row))
        return before is not None and before.address == newest.address

    if identity_change.brought_by(versions, goes_there, link["since"]) is not None:
        return False
    accounts.change_link(connection, link["customer_key"], link["account_id"], awaits_approval=False)
    return True


def note_proven(connection: Connection, link: RowMapping, *, now: datetime) -> None:
    """Write down that :func:`prove_by_letter` ended the waiting, and end the request."""
    withdraw(connection, link["customer_key"], reason="approval_proven", now=now)
    trail.record(
        connection,
        Action.APPROVAL_PROVEN,
        actor=f"account:{link['account_id']}",
        now=now,
        customer_key=link["customer_key"],
        account_id=link["account_id"],
        batch_id=link["changed_batch_id"],
    )


def withdraw(connection: Connection, customer_key: str, *, reason: str, now: datetime) -> None:
    """Nothing is to be decided about a customer any more (``reason``: code of a sentence)."""
    approvals.overtake_waiting(connection, KIND, customer_key, by=AUTOMATIC, reason=reason, now=now)
