"""A long deed that one process at a time may do. Whoever is killed lets go of it at once."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from mypage.store.engine import Database

# The server needs a moment to notice that somebody was killed who held it.
_PAUSE: Final = 0.05
_PAUSES: Final = 40
_TAKE = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_LET_GO = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")


@contextmanager
def alone(database: Database, name: str) -> Iterator[bool]:
    """Whether nobody else does the deed of that name on this database; nobody begins until the end of the block."""
    if database.is_sqlite:
        # Beside the database, like its own -wal: SQLite's locks on the file itself must not be touched.
        with Path(f"{database.url.database}-{name}").open("ab") as file:
            yield _locked(file.fileno())
        return
    with database.reading() as connection:
        taken = _taken(connection, name)
        try:
            yield taken
        finally:
            if taken:
                connection.execute(_LET_GO, {"name": name})


def _taken(connection: Connection, name: str) -> bool:
    """Take the lock, or see after a moment that somebody else keeps it."""
    for pause in (*repeat(_PAUSE, _PAUSES), 0.0):
        if connection.execute(_TAKE, {"name": name}).scalar_one():
            return True
        time.sleep(pause)
    return False


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
