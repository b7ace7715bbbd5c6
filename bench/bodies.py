"""Bills to fill the table with: those of the sample operator, so that they are as long and as mixed as real ones."""

from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

from mypage.domain.statement import AmountBasis, LineKind, TaxClass, read
from mypage.domain.statement_build import Head, build, line
from mypage.works.sample.households import households
from mypage.works.sample.months import Period
from mypage.works.sample.statements import Statement, statements
from mypage.works.sample.tariffs import INSURANCE, LOST_REMOTE, Line

NEWEST: Final = (2026, 10)
MONTHS: Final = 15
LINES_OF_DETAIL: Final = 20

_PERIOD = Period(NEWEST[0] * 12 + NEWEST[1] - MONTHS, NEWEST[0] * 12 + NEWEST[1] - 1)
_HOUSEHOLDS = 300
_KINDS = {
    "料金": LineKind.CHARGE, "消費税": LineKind.TAX, "過月調整": LineKind.ADJUSTMENT, "繰越": LineKind.CARRIED_OVER,
    "前受金充当": LineKind.PREPAID_USED, "分割": LineKind.INSTALMENT, "延滞利息": LineKind.LATE_INTEREST,
    "返金": LineKind.REFUND,
}  # fmt: skip
_TAX_CLASSES = {
    "10": TaxClass.STANDARD, "軽減8": TaxClass.REDUCED, "非課税": TaxClass.EXEMPT, "不課税": TaxClass.OUT_OF_SCOPE,
    "立替": TaxClass.PASS_THROUGH,
}  # fmt: skip
_STATES = {
    "請求済": "billed", "支払済": "paid", "一部入金": "partly_paid", "未確認": "unconfirmed", "振替不能": "failed",
    "返金済": "refunded", "": None,
}  # fmt: skip


class Body(NamedTuple):
    """What stands in a statement's row beside its key."""

    total: int
    comparable: int
    due_on: str | None
    payment_method: str
    payment_state: str | None
    document: str


@cache
def months() -> tuple[int, ...]:
    """The fifteen billing months as yyyymm, oldest first."""
    return tuple(_yyyymm(month) for month in range(_PERIOD.first, _PERIOD.last + 1))


@cache
def histories() -> list[tuple[Body, ...]]:
    """Households with a bill in each of the months; their bills, oldest first."""
    found = []
    for home in households(_HOUSEHOLDS, 1, _PERIOD):
        bills = [bill for bill in statements(home, _PERIOD) if bill.number == 1 and not bill.revised]
        if len(bills) == MONTHS and len(home.holders) == 1:
            found.append(tuple(_body(bill, bill.lines) for bill in bills))
    return found


@cache
def long_history(place: int) -> tuple[Body, ...]:
    """A household whose every bill has exactly :data:`LINES_OF_DETAIL` lines; another one for each place."""
    *_, home = households(4, 1 + place, _PERIOD)
    bills = [bill for bill in statements(home, _PERIOD) if bill.number == 1 and not bill.revised]
    assert len(bills) == MONTHS
    return tuple(_body(bill, _stretched(bill)) for bill in bills)


def _stretched(bill: Statement) -> list[Line]:
    lines = bill.lines[:LINES_OF_DETAIL]
    while len(lines) < LINES_OF_DETAIL:
        filler = (INSURANCE, LOST_REMOTE)[len(lines) % 2]
        lines = [*lines, filler._replace(description=f"{filler.description} {len(lines)}")]
    return lines


def _body(bill: Statement, lines: list[Line]) -> Body:
    digested = [
        line(
            service=one.service,
            description=one.description,
            amount=_yen(one.amount),
            tax_class=_TAX_CLASSES[one.tax_class],
            kind=_KINDS[one.kind],
            usage_month=_yyyymm(bill.month - one.lag),
            quantity=int(one.quantity),
        )
        for one in lines
    ]
    exact = sum(one.amount for one in lines)
    total = exact // 100 if lines is not bill.lines else bill.total
    basis = AmountBasis.TAX_INCLUDED if bill.basis == "税込" else AmountBasis.TAX_EXCLUDED
    tax_10 = bill.tax_10 if lines is bill.lines else None
    built = build(Head(basis, total, tax_10, bill.tax_8), range(1, len(lines) + 1), digested)
    assert not built.findings, built.findings
    due_on = bill.due.isoformat() if bill.due else None
    return Body(total, built.comparable, due_on, bill.method, _STATES[bill.state], built.document)


def _yen(sen: int) -> int | Decimal:
    return Decimal(sen) / 100 if sen % 100 else sen // 100


def _yyyymm(month: int) -> int:
    return month // 12 * 100 + month % 12 + 1


def descriptions(body: Body) -> list[str]:
    """What stands on the lines of a bill."""
    return [one.description for one in read(body.document).lines]
