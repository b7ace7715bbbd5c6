"""The bills of one customer as they are seen: by the version rule, month by month, each against the one before.

Sources: specification §4 (ご利用料金, 訂正, difference from the bill before) and "formats", *charges.csv*
(several bills of a month, 取消).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple


class BillVersion(NamedTuple):
    """One stored version of a bill, without its lines. ``month`` is yyyymm, money is whole yen.

    ``customer_key`` is the one under which it was billed: of a customer whose number changed there are several.
    """

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
    customer_key: str = ""


class PaymentVersion(NamedTuple):
    """What one payments.csv says of a bill. ``paid_amount`` is whole yen."""

    month: int
    number: int
    batch_id: int
    state: str
    paid_on: date | None
    paid_amount: int | None
    retry_on: date | None
    customer_key: str = ""


class Bill(NamedTuple):
    """A bill that is seen. ``earlier`` are the published versions that it corrects (訂正), newest first.

    ``payment`` is what the newest published payments.csv says of it, None where none does.
    """

    version: BillVersion
    earlier: tuple[BillVersion, ...]
    payment: PaymentVersion | None = None

    @property
    def payment_state(self) -> str | None:
        """The state shown: a payments.csv wins over any charges file, whenever that is published."""
        return self.version.payment_state if self.payment is None else self.payment.state


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


def seen_bills(
    versions: Iterable[BillVersion], pub_seq: Mapping[int, int], payments: Iterable[PaymentVersion] = ()
) -> list[Bill]:
    """Per customer key, month and number the version whose batch was published last, in the order of the months.

    A version whose holder is not certain is shown to nobody, and neither is what it stands above.
    """
    paid = _seen_payments(payments, pub_seq)
    bills: list[Bill] = []
    for key, same in sorted(_published(versions, pub_seq).items()):
        if len(same) > 1:
            same.sort(key=lambda version: pub_seq[version.batch_id], reverse=True)
        if not same[0].hidden:
            earlier = tuple(version for version in same[1:] if not version.hidden) if len(same) > 1 else ()
            bills.append(Bill(same[0], earlier, paid.get(key)))
    return bills


_Key = tuple[int, int, str]


def _published(versions: Iterable[BillVersion], pub_seq: Mapping[int, int]) -> dict[_Key, list[BillVersion]]:
    """The published versions of each bill together. By hand: it is asked for at each page."""
    groups: dict[_Key, list[BillVersion]] = {}
    for version in versions:
        if version[2] in pub_seq:
            key = (version[0], version[1], version[10])
            if key in groups:
                groups[key].append(version)
            else:
                groups[key] = [version]
    return groups


def _seen_payments(
    payments: Iterable[PaymentVersion], pub_seq: Mapping[int, int]
) -> dict[_Key, PaymentVersion]:
    seen: dict[_Key, PaymentVersion] = {}
    for payment in payments:
        if payment[2] in pub_seq:
            key = (payment[0], payment[1], payment[7])
            if key not in seen or pub_seq[seen[key][2]] < pub_seq[payment[2]]:
                seen[key] = payment
    return seen


def by_month(bills: Iterable[Bill]) -> tuple[MonthOfBills, ...]:
    """The months, newest first; ``bills`` stand in the order of month and number."""
    months: list[MonthOfBills] = []
    before: int | None = None
    for of_month in _together(bills):
        total = comparable = standing = 0
        for version, _, _ in of_month:
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
