"""A charges file, customer by customer, against what is published: sums, who is missing, what changes, samples.

Both stand in the order of the customer numbers, so they are read side by side in flat memory. A correction asks for
the customers that it names; a file of a whole month is held against every customer of the month before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from mypage.domain import batch
from mypage.domain.preview import MISSING_KEPT, Change, Compared, Largest, MonthSum
from mypage.store import month_bills as store
from mypage.store.month_bills import Version
from mypage.store.staging import NOTHING
from mypage.works.load.in_order import InOrder
from mypage.works.load.renumbered import Of, Renumbered
from mypage.works.load.spool import Run
from mypage.works.load.task import Task
from mypage.works.load.tax_sums import TaxSums

# A file with so large a share of the statements of the month before is a whole month, and no correction.
_WHOLE_MONTH: Final = 0.5
_SAMPLES: Final = 3
_NOTHING: Final = NOTHING.encode()
_YES: Final = b"1"
# More ways to pay no operator has; more texts are not remembered.
_METHODS: Final = 1_000


class _Bill(NamedTuple):
    """A statement of the file that will be seen."""

    customer_key: str
    month: int
    number: int
    total: int
    due_on: str


class Comparison:
    """Takes the rows of the file in the order of their numbers, then ends; parts of them can be taken elsewhere."""

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
        self._by_month: dict[bytes, tuple[MonthSum, TaxSums]] = {}
        self._methods: dict[bytes, str] = {}
        self._taxes: defaultdict[int, TaxSums] = defaultdict(TaxSums)
        # Of the month before, sums by tax class are those of its main batch: the index holds no lines.
        self._before = MonthSum(
            taxes={} if main is None else {tax: Decimal(yen) for tax, yen in main["taxes"].items()}
        )
        self._corrects = self._missing = self._both = self._same = 0
        self._first_missing: list[str] = []
        self._largest = Largest()
        self._samples: list[tuple[int, list[object]]] = []
        self._renumbered = Renumbered(
            task, self._against, self._published, every=self._is_whole, seen=_seen, bill=_Bill
        )

    def read(self, lines: Iterable[bytes], start: str = "", until: str | None = None) -> None:
        """Read ready rows once, beside the month before: those of the numbers from ``start`` on and before ``until``."""
        groups = self._beside(self._by_number(lines), start, until)
        for number, bills, versions in self._renumbered.others(groups):
            self._take(number, bills, versions)

    def finish(self) -> None:
        """No more rows come."""
        self._published = self._renumbered.kept
        for key, bills, versions in self._renumbered.customers():
            self._take(key, bills, versions)

    def _beside(
        self, groups: Iterator[tuple[str, list[_Bill]]], start: str, until: str | None
    ) -> Iterator[tuple[str, Sequence[_Bill], Sequence[Version]]]:
        """The numbers of the file, or all, with what the month before has of them."""
        if self._against is None:
            return ((number, bills, ()) for number, bills in groups)
        before = InOrder(self._fetch(self._against))
        if self._is_whole:
            return _side_by_side(groups, before.every(start, until))
        return ((number, bills, before.of(number)) for number, bills in groups)

    def compared(self) -> Compared | None:
        """The whole month against the one before."""
        if not self._is_whole:
            return None
        return Compared(self._both, self._same, self.sums[self._newest].total, self._before.total)

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept with the batch."""
        return {
            "months": self._months_as_json(),
            "against": self._against,
            "before": self._before.as_json() if self._is_whole else None,
            "corrects": self._corrects,
            "missing": self._missing,
            "missing_first": self._first_missing,
            "largest": [list(change) for change in self._largest.in_order()],
            "samples": [sample for _, sample in sorted(self._samples, reverse=True)],
        }

    def told(self) -> dict[str, Any]:
        """What another one takes over by :meth:`absorb` that read the rows before these."""
        return {
            "months": self._months_as_json(),
            "before": replace(self._before, taxes={}).as_json(),
            "counts": [self._corrects, self._missing, self._both, self._same],
            "missing_first": self._first_missing,
            "largest": self._largest.in_order(),
            "samples": self._samples,
            "renumbered": [run.as_json() for run in self._renumbered.runs()],
        }

    def absorb(self, told: Mapping[str, Any]) -> None:
        """Take over what became of the rows behind those that were read here."""
        for month, sums in told["months"].items():
            self._of_month(month.encode())[0].include(MonthSum.of_json(sums))
        self._before.include(MonthSum.of_json(told["before"]))
        corrects, missing, both, same = told["counts"]
        self._corrects += corrects
        self._missing += missing
        self._both += both
        self._same += same
        self._first_missing += told["missing_first"][: MISSING_KEPT - len(self._first_missing)]
        for change in told["largest"]:
            self._largest.add(Change(*change))
        for total, sample in told["samples"]:
            self._take_sample(total, sample)
        self._renumbered.absorb([Run.of(run) for run in told["renumbered"]])

    def _months_as_json(self) -> dict[str, Any]:
        for month, taxes in self._taxes.items():
            self.sums[month].include(MonthSum(taxes=taxes.by_class()))
        self._taxes.clear()
        return {str(month): each.as_json() for month, each in sorted(self.sums.items())}

    def _fetch(self, month: int) -> Any:
        def fetch(number: str, limit: int) -> Sequence[Version]:
            with self._task.database.reading() as connection:
                return store.versions_from(connection, month, number, limit)

        return fetch

    def _by_number(self, lines: Iterable[bytes]) -> Iterator[tuple[str, list[_Bill]]]:
        number, bills = b"", list[_Bill]()
        for line in lines:
            key, month, statement_number, _, withdrawn, hidden, total, _, due_on, method, _, document = (
                line.split(b"\t", 11)
            )
            of = key.partition(b"-")[0] if b"-" in key else key
            if of != number:
                if number:
                    yield number.decode(), bills
                number, bills = of, []
            sums, taxes = self._by_month.get(month) or self._of_month(month)
            if withdrawn != _YES and hidden != _YES:
                yen = int(total)
                sums.add(yen, self._methods.get(method) or self._method(method))
                taxes.add(document)
                bills.append(_Bill(key.decode(), int(month), int(statement_number), yen, due_on.decode()))
        if number:
            yield number.decode(), bills

    def _of_month(self, month: bytes) -> tuple[MonthSum, TaxSums]:
        of = int(month)
        found = self._by_month[month] = self.sums.setdefault(of, MonthSum()), self._taxes[of]
        return found

    def _method(self, method: bytes) -> str:
        found = "" if method == _NOTHING else method.decode().replace("\\\\", "\\")
        if len(self._methods) < _METHODS:
            self._methods[method] = found
        return found

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
            self._take_sample(bill.total, [bill.customer_key, bill.month])

    def _take_sample(self, total: int, sample: list[object]) -> None:
        if len(self._samples) < _SAMPLES:
            self._samples.append((total, sample))
        elif total > self._samples[-1][0]:
            self._samples[-1] = total, sample


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
