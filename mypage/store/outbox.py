"""Mail that is to go out: adding it, leasing what is due, and what became of it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, insert, or_, select, update

from mypage.store.schema import outbox

WAITING = "waiting"
HANDED_OVER = "handed_over"
REFUSED = "refused"
GIVEN_UP = "given_up"
VOID = "void"


def add(connection: Connection, row: dict[str, Any]) -> int:
    """Add a mail that waits; its id."""
    values = {**row, "state": WAITING, "attempts": 0, "next_try_at": row["enqueued_at"]}
    return int(connection.execute(insert(outbox).values(values).returning(outbox.c.id)).scalar_one())


def _due(worker: str, kinds: Sequence[str], now: datetime) -> ColumnElement[bool]:
    return and_(
        outbox.c.state == WAITING,
        outbox.c.next_try_at <= now,
        outbox.c.kind.in_(kinds),
        or_(
            outbox.c.lease_until.is_(None),
            outbox.c.lease_until <= now,
            # A worker asks only when it has nothing in hand: what stands as its own was dropped in a fault.
            outbox.c.leased_by == worker,
        ),
    )


def anything_due(
    connection: Connection, *, worker: str, kinds: Sequence[str], now: datetime, before: int | None
) -> bool:
    """Whether a mail of ``kinds`` is due; with ``before``, one that goes before those of that priority."""
    found = exists().where(_due(worker, kinds, now))
    if before is not None:
        found = found.where(outbox.c.priority < before)
    return bool(connection.execute(select(found)).scalar_one())


def lease(
    connection: Connection, *, worker: str, kinds: Sequence[str], now: datetime, until: datetime, limit: int
) -> list[RowMapping]:
    """Take up to ``limit`` due mails until ``until``, the most urgent first; nobody else gets them meanwhile."""
    due = (
        select(outbox.c.id)
        .where(_due(worker, kinds, now))
        .order_by(outbox.c.priority, outbox.c.next_try_at)
        .limit(limit)
        # SQLite has no such words and leaves them out: its write lock lets one worker at a time in here.
        .with_for_update(skip_locked=True)
    )
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(due))
        .values(leased_by=worker, lease_until=until)
        .returning(*outbox.c)
    ).mappings()
    return sorted(taken, key=lambda row: (row["priority"], row["next_try_at"], row["id"]))


def holds(connection: Connection, mail_id: int, worker: str, now: datetime) -> bool:
    """Whether ``worker`` still has the lease of a mail that waits."""
    held = exists().where(
        outbox.c.id == mail_id,
        outbox.c.state == WAITING,
        outbox.c.leased_by == worker,
        outbox.c.lease_until > now,
    )
    return bool(connection.execute(select(held)).scalar_one())


def settle(connection: Connection, mail_id: int, **changes: Any) -> bool:
    """Write what became of a mail, and end its lease; False when that was written before."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == mail_id, outbox.c.state == WAITING)
        .values(leased_by=None, lease_until=None, **changes)
    )
    return result.rowcount == 1


def put_off(
    connection: Connection, mail_id: int, worker: str, *, until: datetime, attempts: int, reply: str
) -> bool:
    """Let a mail wait for its next try; False when ``worker`` has lost it to another."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == mail_id, outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None, next_try_at=until, attempts=attempts, reply=reply)
    )
    return result.rowcount == 1


def give_back(connection: Connection, mail_ids: Sequence[int], worker: str) -> None:
    """Let others have what ``worker`` took and did not try."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(mail_ids), outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None)
    )


def newest_of_registration(connection: Connection, registration_id: str) -> RowMapping | None:
    """The newest mail of a registration: what became of it is told on ``/signup/done`` and to staff."""
    query = select(outbox).where(outbox.c.registration_id == registration_id).order_by(outbox.c.id.desc())
    return connection.execute(query.limit(1)).mappings().first()


def of_customer(connection: Connection, customer_key: str, account_ids: Collection[str]) -> list[RowMapping]:
    """The mails about a customer or to one of these accounts, in the order of writing."""
    theirs = or_(
        outbox.c.customer_key == customer_key,
        and_(outbox.c.account_id.in_(account_ids), outbox.c.customer_key.is_(None)),
    )
    return list(connection.execute(select(outbox).where(theirs).order_by(outbox.c.id)).mappings())


def was_enqueued(connection: Connection, kind: str, account_id: str, since: datetime) -> bool:
    """Whether the account got (or waits for) a mail of that kind that was written after ``since``."""
    found = exists().where(
        outbox.c.account_id == account_id, outbox.c.kind == kind, outbox.c.enqueued_at > since
    )
    return bool(connection.execute(select(found)).scalar_one())


def newest_of_account(
    connection: Connection, account_id: str, kind: str, *, since: datetime
) -> RowMapping | None:
    """The newest mail of a kind to an account that was written since then: its owner is told what became of it."""
    query = select(outbox).where(
        outbox.c.account_id == account_id, outbox.c.kind == kind, outbox.c.enqueued_at > since
    )
    return connection.execute(query.order_by(outbox.c.id.desc()).limit(1)).mappings().first()
