"""A statement: one bill of one customer for one month, and the lines that stand on it.

Stored as one row with its lines as versioned JSON text with decimal strings. :func:`build` makes that text from
lines (specification "formats", *charges.csv*), :func:`read` gives the statement back. The text is an agreement
with the years: a new form gets a new version, and every version ever published stays readable.

Version 1::

    {"v": 1, "basis": "tax_included",
     "taxes": [["10", "5000", "454", 1]],        # rate, sum of its lines, tax in yen, agrees with the rate
     "lines": [[1, "インターネット", "月額利用料", 202609, "1", "5000", "5000", "charge", "10"]]}
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from mypage.domain.billing_month import BillingMonth

VERSION: Final = 1


class TaxClass(StrEnum):
    """How a line is taxed. ``ZERO`` is 税率 0 of a file that knows rates only: 「消費税対象外」."""

    STANDARD = "10"
    REDUCED = "8"
    EXEMPT = "exempt"
    OUT_OF_SCOPE = "out_of_scope"
    PASS_THROUGH = "pass_through"  # noqa: S105 - 立替: collected for another company, drawn apart
    ZERO = "0"


RATED: Final = (TaxClass.STANDARD, TaxClass.REDUCED)


class LineKind(StrEnum):
    """What a line is: 料金, 消費税, 過月調整, 繰越, 前受金充当, 分割, 延滞利息, 返金."""

    CHARGE = "charge"
    TAX = "tax"
    ADJUSTMENT = "adjustment"
    CARRIED_OVER = "carried_over"
    PREPAID_USED = "prepaid_used"
    INSTALMENT = "instalment"
    LATE_INTEREST = "late_interest"
    REFUND = "refund"


# They count in the total, but not in tax, comparison with the last bill or certificates.
TOTAL_ONLY: Final = frozenset(
    (LineKind.CARRIED_OVER, LineKind.PREPAID_USED, LineKind.LATE_INTEREST, LineKind.REFUND)
)


class AmountBasis(StrEnum):
    """Whether the amounts of the lines contain the tax (税込) or not (税抜)."""

    TAX_INCLUDED = "tax_included"
    TAX_EXCLUDED = "tax_excluded"


class PaymentState(StrEnum):
    """請求済 / 支払済 / 一部入金 / 未確認 / 振替不能 / 返金済."""

    BILLED = "billed"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    UNCONFIRMED = "unconfirmed"
    FAILED = "failed"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a statement. ``amount`` is yen and may have decimals; ``usage_month`` stands where it differs."""

    number: int
    service: str
    description: str
    usage_month: BillingMonth | None
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal
    kind: LineKind
    tax_class: TaxClass


@dataclass(frozen=True, slots=True)
class RateTax:
    """What a statement says of one tax rate. ``base`` is the sum of its lines in the statement's basis."""

    tax_class: TaxClass
    base: Decimal
    tax: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """The lines of a statement and its taxes, as stored in its document."""

    basis: AmountBasis
    taxes: tuple[RateTax, ...]
    lines: tuple[LineItem, ...]

    @property
    def qualifies(self) -> bool:
        """Whether its taxes agree with their rates: else its PDF does not call itself 適格請求書."""
        return all(rate.agrees for rate in self.taxes)

    @property
    def sum_of_lines(self) -> Decimal:
        """Yen with decimals; differs from the total by less than one yen, and by the tax where that stands apart."""
        return sum((line.amount for line in self.lines), Decimal(0))


class Line(NamedTuple):
    """A line on its way into a statement, digested once for the many bills on which it stands alike."""

    tail: str  # its JSON after the line number
    amount: int | Decimal
    drawer: int  # which sum it counts in
    usage_month: int  # 0 where the billing month


class Head(NamedTuple):
    """What stands alike on every row of a statement."""

    basis: AmountBasis
    total: int
    tax_10: int | None
    tax_8: int | None


class Finding(NamedTuple):
    """What is wrong with a statement as a whole. ``column`` is the English name of the column it is told at."""

    code: str
    column: str
    facts: Mapping[str, str]
    warning: bool


class Built(NamedTuple):
    """The stored form, to be stored only where no finding is an error."""

    document: str
    comparable: int
    findings: tuple[Finding, ...]


