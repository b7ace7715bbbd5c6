"""The list of bills as every door shows it: a row a month, and the bars of the chart."""

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import Bill, MonthOfBills, PaymentVersion
from mypage.domain.statement import PaymentState
from mypage.words.filters import filters
from mypage.words.sentences import sentence


class Payment(NamedTuple):
    """How and until when a bill is paid, and whether it is; each may be unknown. ``retry`` is the sentence of a new debit."""

    due_on: date | None
    method: str | None
    state: str | None
    retry: str | None


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


def row(month: MonthOfBills, language: str, today: date) -> Row:
    """The row of a month, as it is told ``today``."""
    number, bills, standing, total, change = month
    shown, path = _place(number)
    is_corrected = any(bill.earlier for bill in bills)
    payments = _payments(bills, language, today)
    return Row(shown, path, total, not standing, is_corrected, len(bills), payments, change)


def _payments(bills: Sequence[Bill], language: str, today: date) -> tuple[Payment, ...]:
    """What differs of the bills that stand, each once."""
    payments = [
        payment(
            bill.version.due_on,
            bill.version.payment_method,
            bill.payment_state,
            retry_on(bill.payment, today),
            language,
        )
        for bill in bills
        if not bill.version.withdrawn
    ]
    return tuple(payments if len(payments) < 2 else dict.fromkeys(payments))


def bars(months: Sequence[MonthOfBills]) -> list[Bar]:
    """The chart's bars, oldest first."""
    return [Bar(month // 100, month % 100, total) for month, _, _, total, _ in reversed(months)]


def payment(
    due_on: date | None, method: str | None, state: str | None, retry: date | None, language: str
) -> Payment:
    """How, until when and whether a bill is paid, in words."""
    word = payment_word(state, language) if state else None
    return Payment(due_on, method, word, retry_sentence(retry, language) if retry else None)


def retry_on(paid: PaymentVersion | None, today: date) -> date | None:
    """The day on which a debit that failed is tried again (再振替日), while it is to come."""
    if paid is None or paid.state != PaymentState.FAILED or paid.retry_on is None or paid.retry_on < today:
        return None
    return paid.retry_on


@lru_cache(maxsize=1024)
def retry_sentence(day: date, language: str) -> str:
    """「{再振替日}に再度お引き落としします」."""
    return sentence("payment_retry_note", language, day=filters(language)["day"](day))


@cache
def payment_word(state: str, language: str) -> str:
    """The state of a payment in words."""
    return sentence(f"payment_{state}", language)


@cache
def _place(month: int) -> tuple[BillingMonth, str]:
    found = BillingMonth.from_int(month)
    return found, f"/statements/{found}"
