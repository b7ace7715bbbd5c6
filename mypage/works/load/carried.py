"""An absent column never erases: what a correction's file has no column for stays as it is seen.

Only where a file lacks such a column, and only for months that are published already, the version that is seen
is asked for, many statements at a time.
"""

from typing import Final

from mypage.domain import batch
from mypage.store import standing
from mypage.store.staging import NOTHING, escaped
from mypage.works.load.ready import Ready
from mypage.works.load.task import Task

_AT_ONCE: Final = 500
# The columns that may be missing, and their places in a line of the table.
_COLUMNS: Final = (("due_on", 8), ("payment_method", 9), ("payment_state", 10))
_DOCUMENT: Final = 11
_NOTHING: Final = NOTHING.encode()


class Carried:
    """Takes the lines of statements in order, and writes them with what they carry over."""

    def __init__(self, task: Task, ready: Ready) -> None:
        self._database, self._ready = task.database, ready
        self._absent = [(name, place) for name, place in _COLUMNS if name not in task.plan.places]
        self._months: set[bytes] = set()
        if self._absent:
            with task.database.reading() as connection:
                self._months = {str(month).encode() for month in standing.months(connection)}
        self._waiting: list[list[bytes]] = []

    def write(self, month: bytes, line: bytes) -> None:
        """Take a line of ``statement`` with its line feed."""
        if month not in self._months:
            if self._waiting:
                self.flush()
            self._ready.write(line)
            return
        self._waiting.append(line.split(b"\t", _DOCUMENT))
        if len(self._waiting) == _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        keys = [(line[0].decode(), int(line[1]), int(line[2])) for line in self._waiting]
        with self._database.reading() as connection:
            found = standing.versions(connection, keys)
        by_key: dict[standing.Key, list[standing.Version]] = {}
        for version in found:
            by_key.setdefault((version.customer_key, version.billing_month, version.number), []).append(
                version
            )
        for key, line in zip(keys, self._waiting, strict=True):
            several = by_key.get(key, [])
            seen = batch.seen(several, {version.batch_id: version.pub_seq for version in several})
            if seen is not None:
                self._carry(line, seen)
            self._ready.write(b"\t".join(line))
        self._waiting = []

    def _carry(self, line: list[bytes], seen: standing.Version) -> None:
        for name, place in self._absent:
            value = getattr(seen, name)
            line[place] = _NOTHING if value is None else escaped(str(value)).encode()
