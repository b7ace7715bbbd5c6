"""Mail: written in the transaction of what it tells of."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from mypage.domain.mail import MailKind, Priority
from mypage.store import outbox as store
from mypage.store.outbox import MassRow
from mypage.store.schema.metadata import json_text

_A_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class OutboxMessage:
    """A mail of the outbox, as a worker holds it in its hands."""

    id: int
    kind: MailKind
    priority: int
    recipient: str
    language: str
    facts: dict[str, Any]
    customer_key: str | None
    account_id: str | None
    registration_id: str | None
    serial: int | None
    message_id: str
    attempts: int
    enqueued_at: datetime


def enqueue(
    connection: Connection,
    kind: str,
    *,
    recipient: str,
    language: str,
    facts: Mapping[str, object],
    now: datetime,
    priority: int | None = None,
    customer_key: str | None = None,
    account_id: str | None = None,
    registration_id: str | None = None,
    serial: int | None = None,
) -> int:
    """Put a mail into the outbox; its id there.

    ``kind`` is a word of :class:`mypage.domain.mail.MailKind`, ``facts`` are exactly those that it names (instants
    as ISO text). A mail that carries a link names whose it is and its serial; the token itself is made when the mail
    goes out. Raises ``ValueError`` for anything else: that is a mistake of the caller's.
    """
    said = MailKind.named(kind)
    said.check(facts)
    is_somebodys = said.is_for_staff or registration_id is not None or account_id is not None
    if said.link is not None and (serial is None or not is_somebodys):
        raise ValueError(f"{kind} carries a link and so needs a serial, and a registration or an account")
    return store.add(
        connection,
        {
            "kind": said.word,
            "priority": int(said.priority if priority is None else priority),
            "recipient": recipient,
            "language": language,
            "facts": dict(facts),
            "customer_key": customer_key,
            "account_id": account_id,
            "registration_id": registration_id,
            "serial": serial,
            # The same at every attempt, so that a mail program can tell a repeat.
            "message_id": secrets.token_hex(16),
            "enqueued_at": now,
        },
    )


@dataclass(frozen=True, slots=True)
class MassMail:
    """A mail of a mailing: to an account, about one of its customers."""

    recipient: str
    language: str
    facts: Mapping[str, object]
    customer_key: str
    account_id: str


def enqueue_all(
    connection: Connection,
    kind: str,
    mails: Sequence[MassMail],
    *,
    now: datetime,
    priority: Priority = Priority.MASS,
) -> None:
    """Put many mails of one kind into the outbox, behind whatever somebody waits for.

    None of them carries a link that is signed for its delivery. Raises ``ValueError`` as :func:`enqueue` does.
    """
    said = MailKind.named(kind)
    if said.link is not None:
        raise ValueError(f"{kind} carries a link: each of them is written alone")
    for mail in mails:
        said.check(mail.facts)
    rows = [
        MassRow(
            mail.recipient,
            mail.language,
            json_text(mail.facts),
            mail.customer_key,
            mail.account_id,
            secrets.token_hex(16),
        )
        for mail in mails
    ]
    store.add_all(connection, rows, kind=said.word, priority=int(priority), now=now)


def enqueue_once_a_day(
    connection: Connection,
    kind: str,
    *,
    account_id: str,
    recipient: str,
    language: str,
    facts: Mapping[str, object],
    now: datetime,
    customer_key: str | None = None,
) -> int | None:
    """Put a mail to an account into the outbox unless it got one of that kind in the last 24 hours (None then)."""
    if store.was_enqueued(connection, kind, account_id, since=now - _A_DAY):
        return None
    return enqueue(
        connection,
        kind,
        recipient=recipient,
        language=language,
        facts=facts,
        now=now,
        account_id=account_id,
        customer_key=customer_key,
    )
