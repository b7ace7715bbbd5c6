"""The bills of one customer as they are seen: by the version rule, month by month, each against the one before.

Sources: specification §4 (ご利用料金, 訂正, difference from the bill before) and "formats", *charges.csv*
(several bills of a month, 取消).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple


class BillVersion(NamedTuple):
    """One stored version of a bill, without its lines. ``month`` is yyyymm, money is whole yen."""

    month: int
    number: int
    batch_id: int
    withdrawn: bool
    hidden: bool
    total: int
    comparable: int
    due_on: date | None
    payment_method: str | None
    payment_state: str | None


class Bill(NamedTuple):
    """A bill that is seen. ``earlier`` are the published versions that it corrects (訂正), newest first."""

    version: BillVersion
    earlier: tuple[BillVersion, ...]


class MonthOfBills(NamedTuple):
    """All bills of one month.

    ``standing`` is how many of them were not withdrawn; ``total`` is their sum. ``change`` is the difference of
    what is comparable to the last older month shown that has a standing bill; None where there is none.
    """

    month: int
    bills: tuple[Bill, ...]
    standing: int
    total: int
    change: int | None


def seen_bills(versions: Iterable[BillVersion], pub_seq: Mapping[int, int]) -> list[Bill]:
    """Per month and number the version whose batch was published last; ``versions`` stand in that order.

    A version whose holder is not certain is shown to nobody, and neither is what it stands above.
    """
    bills: list[Bill] = []
    for same in _published(versions, pub_seq):
        if len(same) > 1:
            same.sort(key=lambda version: pub_seq[version.batch_id], reverse=True)
        if not same[0].hidden:
            earlier = tuple(version for version in same[1:] if not version.hidden) if len(same) > 1 else ()
            bills.append(Bill(same[0], earlier))
    return bills


def _published(versions: Iterable[BillVersion], pub_seq: Mapping[int, int]) -> list[list[BillVersion]]:
    """The published versions of each bill together. By hand: it is asked for at each page."""
    groups: list[list[BillVersion]] = []
    month = number = 0
    for version in versions:
        if version[2] in pub_seq:
            if version[0] == month and version[1] == number:
                groups[-1].append(version)
            else:
                groups.append([version])
                month, number = version[0], version[1]
    return groups


def by_month(bills: Iterable[Bill]) -> tuple[MonthOfBills, ...]:
    """The months, newest first; ``bills`` stand in the order of month and number."""
    months: list[MonthOfBills] = []
    before: int | None = None
    for of_month in _together(bills):
        total = comparable = standing = 0
        for version, _ in of_month:
            if not version.withdrawn:
                standing += 1
                total += version.total
                comparable += version.comparable
        change = comparable - before if standing and before is not None else None
        months.append(MonthOfBills(of_month[0].version.month, tuple(of_month), standing, total, change))
        if standing:
            before = comparable
    months.reverse()
    return tuple(months)


def _together(bills: Iterable[Bill]) -> list[list[Bill]]:
    groups: list[list[Bill]] = []
    month = 0
    for bill in bills:
        if bill[0][0] == month:
            groups[-1].append(bill)
        else:
            groups.append([bill])
            month = bill[0][0]
    return groups