_STANDARD, _REDUCED, _UNTAXED, _STANDARD_TAX, _REDUCED_TAX, _OTHER_TAX, _TOTAL_ONLY = range(7)
_TAX_DRAWERS: Final = frozenset((_STANDARD_TAX, _REDUCED_TAX, _OTHER_TAX))
_RATES: Final = {_STANDARD: 10, _REDUCED: 8}
_NO_FINDINGS: Final[tuple[Finding, ...]] = ()


def line(
    *,
    service: str,
    description: str,
    amount: int | Decimal,
    tax_class: TaxClass,
    kind: LineKind = LineKind.CHARGE,
    usage_month: int | None = None,
    quantity: int | Decimal | None = None,
    unit_price: int | Decimal | None = None,
) -> Line:
    """Digest a line: its JSON and the sum in which it counts."""
    parts = [
        _quoted(service),
        _quoted(description),
        "null" if usage_month is None else str(usage_month),
        _decimal_string(quantity),
        _decimal_string(unit_price),
        _decimal_string(amount),
        f'"{kind.value}"',
        f'"{tax_class.value}"',
    ]
    return Line("," + ",".join(parts) + "]", amount, _drawer(kind, tax_class), usage_month or 0)


def build(head: Head, numbers: Sequence[int], lines: Sequence[Line], *, rounding: str = ROUND_DOWN) -> Built:
    """Make the stored form of a statement, and tell what is wrong with it.

    ``numbers`` are the line numbers of ``lines``. 税込: the total is the sum of all lines. 税抜: the sum plus the
    taxes, unless 消費税 lines stand among them. A difference under one yen is rounding; from one yen on it is the
    error ``total_differs``. A tax that is one yen or more away from its rate's is the warning ``tax_differs``.
    """
    sums: list[int | Decimal] = [0, 0, 0, 0, 0, 0, 0]
    for item in lines:
        sums[item[2]] += item[1]
    findings = _repeated(numbers)
    has_tax_lines = not _TAX_DRAWERS.isdisjoint({item[2] for item in lines})
    net = has_tax_lines or head.basis is AmountBasis.TAX_EXCLUDED
    taxes, texts = 0, []
    for drawer, given in ((_STANDARD, head.tax_10), (_REDUCED, head.tax_8)):
        base = sums[drawer]
        told = given if given is not None else _told_by_lines(sums, drawer)
        if not base and not told:
            continue
        tax, agrees = _tax(base, _RATES[drawer], told, net, rounding)
        taxes += tax
        texts.append(f'["{_RATES[drawer]}",{_decimal_string(base)},"{tax}",{1 if agrees else 0}]')
        if not agrees:
            findings += (_tax_finding(_RATES[drawer], base, tax, net),)
    total: int | Decimal = sum(sums)
    if head.basis is AmountBasis.TAX_EXCLUDED and not has_tax_lines:
        total += taxes
    difference = total - head.total
    if not -1 < difference < 1:
        facts = {"sum": _plain(total), "total": str(head.total), "difference": _plain(difference)}
        findings += (Finding("total_differs", "total", facts, warning=False),)
    comparable = head.total - int(Decimal(sums[_TOTAL_ONLY]).to_integral_value(ROUND_HALF_UP))
    body = ",".join([f"[{number}{item[0]}" for number, item in _in_order(numbers, lines)])
    document = f'{{"v":{VERSION},"basis":"{head.basis.value}","taxes":[{",".join(texts)}],"lines":[{body}]}}'
    return Built(document, comparable, findings)


def withdrawn() -> Built:
    """The stored form of 取消: a statement without lines."""
    return Built(f'{{"v":{VERSION},"basis":"tax_included","taxes":[],"lines":[]}}', 0, _NO_FINDINGS)


def read(document: str) -> Statement:
    """The statement of a stored document. Raises ``ValueError`` for a version that this release does not know."""
    stored = json.loads(document)
    if stored["v"] != VERSION:
        raise ValueError(f"a statement of version {stored['v']}")
    return Statement(
        basis=AmountBasis(stored["basis"]),
        taxes=tuple(
            RateTax(TaxClass(rate), Decimal(base), int(tax), bool(agrees))
            for rate, base, tax, agrees in stored["taxes"]
        ),
        lines=tuple([_line_item(*values) for values in stored["lines"]]),
    )


