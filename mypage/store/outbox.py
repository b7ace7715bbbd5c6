"""Mail that is to go out: adding it, leasing what is due, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, exists, insert, or_, select, update

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


def lease(
    connection: Connection, *, worker: str, now: datetime, until: datetime, limit: int
) -> list[RowMapping]:
    """Take up to ``limit`` due mails until ``until``, the most urgent first; nobody else gets them meanwhile."""
    due = (
        select(outbox.c.id)
        .where(
            outbox.c.state == WAITING,
            outbox.c.next_try_at <= now,
            or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= now),
        )
        .order_by(outbox.c.priority, outbox.c.next_try_at)
        .limit(limit)
        .with_for_update(
            skip_locked=True
        )  # SQLite has no such words and leaves them out: its lock is the file's
    )
    taken = connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(due))
        .values(leased_by=worker, lease_until=until, attempts=outbox.c.attempts + 1)
        .returning(*outbox.c)
    ).mappings()
    return sorted(taken, key=lambda row: (row["priority"], row["next_try_at"], row["id"]))


def settle(connection: Connection, mail_id: int, worker: str, **changes: Any) -> bool:
    """Write the outcome of a mail that ``worker`` still holds and give the lease back; False if it lost it."""
    result = connection.execute(
        update(outbox)
        .where(outbox.c.id == mail_id, outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None, **changes)
    )
    return result.rowcount == 1


def give_back(connection: Connection, mail_ids: Sequence[int], worker: str) -> None:
    """Let others have what ``worker`` took and did not try; it counts as no attempt."""
    connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(mail_ids), outbox.c.state == WAITING, outbox.c.leased_by == worker)
        .values(leased_by=None, lease_until=None, attempts=outbox.c.attempts - 1)
    )


def by_id(connection: Connection, mail_id: int) -> RowMapping | None:
    """One mail."""
    return connection.execute(select(outbox).where(outbox.c.id == mail_id)).mappings().first()


def newest_of_registration(connection: Connection, registration_id: str) -> RowMapping | None:
    """The newest mail of a registration: what became of it is told on ``/signup/done`` and to staff."""
    query = select(outbox).where(outbox.c.registration_id == registration_id).order_by(outbox.c.id.desc())
    return connection.execute(query.limit(1)).mappings().first()


def was_enqueued(connection: Connection, kind: str, account_id: str, since: datetime) -> bool:
    """Whether the account got (or waits for) a mail of that kind that was written after ``since``."""
    found = exists().where(
        outbox.c.account_id == account_id, outbox.c.kind == kind, outbox.c.enqueued_at > since
    )
    return bool(connection.execute(select(found)).scalar_one())
