"""Queries of the hot pages, past SQLAlchemy: its connection and cursor cost several times what the answer does.

Each query stands alone, outside any transaction, on a connection that is used by nobody else meanwhile. What is kept
is a cursor with its connection, because making another cursor costs a third of a query.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError


class Reader:
    """Reads only. Connections are opened as many as are asked at once, and kept."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._free: deque[Any] = deque()

    def rows(self, sql: str, parameters: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        """All rows. A connection that broke while it lay idle is replaced once.

        Raises SQLAlchemy's ``OperationalError`` where the database is away, as its own connections do.
        """
        dbapi = self.engine.dialect.loaded_dbapi
        try:
            cursor = self._free.pop()
        except IndexError:
            return self._fresh(sql, parameters)
        try:
            cursor.execute(sql, parameters)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        except (dbapi.OperationalError, dbapi.InterfaceError):
            cursor.connection.close()
            return self._fresh(sql, parameters)
        except BaseException:
            cursor.connection.close()
            raise
        self._free.append(cursor)
        return rows

    def close(self) -> None:
        """Close the connections that lie idle."""
        while self._free:
            self._free.pop().connection.close()

    def _fresh(self, sql: str, parameters: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        dbapi = self.engine.dialect.loaded_dbapi
        try:
            connection = self._connect()
            try:
                cursor = connection.cursor()
                cursor.execute(sql, parameters)
                rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            except BaseException:
                connection.close()
                raise
        except dbapi.OperationalError as error:
            # The parameters stay out of it: they are personal.
            raise OperationalError(sql, None, error, hide_parameters=True) from error
        self._free.append(cursor)
        return rows

    def _connect(self) -> Any:
        pooled = self.engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        if not self.is_sqlite:
            assert connection is not None  # noqa: S101 - only a closed one is None
            connection.autocommit = True
        return connection
