"""The database: one engine, two openers.

``reading()`` never blocks a writer: a deferred transaction on SQLite, autocommit on PostgreSQL.
``writing()`` takes the write lock at once on SQLite (``BEGIN IMMEDIATE``): a transaction that reads first and
upgrades later lets two people through the same door.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from mypage.store.outage import Outage, is_silence
from mypage.store.reader import Reader

# Earlier releases can lose committed rows when a WAL is reset while another connection checkpoints.
SQLITE_MINIMUM = (3, 51, 3)
POSTGRESQL_MINIMUM = 15
# How long a command waits for SQLite's write lock.
_SQLITE_SECONDS: Final = 10.0
# An error that took so long was no answer.
_IN_VAIN: Final = 1.0


def sqlite_module() -> ModuleType:
    """The sqlite3 module to use: Python's own where its SQLite is new enough, else ``pysqlite3``."""
    if sqlite3.sqlite_version_info >= SQLITE_MINIMUM:
        return sqlite3
    import pysqlite3

    module: ModuleType = pysqlite3
    return module


class Database:
    """One database and its connections. ``url`` is an SQLAlchemy URL (``sqlite:///…`` or ``postgresql+psycopg://…``).

    ``patience``: seconds after which one that does not answer counts as away, for whoever serves people at screens.
    Without it each question takes the time that it takes.
    """

    def __init__(self, url: str, *, pool_size: int = 8, patience: float | None = None) -> None:
        parsed = make_url(url)
        self.url = parsed
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        make = _sqlite_engine if self.is_sqlite else _postgresql_engine
        self.engine = make(url, pool_size, patience)
        in_vain = float("inf") if patience is None else _IN_VAIN
        # Apart: while somebody holds a lock for long, whoever only reads is served.
        self._silence = Outage(in_vain, is_silence if not self.is_sqlite else lambda _: False)
        self._lock = Outage(in_vain)
        self.reader = Reader(self.engine, self._silence)
        self._autocommit = (
            self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    @property
    def name(self) -> str:
        """Which database it is, the same for everyone who opens it; without name and password of whoever does."""
        if self.is_sqlite:
            return str(Path(self.url.database or "").resolve())
        return self.url._replace(username=None, password=None).render_as_string()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reading only; nothing is committed."""
        with self._silence.noticed(), self._autocommit.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, matters: bool = True) -> Iterator[Connection]:
        """One transaction that is committed at the end and rolled back by an exception.

        What does not matter is not even tried while others wait in vain.
        """
        silence, lock = self._silence.noticed(tries=matters), self._lock.noticed(tries=matters)
        with silence, lock, self.engine.connect() as connection:
            connection = connection.execution_options(mypage_writing=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections (before a fork, at the end of a command)."""
        self.reader.close()
        self.engine.dispose()


def _postgresql_engine(url: str, pool_size: int, patience: float | None) -> Engine:
    # Only where it is used: whoever works on SQLite starts sooner without the driver.
    from mypage.store import postgresql

    options = "-c timezone=UTC"
    if patience is not None:
        options += f" -c statement_timeout={int(patience * 1000)}"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        connect_args={
            "connect_timeout": 5 if patience is None else max(int(patience), 2),
            "options": options,
            **postgresql.KEEPALIVE,
        },
        # Timestamps, texts and numbers only: SQLAlchemy's own look-up of hstore is a query for nothing.
        use_native_hstore=False,
    )
    postgresql.replace_those_that_hung_up(engine)
    if patience is not None:
        # A second more than the server's own limit, which ends a slow question and keeps the connection.
        postgresql.connect_impatiently(engine, patience + 1)
    return engine


def _sqlite_engine(url: str, pool_size: int, patience: float | None) -> Engine:
    engine = create_engine(
        url,
        module=sqlite_module(),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=5,
        connect_args={
            "check_same_thread": False,
            "timeout": _SQLITE_SECONDS if patience is None else patience,
        },
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: _begin_sqlite decides which kind it is.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL", "temp_store = MEMORY"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("mypage_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
