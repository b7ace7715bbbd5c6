"""The audit trail: each deed leaves its row in the transaction of the deed, appended last before the commit."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain import trail as rules
from mypage.domain.trail import Action
from mypage.domain.trail_check import Checker
from mypage.store import trail as store
from mypage.store.schema.metadata import instant_text

CHAIN = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What one row of the trail tells.

    ``actor`` says who did it, as ``kind`` or ``kind:id`` (``visitor``, ``account:…``, ``cli``, ``worker``).
    ``facts`` are the ones that ``action`` names and hold no personal data; ``detail`` may, and can be purged.
    """

    action: Action
    actor: str
    at: datetime
    customer_key: str | None = None
    account_id: str | None = None
    batch_id: int | None = None
    detail: Mapping[str, object] | None = None
    facts: Mapping[str, object]


def record(
    connection: Connection,
    action: Action,
    *,
    actor: str,
    now: datetime,
    customer_key: str | None = None,
    account_id: str | None = None,
    batch_id: int | None = None,
    detail: Mapping[str, object] | None = None,
    **facts: object,
) -> None:
    """Append one row to the chain; what the words mean stands at :class:`Event`."""
    event = Event(
        action=action,
        actor=actor,
        at=now,
        customer_key=customer_key,
        account_id=account_id,
        batch_id=batch_id,
        detail=detail,
        facts=facts,
    )
    record_all(connection, [event])


def record_all(connection: Connection, events: Sequence[Event]) -> None:
    """Append a row for each event, in their order: the end of the chain is looked up and locked once for all."""
    for event in events:
        event.action.check(event.facts)
    if not events:
        return
    store.lock(connection)
    last_seq, previous_hash = store.last(connection, CHAIN) or (0, rules.GENESIS)
    rows, details = [], []
    for seq, event in enumerate(events, start=last_seq + 1):
        salt, written = secrets.token_hex(16), rules.canonical(event.detail) if event.detail else ""
        row: dict[str, object] = {
            "chain": CHAIN,
            "seq": seq,
            "at": instant_text(event.at),
            "action": event.action.word,
            "actor": event.actor,
            "customer_key": event.customer_key,
            "account_id": event.account_id,
            "batch_id": event.batch_id,
            "facts": rules.canonical({**event.action.always, **event.facts}),
            "detail_digest": rules.detail_digest(salt, written) if written else None,
            "previous_hash": previous_hash,
        }
        previous_hash = rules.row_hash(row)
        rows.append({**row, "hash": previous_hash})
        if written:
            details.append({"chain": CHAIN, "seq": seq, "salt": salt, "detail": written})
    store.append(connection, rows)
    if details:
        store.keep_details(connection, details)


def hold(connection: Connection) -> None:
    """Let nobody else append until the commit: of whoever looks at the end of the chain before it appends."""
    store.lock(connection)


def broken_at(connection: Connection) -> int | None:
    """The first row at which something is wrong with the chain or a detail, None if all is whole."""
    checker = Checker()
    checker.take_all(store.checked_rows(connection, CHAIN))
    findings = checker.findings()
    return findings[0].seq if findings else None
