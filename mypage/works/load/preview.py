"""The preview of a charges file: its ready rows, customer by customer, against what is published.

Both stand in the order of the customer numbers, so they are read side by side in flat memory. A correction asks for
the customers that it names; a file of a whole month is held against every customer of the month before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple

from mypage.domain import batch
from mypage.domain.billing_month import BillingMonth
from mypage.domain.preview import MISSING_KEPT, Change, Compared, Largest, MonthSum, doubts
from mypage.domain.row_error import RowError
from mypage.store import month_bills as store
from mypage.store.month_bills import Version
from mypage.store.staging import NOTHING
from mypage.words.filters import TOKYO
from mypage.works.load.in_order import InOrder
from mypage.works.load.ready import Ready
from mypage.works.load.renumbered import Of, Renumbered
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task
from mypage.works.load.tax_sums import TaxSums

# A file with so large a share of the statements of the month before is a whole month, and no correction.
_WHOLE_MONTH: Final = 0.5
_SAMPLES: Final = 3
_NOTHING: Final = NOTHING.encode()
_YES: Final = b"1"


class _Bill(NamedTuple):
    """A statement of the file that will be seen."""

    customer_key: str
    month: int
    number: int
    total: int
    due_on: str


def of_charges(task: Task, ready: Ready) -> dict[str, Any]:
    """What is told before publishing; doubts about the file as a whole go into the report as warnings."""
    with task.database.reading() as connection:
        published = store.sums_published(connection)
    preview = _Preview(task, published)
    preview.read(ready)
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


class _Preview:
    def __init__(self, task: Task, published: Mapping[int, Mapping[str, Any]]) -> None:
        self._task = task
        in_file: dict[int, int] = task.counts["by_month"]
        self._newest = max(in_file, default=0)
        self._against = max((month for month in published if month < self._newest), default=None)
        main = None if self._against is None else published[self._against]
        self._is_whole = main is not None and in_file[self._newest] >= _WHOLE_MONTH * main["statements"]
        self._published: Mapping[int, Of] = {
            month: InOrder(self._fetch(month)) for month in in_file.keys() & published.keys()
        }
        self.sums: dict[int, MonthSum] = {}
        self._taxes: defaultdict[int, TaxSums] = defaultdict(TaxSums)
        # Of the month before, sums by tax class are those of its main batch: the index holds no lines.
        self._before = MonthSum(
            taxes={} if main is None else {tax: Decimal(yen) for tax, yen in main["taxes"].items()}
        )
        self._corrects = self._missing = self._both = self._same = 0
        self._first_missing: list[str] = []
        self._largest = Largest()
        self._samples: list[tuple[int, list[object]]] = []

    def read(self, ready: Ready) -> None:
        """Read the rows once, beside the month before."""
        renumbered = Renumbered(
            self._task, self._against, self._published, every=self._is_whole, seen=_seen, bill=_Bill
        )
        for number, bills, versions in renumbered.others(self._beside(self._by_number(ready))):
            self._take(number, bills, versions)
        self._published = renumbered.kept
        for key, bills, versions in renumbered.customers():
            self._take(key, bills, versions)

    def _beside(
        self, groups: Iterator[tuple[str, list[_Bill]]]
    ) -> Iterator[tuple[str, Sequence[_Bill], Sequence[Version]]]:
        """The numbers of the file, or all, with what the month before has of them."""
        if self._against is None:
            return ((number, bills, ()) for number, bills in groups)
        before = InOrder(self._fetch(self._against))
        if self._is_whole:
            return _side_by_side(groups, before.every())
        return ((number, bills, before.of(number)) for number, bills in groups)

    def compared(self) -> Compared | None:
        """The whole month against the one before."""
        if not self._is_whole:
            return None
        return Compared(self._both, self._same, self.sums[self._newest].total, self._before.total)

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept with the batch."""
        for month, taxes in self._taxes.items():
            self.sums[month].taxes = taxes.by_class()
        return {
            "months": {str(month): each.as_json() for month, each in sorted(self.sums.items())},
            "against": self._against,
            "before": self._before.as_json() if self._is_whole else None,
            "corrects": self._corrects,
            "missing": self._missing,
            "missing_first": self._first_missing,
            "largest": [list(change) for change in self._largest.in_order()],
            "samples": [sample for _, sample in sorted(self._samples, reverse=True)],
        }

    def _fetch(self, month: int) -> Any:
        def fetch(number: str, limit: int) -> Sequence[Version]:
            with self._task.database.reading() as connection:
                return store.versions_from(connection, month, number, limit)

        return fetch

    def _by_number(self, ready: Ready) -> Iterator[tuple[str, list[_Bill]]]:
        for number, rows in groupby(map(self._row, _lines(self._task, ready)), key=itemgetter(0)):
            yield number.decode(), [bill for _, bill in rows if bill is not None]

    def _row(self, line: bytes) -> tuple[bytes, _Bill | None]:
        """The number of a line, and its bill if that will be seen; it is counted."""
        key, month, number, _, withdrawn, hidden, total, _, due_on, method, _, document = line.split(
            b"\t", 11
        )
        sums, taxes = self._of_month(int(month))
        bill = None
        if withdrawn != _YES and hidden != _YES:
            sums.add(int(total), "" if method == _NOTHING else method.decode().replace("\\\\", "\\"))
            taxes.add(document)
            bill = _Bill(key.decode(), int(month), int(number), int(total), due_on.decode())
        return key.partition(b"-")[0], bill

    def _of_month(self, month: int) -> tuple[MonthSum, TaxSums]:
        return self.sums.setdefault(month, MonthSum()), self._taxes[month]

    def _take(self, number: str, bills: Sequence[_Bill], versions: Sequence[Version]) -> None:
        """What the file and the month before have of one customer number."""
        if len(bills) == 1 and len(versions) <= 1 and not self._published:
            self._take_one(bills[0], versions)
            return
        before = _by_key((each.customer_key, each.total) for each in _seen(versions))
        for version in _seen(versions) if self._is_whole else ():
            self._before.add(version.total, version.payment_method or "")
        self._before.customers += len(before)
        now = _by_key((each.customer_key, each.total) for each in bills if each.month == self._newest)
        for month in {each.month for each in bills}:
            self.sums[month].customers += len({each.customer_key for each in bills if each.month == month})
        corrected = self._take_corrections(number, bills)
        for key, total in now.items():
            if key in before:
                self._both += 1
                self._same += total == before[key]
                if key not in corrected:
                    self._largest.add(Change(key, self._newest, before[key], total))
        if self._is_whole:
            for key in before.keys() - now.keys():
                self._note_missing(key)
        self._take_samples(bills)

    def _take_one(self, bill: _Bill, versions: Sequence[Version]) -> None:
        """The same where there is one bill now and at most one before, of months of which nothing is published."""
        self.sums[bill.month].customers += 1
        for version in versions:
            if version.hidden or version.withdrawn:
                continue
            self._before.customers += 1
            if self._is_whole:
                self._before.add(version.total, version.payment_method or "")
            if version.customer_key == bill.customer_key and bill.month == self._newest:
                self._both += 1
                if version.total == bill.total:
                    self._same += 1
                else:
                    self._largest.add(Change(bill.customer_key, bill.month, version.total, bill.total))
            elif self._is_whole:
                self._note_missing(version.customer_key)
        self._take_samples((bill,))

    def _note_missing(self, key: str) -> None:
        self._missing += 1
        if len(self._first_missing) < MISSING_KEPT:
            self._first_missing.append(key)

    def _take_corrections(self, number: str, bills: Sequence[_Bill]) -> set[str]:
        """Bills that are seen already, in another form; the customers who have some in the newest month."""
        corrected: set[str] = set()
        for month in sorted({each.month for each in bills} & self._published.keys()):
            seen = {
                (each.customer_key, each.number): each for each in _seen(self._published[month].of(number))
            }
            for bill in bills:
                version = seen.get((bill.customer_key, bill.number)) if bill.month == month else None
                if version is not None:
                    self._corrects += 1
                    self._largest.add(Change(bill.customer_key, month, version.total, bill.total))
                    corrected.add(bill.customer_key)
        return corrected

    def _take_samples(self, bills: Sequence[_Bill]) -> None:
        """Keep the first two statements and the largest one."""
        for bill in bills:
            sample: tuple[int, list[object]] = (bill.total, [bill.customer_key, bill.month])
            if len(self._samples) < _SAMPLES:
                self._samples.append(sample)
            elif bill.total > self._samples[-1][0]:
                self._samples[-1] = sample


