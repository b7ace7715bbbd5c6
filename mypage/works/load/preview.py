"""The preview of a charges file: its ready rows against what is published, in one process or in two."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from mypage.domain.billing_month import BillingMonth
from mypage.domain.preview import doubts
from mypage.domain.row_error import RowError
from mypage.store import month_bills as store
from mypage.words.filters import TOKYO
from mypage.works.load.compared import Comparison
from mypage.works.load.ready import Ready
from mypage.works.load.second import Second
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task


def of_charges(task: Task, ready: Ready, second: Second | None = None) -> dict[str, Any]:
    """What is told before publishing; doubts about the file as a whole go into the report as warnings.

    ``second`` may be at it with the rows from a number on.
    """
    with task.database.reading() as connection:
        published = store.sums_published(connection)
    preview = Comparison(task, published)
    if second is None or not second.previews:
        preview.read(_lines(task, ready))
    else:
        preview.read(islice(ready.lines(), second.rows_before), until=second.from_number)
        told = second.previewed()
        if told is None:
            preview.read(second.ready.lines(), start=second.from_number)
        else:
            preview.absorb(told)
    preview.finish()
    today = task.now.astimezone(TOKYO)
    found = doubts(
        {month: each.statements for month, each in preview.sums.items()},
        newest_published=max(published, default=None),
        this_month=BillingMonth(today.year, today.month),
        shown=task.rules.months_shown,
        compared=preview.compared(),
        largest_share=task.rules.largest_share_total_differs,
    )
    for doubt in found:
        task.report.tell(RowError(doubt.code, 0, "", "", "", doubt.facts, warning=True))
    return preview.as_json()


def of_second_half(task: Task, lines: Iterator[bytes], start: str) -> dict[str, Any]:
    """What the one takes over that looks at the rows before the number ``start``."""
    with task.database.reading() as connection:
        published = store.sums_published(connection)
    preview = Comparison(task, published)
    preview.read(lines, start=start)
    return preview.told()


def _lines(task: Task, ready: Ready) -> Iterator[bytes]:
    """The ready rows in the order of their numbers."""
    if task.is_in_order:
        return ready.lines()
    spool = Spool(task.folder / "preview")
    for line in ready.lines():
        spool.add(line)
    return spool.in_order()
