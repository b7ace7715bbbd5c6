"""The list of bills as every door shows it: a row a month, and the bars of the chart."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import Bill, MonthOfBills
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


def row(month: MonthOfBills, language: str) -> Row:
    """The row of a month."""
    number, bills, standing, total, change = month
    shown, path = _place(number)
    is_corrected = any(earlier for _, earlier in bills)
    return Row(shown, path, total, not standing, is_corrected, len(bills), _payments(bills, language), change)


def _payments(bills: Sequence[Bill], language: str) -> tuple[Payment, ...]:
    """What differs of the bills that stand, each once."""
    payments = [
        Payment(
            version.due_on,
            version.payment_method,
            payment_word(version.payment_state, language) if version.payment_state else None,
        )
        for version, _ in bills
        if not version.withdrawn
    ]
    return tuple(payments if len(payments) < 2 else dict.fromkeys(payments))


def bars(months: Sequence[MonthOfBills]) -> list[Bar]:
    """The chart's bars, oldest first."""
    return [Bar(month // 100, month % 100, total) for month, _, _, total, _ in reversed(months)]


@cache
def payment_word(state: str, language: str) -> str:
    """The state of a payment in words."""
    return sentence(f"payment_{state}", language)


@cache
def _place(month: int) -> tuple[BillingMonth, str]:
    found = BillingMonth.from_int(month)
    return found, f"/statements/{found}"
