"""Sessions of staff: opened, read with who holds them, touched, ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, update

from mypage.store.raw import RawQuery, Source, instant
from mypage.store.schema import staff_session

_CURRENT = RawQuery(
    """
    SELECT s.staff_id, s.stamp, s.created_at, s.touched_at, s.proven_at, s.invitation,
           p.stamp, p.state, p.role, p.name
    FROM staff_session s
    JOIN staff p ON p.id = s.staff_id
    WHERE s.id_hash = ?
    """
)


class StoredSession(NamedTuple):
    """A session as stored, with what its holder is at this moment."""

    staff_id: str
    stamp: str
    created_at: datetime
    touched_at: datetime
    proven_at: datetime | None
    invitation: int | None
    staff_stamp: str
    state: str
    role: str
    name: str


class OpenedSession(NamedTuple):
    """A session as its holder sees it in the list of their own."""

    id_hash: str
    created_at: datetime
    touched_at: datetime
    address: str
    browser: str


def find(source: Source, id_hash: str) -> StoredSession | None:
    """The session of that hashed id, alive or not; None if there is none."""
    rows = _CURRENT.rows(source, (id_hash,))
    if not rows:
        return None
    staff_id, stamp, created_at, touched_at, proven_at, *holder = rows[0]
    return StoredSession(
        staff_id,
        stamp,
        instant(created_at),
        instant(touched_at),
        None if proven_at is None else instant(proven_at),
        *holder,
    )


def add(
    connection: Connection,
    *,
    id_hash: str,
    staff_id: str,
    stamp: str,
    proven_at: datetime | None,
    invitation: int | None,
    now: datetime,
    address: str,
    browser: str,
) -> None:
    """Open a session."""
    connection.execute(
        insert(staff_session).values(
            id_hash=id_hash,
            staff_id=staff_id,
            stamp=stamp,
            created_at=now,
            touched_at=now,
            proven_at=proven_at,
            invitation=invitation,
            address=address,
            browser=browser,
        )
    )


def touch(connection: Connection, id_hash: str, now: datetime) -> None:
    """Keep that the session was used at ``now``."""
    connection.execute(update(staff_session).where(staff_session.c.id_hash == id_hash).values(touched_at=now))


def lock(connection: Connection, id_hash: str) -> bool:
    """Wait for other deeds on a session; whether it is still there."""
    query = select(staff_session.c.id_hash).where(staff_session.c.id_hash == id_hash)
    return connection.execute(query.with_for_update()).first() is not None


def remove(connection: Connection, id_hash: str, staff_id: str | None = None) -> str | None:
    """End a session (of that member only, where one is named); whose it was, None if there was none."""
    ended = delete(staff_session).where(staff_session.c.id_hash == id_hash)
    if staff_id is not None:
        ended = ended.where(staff_session.c.staff_id == staff_id)
    return connection.scalar(ended.returning(staff_session.c.staff_id))


def remove_all(connection: Connection, staff_id: str, *, but: str | None = None) -> int:
    """End all sessions of a member of staff, or all but one; how many there were."""
    ended = delete(staff_session).where(staff_session.c.staff_id == staff_id)
    if but is not None:
        ended = ended.where(staff_session.c.id_hash != but)
    return connection.execute(ended).rowcount


def of_member(connection: Connection, staff_id: str, stamp: str) -> Sequence[OpenedSession]:
    """The whole sessions of a member of staff, the last used first."""
    query = (
        select(
            staff_session.c.id_hash,
            staff_session.c.created_at,
            staff_session.c.touched_at,
            staff_session.c.address,
            staff_session.c.browser,
        )
        .where(
            staff_session.c.staff_id == staff_id,
            staff_session.c.stamp == stamp,
            staff_session.c.proven_at.is_not(None),
        )
        .order_by(staff_session.c.touched_at.desc(), staff_session.c.id_hash)
    )
    return [OpenedSession(*row) for row in connection.execute(query)]


def remove_dead(
    connection: Connection,
    *,
    touched_before: datetime,
    created_before: datetime,
    halfway_before: datetime,
    staff_id: str | None = None,
) -> int:
    """Forget sessions that have ended by time: of one member of staff, or of everybody."""
    over = or_(
        staff_session.c.touched_at < touched_before,
        staff_session.c.created_at < created_before,
        staff_session.c.proven_at.is_(None) & (staff_session.c.created_at < halfway_before),
    )
    ended = delete(staff_session).where(over)
    if staff_id is not None:
        ended = ended.where(staff_session.c.staff_id == staff_id)
    return connection.execute(ended).rowcount
