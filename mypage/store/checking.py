"""Who checks a batch holds it: so everybody knows whether a batch that is 検査中 still is.

Nothing has to be renewed or compared with a clock. PostgreSQL keeps the hold for a session of its own, from whichever
machine; beside a SQLite database, which lies on one machine, it is a locked file. Both let go of it when the process
is killed.
"""

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from mypage.store.engine import Database

# The first of the two numbers of an advisory lock, the second is the batch's; no other deed takes two numbers.
_CHECKING: Final = 0x43484543
_TAKE = text("SELECT pg_try_advisory_lock(:checking, :batch_id)")
_LET_GO = text("SELECT pg_advisory_unlock(:checking, :batch_id)")
_HELD = text(
    "SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = :checking"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Hold:
    """What one check holds. Made by :func:`holding`."""

    def __init__(self, database: Database, connection: Connection | None) -> None:
        self._database, self._connection = database, connection
        self._files: dict[int, IO[bytes]] = {}
        self._taken: set[int] = set()

    def take(self, batch_id: int) -> bool:
        """Hold a batch too; False where somebody else holds it."""
        if batch_id not in self._taken and self._takes(batch_id):
            self._taken.add(batch_id)
        return batch_id in self._taken

    def let_go(self) -> None:
        """Hold nothing any more."""
        if self._connection is not None:
            _let_go(self._connection, self._taken)
        self._taken.clear()
        while self._files:
            batch_id, file = self._files.popitem()
            # First the name, then the lock: whoever finds the name finds it locked, or takes it.
            if _is_there(file):
                _file(self._database, batch_id).unlink(missing_ok=True)
            file.close()

    def _takes(self, batch_id: int) -> bool:
        if self._connection is not None:
            asked = {"checking": _CHECKING, "batch_id": batch_id}
            return bool(self._connection.execute(_TAKE, asked).scalar_one())
        while True:
            file = _file(self._database, batch_id).open("ab")
            if not _locked(file, fcntl.LOCK_EX):
                file.close()
                return False
            if _is_there(file):
                self._files[batch_id] = file
                return True
            # Whoever held it removed its name between the first two lines.
            file.close()


@contextmanager
def holding(database: Database) -> Iterator[Hold]:
    """Something to hold batches with until the end of the block."""
    if database.is_sqlite:
        hold = Hold(database, None)
        try:
            yield hold
        finally:
            hold.let_go()
        return
    with database.reading() as connection:
        hold = Hold(database, connection)
        try:
            yield hold
        finally:
            hold.let_go()


def held(database: Database, batch_ids: Collection[int]) -> set[int]:
    """Which of these batches somebody holds at this moment."""
    if not batch_ids:
        return set()
    if database.is_sqlite:
        return {batch_id for batch_id in batch_ids if _is_locked(_file(database, batch_id))}
    with database.reading() as connection:
        found = set(connection.execute(_HELD, {"checking": _CHECKING}).scalars())
    return found.intersection(batch_ids)


def _let_go(connection: Connection, batch_ids: Collection[int]) -> None:
    try:
        for batch_id in batch_ids:
            connection.execute(_LET_GO, {"checking": _CHECKING, "batch_id": batch_id})
    except DBAPIError:
        # The session ended before us, and the hold with it.
        with suppress(DBAPIError):
            connection.invalidate()


def _file(database: Database, batch_id: int) -> Path:
    """Beside the database, like its own -wal."""
    return Path(f"{database.url.database}-checking-{batch_id}")


def _locked(file: IO[bytes], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_there(file: IO[bytes]) -> bool:
    return os.fstat(file.fileno()).st_nlink > 0


def _is_locked(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return not _locked(opened, fcntl.LOCK_SH)
    except FileNotFoundError:
        return False
