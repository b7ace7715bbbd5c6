"""The list of bills as every door shows it: a row a month, newest first, and the bars of the chart."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.words.sentences import sentence


class Payment(NamedTuple):
    """How and until when a bill is paid, and whether it is; each may be unknown."""

    due_on: date | None
    method: str | None
    state: str | None


class Row(NamedTuple):
    """A month. ``change`` is None where there is nothing to compare; ``bill_count`` is the number of its bills."""

    month: BillingMonth
    path: str
    total: int
    is_withdrawn: bool
    is_corrected: bool
    bill_count: int
    payments: tuple[Payment, ...]
    change: int | None


class Bar(NamedTuple):
    """A month of the chart."""

    year: int
    month: int
    amount: int


def rows(months: Iterable[MonthOfBills], language: str) -> list[Row]:
    """The rows in the order of ``months``."""
    shown = []
    for each in months:
        payments: dict[Payment, None] = {}
        is_corrected = False
        for version, earlier in each.bills:
            if earlier:
                is_corrected = True
            if not version.withdrawn:
                state = version.payment_state
                word = payment_word(state, language) if state else None
                payments[Payment(version.due_on, version.payment_method, word)] = None
        month, path = _place(each.month)
        shown.append(
            Row(
                month,
                path,
                each.total,
                not each.standing,
                is_corrected,
                len(each.bills),
                tuple(payments),
                each.change,
            )
        )
    return shown


def bars(shown: Sequence[Row]) -> list[Bar]:
    """The chart's bars, oldest first."""
    return [Bar(row.month.year, row.month.month, row.total) for row in reversed(shown)]


@cache
def payment_word(state: str, language: str) -> str:
    """The state of a payment in words."""
    return sentence(f"payment_{state}", language)


@cache
def _place(month: int) -> tuple[BillingMonth, str]:
    found = BillingMonth.from_int(month)
    return found, f"/statements/{found}"