def _lines(task: Task, ready: Ready) -> Iterator[bytes]:
    """The ready rows in the order of their numbers."""
    if task.is_in_order:
        return ready.lines()
    spool = Spool(task.folder / "preview")
    for line in ready.lines():
        spool.add(line)
    return spool.in_order()


def _seen(versions: Iterable[Version]) -> Iterator[Version]:
    """Of each bill the version that its customer sees, if any."""
    for _, group in groupby(versions, key=lambda row: (row.customer_key, row.number)):
        several = list(group)
        seen = batch.seen(several, {row.batch_id: row.pub_seq for row in several})
        if seen is not None and not seen.hidden and not seen.withdrawn:
            yield seen


def _by_key(totals: Iterable[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, total in totals:
        sums[key] = sums.get(key, 0) + total
    return sums


def _side_by_side(
    file: Iterator[tuple[str, list[_Bill]]], month: Iterator[tuple[str, Sequence[Version]]]
) -> Iterator[tuple[str, Sequence[_Bill], Sequence[Version]]]:
    """All numbers of the file and of the month in order, with what each has of them."""
    ours, theirs = next(file, None), next(month, None)
    while ours is not None or theirs is not None:
        number = min(each[0] for each in (ours, theirs) if each is not None)
        bills: Sequence[_Bill] = ()
        versions: Sequence[Version] = ()
        if ours is not None and ours[0] == number:
            bills, ours = ours[1], next(file, None)
        if theirs is not None and theirs[0] == number:
            versions, theirs = theirs[1], next(month, None)
        yield number, bills, versions