def parts(document: str) -> tuple[list[int], list[Line]]:
    """The line numbers and digested lines of a document, to build it anew together with others."""
    items = read(document).lines
    return [item.number for item in items], [_digested(item) for item in items]


def _digested(item: LineItem) -> Line:
    return line(
        service=item.service,
        description=item.description,
        amount=item.amount,
        tax_class=item.tax_class,
        kind=item.kind,
        usage_month=None if item.usage_month is None else item.usage_month.as_int,
        quantity=item.quantity,
        unit_price=item.unit_price,
    )


# Most lines of a bill stand alike on the bills of many customers of that month.
@lru_cache(maxsize=16384)
def _line_item(
    number: int,
    service: str,
    description: str,
    usage_month: int | None,
    quantity: str | None,
    unit_price: str | None,
    amount: str,
    kind: str,
    tax_class: str,
) -> LineItem:
    return LineItem(
        number,
        service,
        description,
        None if usage_month is None else BillingMonth.from_int(usage_month),
        None if quantity is None else Decimal(quantity),
        None if unit_price is None else Decimal(unit_price),
        Decimal(amount),
        LineKind(kind),
        TaxClass(tax_class),
    )


def _drawer(kind: LineKind, tax_class: TaxClass) -> int:
    if kind in TOTAL_ONLY:
        return _TOTAL_ONLY
    if kind is LineKind.TAX:
        return {TaxClass.STANDARD: _STANDARD_TAX, TaxClass.REDUCED: _REDUCED_TAX}.get(tax_class, _OTHER_TAX)
    return {TaxClass.STANDARD: _STANDARD, TaxClass.REDUCED: _REDUCED}.get(tax_class, _UNTAXED)


def _told_by_lines(sums: Sequence[int | Decimal], drawer: int) -> int | Decimal | None:
    """The tax of a rate as 消費税 lines tell it; one without a rate belongs to the only rate that there is."""
    told = sums[_STANDARD_TAX if drawer == _STANDARD else _REDUCED_TAX]
    if sums[_OTHER_TAX] and not sums[_REDUCED if drawer == _STANDARD else _STANDARD]:
        told += sums[_OTHER_TAX]
    return told or None


def _exact_tax(base: int | Decimal, rate: int, net: bool) -> Decimal:
    return Decimal(base) * rate / (100 if net else 100 + rate)


def _tax(
    base: int | Decimal, rate: int, told: int | Decimal | None, net: bool, rounding: str
) -> tuple[int, bool]:
    if told is None:
        if type(base) is int and base >= 0 and rounding == ROUND_DOWN:
            return base * rate // (100 if net else 100 + rate), True
        return int(_exact_tax(base, rate, net).to_integral_value(rounding)), True
    whole = int(Decimal(told).to_integral_value(ROUND_HALF_UP))
    divisor = 100 if net else 100 + rate
    return whole, abs(whole * divisor - base * rate) < divisor


def _tax_finding(rate: int, base: int | Decimal, tax: int, net: bool) -> Finding:
    expected = _exact_tax(base, rate, net).quantize(Decimal("0.01"))
    facts = {"rate": str(rate), "tax": str(tax), "expected": _plain(expected), "base": _plain(base)}
    return Finding("tax_differs", f"tax_{rate}", facts, warning=True)


def _repeated(numbers: Sequence[int]) -> tuple[Finding, ...]:
    if len(set(numbers)) == len(numbers):
        return _NO_FINDINGS
    seen: set[int] = set()
    twice = sorted({number for number in numbers if number in seen or seen.add(number)})  # type: ignore[func-returns-value]
    return (
        Finding(
            "line_number_repeated", "line_number", {"numbers": ", ".join(map(str, twice))}, warning=False
        ),
    )


def _in_order(numbers: Sequence[int], lines: Sequence[Line]) -> Iterable[tuple[int, Line]]:
    pairs = zip(numbers, lines, strict=True)
    return pairs if sorted(numbers) == list(numbers) else sorted(pairs, key=itemgetter(0))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _decimal_string(value: int | Decimal | None) -> str:
    return "null" if value is None else f'"{_plain(value)}"'


def _plain(value: int | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
