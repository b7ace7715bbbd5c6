"""The terms under which staff find the customers of a file: sorted, because an index is filled in order many times faster."""

from collections.abc import Sequence

from mypage.domain import search_terms
from mypage.domain.search_terms import LONGEST
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

    def add(self, key: str, terms: Sequence[str]) -> None:
        """What the customer of that key is found by (uncut)."""
        end = f"\t{key}{self._batch}"
        lines = end.join(terms)
        if "\\" in lines or max(map(len, terms), default=0) > LONGEST or len(set(terms)) < len(terms):
            lines = end.join([escaped(term) for term in search_terms.cut(terms)])
        if terms:
            # No term holds white space of any kind.
            self._spool.add_all((lines + end).encode().splitlines(keepends=True))

    def ready(self) -> Ready:
        """All terms, ready to be staged."""
        ready = self._task.ready("ready-terms")
        ready.extend(self._spool.in_order())
        self._spool.remove()
        return ready
