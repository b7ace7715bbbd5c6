"""Members of staff: found, listed, locked, written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from mypage.domain.staff import Role, StaffState
from mypage.store.raw import RawQuery
from mypage.store.schema import staff


class Credentials(NamedTuple):
    """What a login is checked against. ``stamp`` is rotated by whatever ends all the person's sessions."""

    staff_id: str
    password_hash: str
    stamp: str
    state: str


# As at the login of subscribers: an id that nobody has is looked at with its neighbour, so that as many rows are read.
_NEAREST = RawQuery(
    """
    SELECT login_key = ?, id, password_hash, stamp, state FROM staff
    WHERE login_key = COALESCE(
        (SELECT login_key FROM staff WHERE login_key >= ? ORDER BY login_key LIMIT 1),
        (SELECT MIN(login_key) FROM staff)
    )
    """
)


def nearest(connection: Connection, login_key: str) -> tuple[bool, Credentials | None]:
    """Of the member with that folded login id (True), else (False) of its neighbour; None where there is nobody."""
    rows = _NEAREST.rows(connection, (login_key, login_key))
    return (bool(rows[0][0]), Credentials(*rows[0][1:])) if rows else (False, None)


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Write a new member of staff."""
    connection.execute(insert(staff).values(**row))


def change(connection: Connection, staff_id: str, /, **values: Any) -> None:
    """Write into a member of staff."""
    connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


def claim_login(connection: Connection, staff_id: str, *, login_id: str, login_key: str) -> bool:
    """Give a member their login id; False, and nothing written, where another one has it."""
    try:
        with connection.begin_nested():
            change(connection, staff_id, login_id=login_id, login_key=login_key)
    except IntegrityError:
        return False
    return True


def replace_password(
    connection: Connection, staff_id: str, *, password_hash: str, was_stamp: str, stamp: str, now: datetime
) -> bool:
    """Set a password and a stamp; False, and nothing done, where the stamp is no longer ``was_stamp``."""
    replaced = update(staff).where(staff.c.id == staff_id, staff.c.stamp == was_stamp)
    values = {"password_hash": password_hash, "password_changed_at": now, "stamp": stamp}
    return connection.execute(replaced.values(**values)).rowcount == 1


def by_id(connection: Connection, staff_id: str) -> RowMapping | None:
    """One member of staff."""
    return connection.execute(select(staff).where(staff.c.id == staff_id)).mappings().one_or_none()


def lock(connection: Connection, staff_id: str) -> RowMapping | None:
    """One member of staff, as they are when all other deeds on them have ended."""
    query = select(staff).where(staff.c.id == staff_id).with_for_update()
    return connection.execute(query).mappings().one_or_none()


def lock_with_admins(connection: Connection, staff_id: str) -> tuple[RowMapping | None, Sequence[RowMapping]]:
    """One member of staff and all administrators: of deeds that could lock the last one out, one goes at a time."""
    wanted = (staff.c.id == staff_id) | (staff.c.role == Role.ADMIN.word)
    query = select(staff).where(wanted).order_by(staff.c.id).with_for_update()
    rows = connection.execute(query).mappings().all()
    admins = [row for row in rows if row["role"] == Role.ADMIN.word]
    return next((row for row in rows if row["id"] == staff_id), None), admins


def all_of_them(connection: Connection) -> Sequence[RowMapping]:
    """Everybody: those at work by name, then the invited, then the suspended."""
    rows = connection.execute(select(staff).order_by(staff.c.name, staff.c.id)).mappings().all()
    order = [StaffState.ACTIVE, StaffState.INVITED, StaffState.SUSPENDED]
    return sorted(rows, key=lambda row: order.index(StaffState(row["state"])))


def admins(connection: Connection) -> Sequence[RowMapping]:
    """All administrators who are not suspended, the invited included."""
    query = select(staff).where(staff.c.role == Role.ADMIN.word, staff.c.state != StaffState.SUSPENDED.value)
    return connection.execute(query.order_by(staff.c.id)).mappings().all()


def at_work(connection: Connection, role: Role) -> Sequence[RowMapping]:
    """Those of a role who can log in."""
    query = select(staff).where(staff.c.role == role.word, staff.c.state == StaffState.ACTIVE.value)
    return connection.execute(query.order_by(staff.c.id)).mappings().all()


def names(connection: Connection, ids: Iterable[str]) -> Mapping[str, str]:
    """The names of members of staff by their ids; whoever is unknown is left out."""
    query = select(staff.c.id, staff.c.name).where(staff.c.id.in_(set(ids)))
    return {row.id: row.name for row in connection.execute(query)}
