"""Queries of the hot pages, past SQLAlchemy: its connection and cursor cost several times what the answer does.

Each query stands alone, outside any transaction, on a connection that is used by nobody else meanwhile. What is kept
is a cursor with its connection, because making another cursor costs a third of a query.
"""

import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from mypage.store.outage import Outage

# A connection that broke says so at once; an error that was waited for is no such one, and comes again.
_AT_ONCE: Final = 1.0


class Reader:
    """Reads only. Connections are opened as many as are asked at once, and kept."""

    def __init__(self, engine: Engine, outage: Outage) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._outage = outage
        self._free: deque[Any] = deque()

    def rows(self, sql: str, parameters: tuple[Any, ...]) -> Sequence[tuple[Any, ...]]:
        """All rows. A connection that broke while it lay idle is replaced once.

        Raises SQLAlchemy's ``OperationalError`` where the database is away, as its own connections do.
        """
        if self._outage.is_on:
            with self._outage.noticed():
                return self._asked(sql, parameters, time.monotonic())
        # The same by hand: this is the way of nearly every question.
        began = time.monotonic()
        try:
            return self._asked(sql, parameters, began)
        except OperationalError as error:
            self._outage.tell(error, began)
            raise

    def close(self) -> None:
        """Close the connections that lie idle."""
        while self._free:
            self._free.pop().connection.close()

    def _asked(self, sql: str, parameters: tuple[Any, ...], began: float) -> Sequence[tuple[Any, ...]]:
        dbapi = self.engine.dialect.loaded_dbapi
        try:
            cursor = self._free.pop()
        except IndexError:
            return self._fresh(sql, parameters)
        try:
            cursor.execute(sql, parameters)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
        except (dbapi.OperationalError, dbapi.InterfaceError) as error:
            cursor.connection.close()
            if time.monotonic() - began >= _AT_ONCE:
                raise _told(sql, error) from error
            return self._fresh(sql, parameters)
        except BaseException:
            cursor.connection.close()
            raise
        self._free.append(cursor)
        return rows

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
            raise _told(sql, error) from error
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


def _told(sql: str, error: BaseException) -> OperationalError:
    # The parameters stay out of it: they are personal.
    return OperationalError(sql, None, error, hide_parameters=True)
