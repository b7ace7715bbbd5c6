"""The calls that staff note: of a customer and a member of staff one is open at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

from mypage.store.schema import support_call


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Open a call, where none is open (``uq_support_call_open``)."""
    connection.execute(insert(support_call).values(**row))


def open_call(connection: Connection, customer_key: str, staff_id: str) -> RowMapping | None:
    """The call that is not ended, None where there is none. It may be over by time."""
    query = select(support_call).where(*_open(customer_key, staff_id))
    return connection.execute(query).mappings().one_or_none()


def change_open(
    connection: Connection, customer_key: str, staff_id: str, call_id: str | None = None, /, **values: Any
) -> bool:
    """Write into the call that is not ended (with ``call_id``, only if it is that one); False where there is none."""
    condition = list(_open(customer_key, staff_id))
    if call_id is not None:
        condition.append(support_call.c.id == call_id)
    return connection.execute(update(support_call).where(*condition).values(**values)).rowcount == 1


def by_id(connection: Connection, customer_key: str, call_id: str) -> RowMapping | None:
    """One call, ended or not."""
    query = select(support_call).where(
        support_call.c.customer_key == customer_key, support_call.c.id == call_id
    )
    return connection.execute(query).mappings().one_or_none()


def remove(connection: Connection, *, used_before: datetime) -> int:
    """Forget calls that nobody asks for any more (the trail keeps them); how many."""
    return connection.execute(delete(support_call).where(support_call.c.used_at < used_before)).rowcount


def _open(customer_key: str, staff_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        support_call.c.customer_key == customer_key,
        support_call.c.staff_id == staff_id,
        support_call.c.ended_at.is_(None),
    )
