"""The process itself: ``python -m mypage.works.load.second_half`` reads its orders from stdin and tells how far it is.

It ends with whoever started it: then no more orders come, and nobody takes what it tells.
"""

import gc
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import DBAPIError

from mypage.adapters.reading.records import records_behind
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import Kind
from mypage.domain.columns import Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError
from mypage.store.engine import Database
from mypage.works.load import charges, preview
from mypage.works.load.ready import Ready, Written
from mypage.works.load.report import Report
from mypage.works.load.second import DONE, LEFT_OUT, PREVIEW, READ, READY, SETTLE, SPOOL
from mypage.works.load.settling import Settling
from mypage.works.load.spool import Spool
from mypage.works.load.task import Delivered, LoadRules, Task

_POLITENESS: Final = 10
_LOOKS_UP: Final = 1_000
_Order = Mapping[str, Any]


class _Half:
    """What is ordered is done one after the other; each deed tells of its own rows only."""

    def __init__(self, order: _Order) -> None:
        self._order = order
        self.folder = Path(order["folder"])
        self._database = Database(order["database"])
        pattern = order["pattern"]
        self._rules = LoadRules(
            number_pattern=None if pattern is None else re.compile(pattern),
            tax_rounding=order["tax_rounding"],
        )
        self._told_before = 0
        self._ordered_by = os.getppid()

    def read(self, _order: _Order) -> dict[str, Any]:
        """Read all rows."""
        order = self._order
        task, spool = self._task(READ), Spool(self.folder / SPOOL)
        passed = 0

        def note(done: int) -> None:
            nonlocal passed
            passed = done

        path, codec, offset = Path(order["path"]), order["codec"], order["offset"]
        try:
            with records_behind(path, codec, offset, order["delimiter"], progress=note) as records:
                for row in charges.spool(task, records, order["row"], spool):
                    print(passed, row - order["row"] + 1, flush=True)  # noqa: T201 - to whoever started us
        except Unreadable as error:
            task.report.tell(RowError(error.code, 0, "", "", "", error.facts))
        runs = [run.as_json() for run in spool.runs()]
        self._spool = spool
        return {"runs": runs, **self._found(task)}

    def settle(self, _order: _Order) -> dict[str, Any]:
        """Put all statements together."""
        task = self._task(SETTLE)
        settling = Settling(task, Ready(task.folder / READY, is_part=True))
        settling.take(self._while_wanted(self._spool.in_order()))
        return {**settling.told(), **self._found(task)}

    def preview(self, order: _Order) -> dict[str, Any]:
        """Hold them against the month before."""
        task = self._task(PREVIEW)
        task.counts["by_month"] = dict(order["by_month"])
        rows = Written(self.folder / SETTLE / READY).lines()
        return preview.of_second_half(task, self._while_wanted(rows), order["from"])

    def _while_wanted(self, lines: Iterator[bytes]) -> Iterator[bytes]:
        """The lines, as long as there is somebody who waits for what becomes of them."""
        while several := list(islice(lines, _LOOKS_UP)):
            if os.getppid() != self._ordered_by:
                raise SystemExit(1)
            yield from several

    def _task(self, deed: str) -> Task:
        order = self._order
        folder = self.folder / deed
        folder.mkdir()
        found = plan(order["headings"], Kind.CHARGES)
        assert isinstance(found, Plan)  # noqa: S101 - the first half has the same headings
        delivered: dict[Kind, list[Delivered]] = {}
        for kind, path, months in order["delivered"]:
            delivered.setdefault(Kind(kind), []).append(Delivered(Written(Path(path)), frozenset(months)))
        task = Task(
            database=self._database,
            batch_id=order["batch_id"],
            plan=found,
            folder=folder,
            rules=self._rules,
            fold=partial(fold, pattern=self._rules.number_pattern),
            now=datetime.fromisoformat(order["now"]),
            delivered=delivered,
            left_out=Ready(folder / LEFT_OUT) if order["leaves_out"] and deed != PREVIEW else None,
        )
        task.report = Report(folder / "told", after=self._told_before)
        return task

    def _found(self, task: Task) -> dict[str, Any]:
        self._told_before += task.report.errors + task.report.warnings
        if task.left_out is not None:
            task.left_out.close()
        return {"report": task.report.as_json()}


def main() -> int:
    """Do what is ordered until no more orders come; the exit status is not 0 where something could not be done."""
    # Pages and logins go first. It holds no lock of the database that others could wait for.
    os.nice(_POLITENESS)
    # Nor does it look through what it begins with for what could be thrown away.
    gc.freeze()
    half: _Half | None = None
    try:
        for text in iter(sys.stdin.readline, ""):
            order: _Order = json.loads(text)
            half = half or _Half(order)
            _do(half, order)
    except (OSError, DBAPIError):
        # No room on the disk, no database: who does it in our place says so.
        return 1
    return 0


def _do(half: _Half, order: _Order) -> None:
    deeds: dict[str, Callable[[_Order], dict[str, Any]]] = {
        READ: half.read,
        SETTLE: half.settle,
        PREVIEW: half.preview,
    }
    told = json.dumps(deeds[order["deed"]](order))
    Path(half.folder, f"{order['deed']}.json").write_text(told)
    print(DONE.decode(), flush=True)  # noqa: T201 - to whoever started us


if __name__ == "__main__":
    sys.exit(main())
