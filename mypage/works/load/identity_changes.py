"""Rows of ``identity_change``: what a file changes of who its customers are, staged with the file's own rows."""

import json
from collections.abc import Sequence

from mypage.domain.identity_change import Change
from mypage.store.staging import escaped
from mypage.works.load.ready import Ready
from mypage.works.load.task import Task, line


class Changed:
    """Take what changes, customer by customer in the order of their keys; :meth:`ready` are the rows."""

    def __init__(self, task: Task) -> None:
        self._task, self._ready = task, task.ready("identity")
        task.counts["identity_changes"] = 0

    def add(self, customer_key: str, row: int, changes: Sequence[Change]) -> None:
        """A customer of whom row ``row`` of the file changes something; nothing where it changes nothing."""
        if not changes:
            return
        self._task.counts["identity_changes"] += 1
        told = json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
        self._ready.write(line(customer_key, str(self._task.batch_id), str(row), escaped(told)))

    def ready(self) -> Ready:
        """The rows."""
        return self._ready
