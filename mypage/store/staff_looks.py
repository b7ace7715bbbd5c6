"""How much of the customers each member of staff looked at on a day."""

from datetime import date

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.domain.staff import Role, StaffState
from mypage.store.raw import RawQuery
from mypage.store.schema import staff, staff_look, staff_look_count

_COUNT = RawQuery(
    """
    INSERT INTO staff_look_count (staff_id, day, kind, times) VALUES (?, ?, ?, 1)
    ON CONFLICT (staff_id, day, kind) DO UPDATE SET times = staff_look_count.times + 1
    RETURNING times
    """
)


def count(connection: Connection, staff_id: str, day: date, kind: str) -> int:
    """One more of a kind; how many there are now."""
    ((times,),) = _COUNT.rows(connection, (staff_id, day.isoformat(), kind))
    return int(times)


def open_first(connection: Connection, staff_id: str, day: date, customer_key: str) -> bool:
    """Whether somebody opens a customer for the first time on that day."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    first = dialect.insert(staff_look).values(customer_key=customer_key, staff_id=staff_id, day=day)
    alone = first.on_conflict_do_nothing().returning(staff_look.c.staff_id)
    return connection.execute(alone).first() is not None


def told_first(connection: Connection, staff_id: str, day: date) -> bool:
    """Whether nobody was told of them on that day yet; from now on somebody was."""
    return count(connection, staff_id, day, "told") == 1


def who_is_told(connection: Connection) -> list[tuple[str, str]]:
    """Id and address of each auditor who is at work; of the admins where there is none."""
    for role in (Role.AUDITOR, Role.ADMIN):
        at_work = staff.c.role == role.word, staff.c.state == StaffState.ACTIVE.value
        found = connection.execute(select(staff.c.id, staff.c.email).where(*at_work).order_by(staff.c.id))
        if people := [(row.id, row.email) for row in found]:
            return people
    return []


def name_of(connection: Connection, staff_id: str) -> str:
    """What a member of staff is called."""
    name: str = connection.execute(select(staff.c.name).where(staff.c.id == staff_id)).scalar_one()
    return name


def remove(connection: Connection, *, before: date) -> int:
    """Forget days on which nobody looks any more."""
    removed = connection.execute(delete(staff_look).where(staff_look.c.day < before)).rowcount
    return (
        removed + connection.execute(delete(staff_look_count).where(staff_look_count.c.day < before)).rowcount
    )
