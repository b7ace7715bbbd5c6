"""A long deed that one process at a time may do. Whoever is killed lets go of it at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from mypage.store.engine import Database

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
        taken = bool(connection.execute(_TAKE, {"name": name}).scalar_one())
        try:
            yield taken
        finally:
            if taken:
                connection.execute(_LET_GO, {"name": name})


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
