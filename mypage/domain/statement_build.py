"""Make the stored form of a statement from its lines: totals, taxes, rounding (specification "formats", charges.csv)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from mypage.domain.statement import TOTAL_ONLY, VERSION, AmountBasis, LineItem, LineKind, TaxClass, read


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
# How the lines of nearly every bill are numbered.
_COUNTED: Final = list(range(1, 200))
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
    has_tax_lines = False
    for _, amount, drawer, _ in lines:
        sums[drawer] += amount
        if drawer in _TAX_DRAWERS:
            has_tax_lines = True
    counted = list(numbers) == _COUNTED[: len(numbers)]
    findings = _NO_FINDINGS if counted else _repeated(numbers)
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
    total: int | Decimal = sum(sums, 0)
    if head.basis is AmountBasis.TAX_EXCLUDED and not has_tax_lines:
        total += taxes
    difference = total - head.total
    if not -1 < difference < 1:
        facts = {"sum": _plain(total), "total": str(head.total), "difference": _plain(difference)}
        findings += (Finding("total_differs", "total", facts, warning=False),)
    comparable = head.total - _whole_yen(sums[_TOTAL_ONLY])
    numbered = zip(numbers, lines, strict=True) if counted else _in_order(numbers, lines)
    body = ",".join([f"[{number}{tail}" for number, (tail, _, _, _) in numbered])
    document = f'{{"v":{VERSION},"basis":"{head.basis.value}","taxes":[{",".join(texts)}],"lines":[{body}]}}'
    return Built(document, comparable, findings)


def withdrawn() -> Built:
    """The stored form of 取消: a statement without lines."""
    return Built(f'{{"v":{VERSION},"basis":"tax_included","taxes":[],"lines":[]}}', 0, _NO_FINDINGS)


def loose(numbers: Sequence[int], lines: Sequence[Line]) -> str:
    """Lines that are no statement by themselves, in a form that :func:`parts` reads."""
    body = ",".join([f"[{number}{item[0]}" for number, item in zip(numbers, lines, strict=True)])
    return f'{{"v":{VERSION},"basis":"{AmountBasis.TAX_INCLUDED.value}","taxes":[],"lines":[{body}]}}'


def parts(document: str) -> tuple[list[int], list[Line]]:
    """The line numbers and digested lines of a document, to build it anew together with others."""
    items = read(document).lines
    return [item.number for item in items], [_digested(item) for item in items]


@lru_cache(maxsize=16384)
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
    whole = _whole_yen(told)
    divisor = 100 if net else 100 + rate
    return whole, -divisor < whole * divisor - base * rate < divisor


def _whole_yen(value: int | Decimal) -> int:
    return value if isinstance(value, int) else int(value.to_integral_value(ROUND_HALF_UP))


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
    return pairs if sorted(numbers) == list(numbers) else sorted(pairs, key=lambda pair: pair[0])


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _decimal_string(value: int | Decimal | None) -> str:
    return "null" if value is None else f'"{_plain(value)}"'


def _plain(value: int | Decimal) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
