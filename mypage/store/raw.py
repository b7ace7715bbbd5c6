"""Queries of the hot pages, sent to the driver as they are.

A query of SQLAlchemy's costs several times what SQLite needs to answer it; the list page has two. Parameters are
bound; values come as the driver gives them, so each query says itself how its instants and days are read.
"""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection

from mypage.store.reader import Reader
from mypage.store.schema.metadata import instant_of, instant_text

# Inside a transaction its connection is asked, else a reader.
Source = Connection | Reader


class RawQuery:
    """One query, written with ``?`` for its parameters, for both databases."""

    def __init__(self, sql: str) -> None:
        self._sqlite: Final = " ".join(sql.split())
        self._postgresql: Final = self._sqlite.replace("?", "%s")

    def rows(self, source: Source, parameters: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        """All rows. psycopg prepares the statement by itself when it comes again on the same connection."""
        if isinstance(source, Reader):
            return source.rows(self._sqlite if source.is_sqlite else self._postgresql, parameters)
        sql = self._sqlite if source.dialect.name == "sqlite" else self._postgresql
        return source.exec_driver_sql(sql, parameters).cursor.fetchall()


def insert_all(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Write many rows as quickly as the database takes them; values as the driver takes them. Names are ours."""
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        insertion = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
        connection.exec_driver_sql(insertion, [tuple(row) for row in rows])
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def stored_instant(connection: Connection, moment: datetime) -> datetime | str:
    """An instant as the parameter of a query that is sent as it is."""
    return instant_text(moment) if connection.dialect.name == "sqlite" else moment


def instant(value: Any) -> datetime:
    """An instant as either driver gives it."""
    return value if isinstance(value, datetime) else instant_of(value)


@lru_cache(maxsize=1024)
def day(value: Any) -> date | None:
    """A day as either driver gives it. The days on bills are few."""
    return date.fromisoformat(value) if isinstance(value, str) else value
