"""Invitations of staff: of a member's only the newest is good."""

from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from mypage.store.schema import staff_invitation


def add(connection: Connection, row: dict[str, Any]) -> int:
    """Write an invitation; its serial, never given again."""
    made = insert(staff_invitation).values(**row).returning(staff_invitation.c.serial)
    return int(connection.execute(made).scalar_one())


def by_serial(connection: Connection, serial: int) -> RowMapping | None:
    """One invitation."""
    query = select(staff_invitation).where(staff_invitation.c.serial == serial)
    return connection.execute(query).mappings().one_or_none()


def newest(connection: Connection, staff_id: str) -> RowMapping | None:
    """A member's newest invitation."""
    query = select(staff_invitation).where(staff_invitation.c.staff_id == staff_id)
    newest_first = query.order_by(staff_invitation.c.serial.desc()).limit(1)
    return connection.execute(newest_first).mappings().one_or_none()


def is_any(connection: Connection, staff_id: str, ended: str) -> bool:
    """Whether one of a member's invitations ended like that."""
    query = select(staff_invitation.c.serial).where(
        staff_invitation.c.staff_id == staff_id, staff_invitation.c.ended == ended
    )
    return connection.execute(query.limit(1)).first() is not None


def change(connection: Connection, serial: int, /, **values: Any) -> None:
    """Write into an invitation."""
    connection.execute(update(staff_invitation).where(staff_invitation.c.serial == serial).values(**values))


def end(connection: Connection, staff_id: str, ended: str) -> None:
    """No invitation of that member opens anything any more."""
    open_ones = (staff_invitation.c.staff_id == staff_id) & staff_invitation.c.ended.is_(None)
    connection.execute(update(staff_invitation).where(open_ones).values(ended=ended))
