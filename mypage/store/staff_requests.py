"""What members of staff ask of one another: of a kind and subject one request waits at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.domain.approval import RequestState
from mypage.store.schema import staff_request
from mypage.store.schema.support import IS_WAITING

_WAITS = staff_request.c.state == RequestState.WAITING.value


def add(connection: Connection, row: dict[str, Any]) -> bool:
    """Write a request; False, and nothing written, where one like it waits (``uq_staff_request_waiting``)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(staff_request).values(**row)
    alone = wanted.on_conflict_do_nothing(index_elements=["kind", "subject"], index_where=IS_WAITING)
    return connection.execute(alone.returning(staff_request.c.id)).first() is not None


def lock(connection: Connection, request_id: str) -> RowMapping | None:
    """One request, as it is when all other deeds on it have ended. SQLite's write lock does that already."""
    query = select(staff_request).where(staff_request.c.id == request_id).with_for_update()
    return connection.execute(query).mappings().one_or_none()


def by_id(connection: Connection, request_id: str) -> RowMapping | None:
    """One request."""
    query = select(staff_request).where(staff_request.c.id == request_id)
    return connection.execute(query).mappings().one_or_none()


def waiting_like(connection: Connection, kind: str, subject: str) -> RowMapping | None:
    """The request of that kind and subject that waits."""
    query = select(staff_request).where(
        staff_request.c.kind == kind, staff_request.c.subject == subject, _WAITS
    )
    return connection.execute(query).mappings().one_or_none()


def settle(connection: Connection, request_id: str, **values: Any) -> bool:
    """Write what became of a request that waits; False where that was written before."""
    changed = update(staff_request).where(staff_request.c.id == request_id, _WAITS).values(**values)
    return connection.execute(changed).rowcount == 1


def withdraw_all(
    connection: Connection, asked_by: str, *, decided_by: str, now: datetime
) -> Sequence[RowMapping]:
    """End all requests of an asker that wait; which they were."""
    theirs = update(staff_request).where(staff_request.c.asked_by == asked_by, _WAITS)
    values = {"state": RequestState.WITHDRAWN.value, "decided_by": decided_by, "decided_at": now}
    return connection.execute(theirs.values(**values).returning(*staff_request.c)).mappings().all()


def expire(connection: Connection, now: datetime) -> int:
    """End the requests whose time is over; how many."""
    over = update(staff_request).where(_WAITS, staff_request.c.expires_at <= now)
    ended = over.values(state=RequestState.EXPIRED.value, decided_at=staff_request.c.expires_at)
    return connection.execute(ended).rowcount


def waiting(connection: Connection, now: datetime) -> Sequence[RowMapping]:
    """The requests that wait at ``now``, the oldest first."""
    query = select(staff_request).where(_WAITS, staff_request.c.expires_at > now)
    return connection.execute(query.order_by(staff_request.c.asked_at, staff_request.c.id)).mappings().all()


def count_waiting(connection: Connection, now: datetime) -> int:
    """How many requests wait."""
    query = select(func.count()).where(_WAITS, staff_request.c.expires_at > now)
    return int(connection.execute(query).scalar_one())


def of_customer(connection: Connection, customer_key: str, now: datetime) -> Sequence[RowMapping]:
    """The requests about a customer that wait."""
    query = select(staff_request).where(
        staff_request.c.customer_key == customer_key, _WAITS, staff_request.c.expires_at > now
    )
    return connection.execute(query.order_by(staff_request.c.asked_at)).mappings().all()


def answered(connection: Connection, staff_id: str, since: datetime, now: datetime) -> Sequence[RowMapping]:
    """What became of the requests that somebody asked since then, the newest first; without those that wait."""
    query = select(staff_request).where(
        staff_request.c.asked_by == staff_id,
        staff_request.c.asked_at > since,
        ~(_WAITS & (staff_request.c.expires_at > now)),
    )
    newest = query.order_by(staff_request.c.asked_at.desc(), staff_request.c.id)
    return connection.execute(newest).mappings().all()


def mark_seen(connection: Connection, request_ids: Sequence[str], staff_id: str, now: datetime) -> None:
    """The asker has seen what became of these."""
    connection.execute(
        update(staff_request)
        .where(
            staff_request.c.id.in_(request_ids),
            staff_request.c.asked_by == staff_id,
            staff_request.c.seen_at.is_(None),
        )
        .values(seen_at=now)
    )


def remove(connection: Connection, *, asked_before: datetime) -> int:
    """Forget requests that are long settled, with what was personal in them (the trail keeps what was done)."""
    settled = delete(staff_request).where(staff_request.c.asked_at < asked_before, ~_WAITS)
    return connection.execute(settled).rowcount
