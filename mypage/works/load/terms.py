"""The terms under which staff find the customers of a file: sorted, because an index is filled in order many times faster."""

from collections.abc import Iterable

from mypage.domain import search_terms
from mypage.store.staging import escaped
from mypage.works.load.ready import Ready
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task


class Terms:
    """Add the terms of each row that is written, then take them in order."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._spool = Spool(task.folder / "terms")
        self._batch = f"\t{task.batch_id}\n"

    def add(self, key: str, terms: Iterable[str]) -> None:
        """What the customer of that key is found by (uncut)."""
        end, add = f"\t{key}{self._batch}", self._spool.add
        for term in search_terms.cut(terms):
            add((escaped(term) + end).encode())

    def ready(self) -> Ready:
        """All terms, ready to be staged."""
        ready = self._task.ready("ready-terms")
        for line in self._spool.in_order():
            ready.write(line)
        self._spool.remove()
        return ready
