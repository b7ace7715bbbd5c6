"""What the request numbers on our calm pages stand for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import fault


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write them down; one that stands there already stays."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(fault).on_conflict_do_nothing(), list(rows))


def by_number(connection: Connection, request_number: str) -> RowMapping | None:
    """The one of that number."""
    query = select(fault).where(fault.c.request_number == request_number)
    return connection.execute(query).mappings().one_or_none()


def count_since(connection: Connection, since: datetime) -> int:
    """How many there were."""
    count: int = connection.execute(
        select(func.count()).select_from(fault).where(fault.c.at >= since)
    ).scalar_one()
    return count


def latest(connection: Connection, *, limit: int, offset: int) -> list[RowMapping]:
    """The newest first."""
    query = select(fault).order_by(fault.c.at.desc(), fault.c.request_number)
    return list(connection.execute(query.limit(limit).offset(offset)).mappings())


def remove(connection: Connection, *, before: datetime) -> int:
    """Forget what nobody asks for any more."""
    return connection.execute(delete(fault).where(fault.c.at < before)).rowcount
