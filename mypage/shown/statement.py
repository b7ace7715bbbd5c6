"""The bills of one month as every door shows them: lines by service, tax per rate, what was corrected, what changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from mypage.domain.bill_changes import LineChange, changes
from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import Bill, PaymentVersion
from mypage.domain.statement import (
    RATED,
    AmountBasis,
    LineItem,
    LineKind,
    PaymentState,
    Statement,
    TaxClass,
)
from mypage.services.statements import BillOfMonth, MonthShown
from mypage.shown.statement_list import payment_word, retry_on, retry_sentence
from mypage.words.filters import filters
from mypage.words.sentences import sentence

_DEBITS = ("振替", "クレジット", "引落", "引き落とし")
_NOTED = (PaymentState.UNCONFIRMED, PaymentState.FAILED, PaymentState.PARTLY_PAID)


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of one service; ``service`` may be empty."""

    service: str
    lines: tuple[LineItem, ...]
    total: Decimal


@dataclass(frozen=True, slots=True)
class Tax:
    """A tax class with the sum of its lines; ``tax`` in yen where the class has a rate."""

    words: str
    base: Decimal
    tax: int | None


@dataclass(frozen=True, slots=True)
class Correction:
    """訂正: what the bill said before (None: it was withdrawn), and until when it was published so."""

    amount: int | None
    corrected_at: datetime


@dataclass(frozen=True, slots=True)
class ShownBill:
    """One bill. ``is_taxed_inside``: its amounts contain the tax."""

    number: int
    is_withdrawn: bool
    total: int
    total_words: str | None
    groups: tuple[Group, ...]
    passed_through: tuple[LineItem, ...]
    passed_through_total: Decimal
    taxes: tuple[Tax, ...]
    is_taxed_inside: bool
    has_reduced: bool
    due_on: date | None
    method: str | None
    state: str | None
    state_note: str | None
    is_refunded: bool
    corrections: tuple[Correction, ...]


@dataclass(frozen=True, slots=True)
class ShownMonth:
    """The bills of a month with their sum, and against the bill before."""

    month: BillingMonth
    bills: tuple[ShownBill, ...]
    standing: int
    total: int
    change: int | None
    changes: tuple[LineChange, ...]
    older: BillingMonth | None
    newer: BillingMonth | None


def month(
    shown: MonthShown,
    *,
    published_at: Mapping[int, datetime],
    result_days: int,
    today: date,
    language: str,
) -> ShownMonth:
    """Present a month. ``published_at`` tells when each batch was published; ``result_days`` is told to who waits."""
    return ShownMonth(
        month=BillingMonth.from_int(shown.month.month),
        bills=tuple(_bill(each, published_at, result_days, today, language) for each in shown.bills),
        standing=shown.month.standing,
        total=shown.month.total,
        change=shown.month.change,
        changes=changes(_lines(shown.bills), _lines(shown.before)) if shown.month.change is not None else (),
        older=None if shown.older is None else BillingMonth.from_int(shown.older),
        newer=None if shown.newer is None else BillingMonth.from_int(shown.newer),
    )


def _lines(bills: Iterable[BillOfMonth]) -> list[LineItem]:
    return [line for each in bills if not each.bill.version.withdrawn for line in each.statement.lines]


def _bill(
    each: BillOfMonth, published_at: Mapping[int, datetime], result_days: int, today: date, language: str
) -> ShownBill:
    version, statement = each.bill.version, each.statement
    own = [line for line in statement.lines if line.tax_class is not TaxClass.PASS_THROUGH]
    passed = tuple(line for line in statement.lines if line.tax_class is TaxClass.PASS_THROUGH)
    state = each.bill.payment_state
    return ShownBill(
        number=version.number,
        is_withdrawn=version.withdrawn,
        total=version.total,
        total_words=_total_words(version.total, language),
        groups=_groups(own),
        passed_through=passed,
        passed_through_total=_sum(passed),
        taxes=_taxes(statement, own, language),
        is_taxed_inside=statement.basis is AmountBasis.TAX_INCLUDED
        and not any(line.kind is LineKind.TAX for line in own),
        has_reduced=any(line.tax_class is TaxClass.REDUCED for line in own),
        due_on=version.due_on,
        method=version.payment_method,
        state=payment_word(state, language) if state else None,
        state_note=_note(each.bill, result_days, today, language),
        is_refunded=state == PaymentState.REFUNDED,
        corrections=_corrections(each.bill, published_at),
    )


def _total_words(total: int, language: str) -> str | None:
    if total > 0:
        return None
    return sentence("total_zero" if total == 0 else "total_refund", language)


def _groups(lines: Iterable[LineItem]) -> tuple[Group, ...]:
    by_service: dict[str, list[LineItem]] = {}
    for line in lines:
        by_service.setdefault(line.service, []).append(line)
    return tuple(Group(service, tuple(group), _sum(group)) for service, group in by_service.items())


def _sum(lines: Iterable[LineItem]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def _taxes(statement: Statement, own: Iterable[LineItem], language: str) -> tuple[Tax, ...]:
    """The rates as the statement tells them, then the sums of what is not taxed."""
    rated = [
        Tax(sentence(f"tax_{rate.tax_class.value}", language), rate.base, rate.tax)
        for rate in statement.taxes
    ]
    untaxed: dict[TaxClass, Decimal] = {}
    for line in own:
        if line.tax_class not in RATED and line.kind is not LineKind.TAX:
            untaxed[line.tax_class] = untaxed.get(line.tax_class, Decimal(0)) + line.amount
    others = [Tax(sentence(f"tax_{each.value}", language), base, None) for each, base in untaxed.items()]
    return (*rated, *others)


def _note(bill: Bill, result_days: int, today: date, language: str) -> str | None:
    """What follows for the subscriber from the state of the payment."""
    state, method, paid = bill.payment_state, bill.version.payment_method, bill.payment
    if state == PaymentState.BILLED:
        # Nobody waits for the result of a debit where a bill is paid by hand.
        is_debited = method is None or any(word in method for word in _DEBITS)
        return sentence("payment_billed_note", language, n=result_days) if is_debited else None
    if state == PaymentState.FAILED and (again := retry_on(paid, today)) is not None:
        return retry_sentence(again, language)
    if paid is not None and (told := _paid(paid, language)) is not None:
        return told
    return sentence(f"payment_{state}_note", language) if state in _NOTED else None


def _paid(paid: PaymentVersion, language: str) -> str | None:
    """What was paid and when, as far as payments.csv tells it."""
    said = filters(language)
    day = None if paid.paid_on is None else said["day"](paid.paid_on)
    if paid.state == PaymentState.PAID and day:
        return sentence("payment_paid_note", language, day=day)
    if paid.state == PaymentState.PARTLY_PAID and paid.paid_amount is not None:
        amount = said["yen"](paid.paid_amount)
        if day:
            return sentence("payment_partly_paid_on_note", language, day=day, amount=amount)
        return sentence("payment_partly_paid_amount_note", language, amount=amount)
    return None


def _corrections(bill: Bill, published_at: Mapping[int, datetime]) -> tuple[Correction, ...]:
    """Newest first: each earlier version with the instant at which the one above it was published."""
    versions = (bill.version, *bill.earlier)
    return tuple(
        Correction(None if earlier.withdrawn else earlier.total, published_at[above.batch_id])
        for above, earlier in zip(versions, bill.earlier, strict=False)
    )
