"""A statement from its lines: totals, taxes, rounding, and the document that is stored."""

import json
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.billing_month import BillingMonth
from mypage.domain.statement import AmountBasis, LineItem, LineKind, RateTax, Statement, TaxClass, read
from mypage.domain.statement_build import (
    Built,
    Finding,
    Head,
    Line,
    build,
    line,
    loose,
    parts,
    withdrawn,
)

INCLUDED, EXCLUDED = AmountBasis.TAX_INCLUDED, AmountBasis.TAX_EXCLUDED


def a_line(
    amount: int | str, tax_class: TaxClass = TaxClass.STANDARD, kind: LineKind = LineKind.CHARGE
) -> Line:
    """A line of a bill."""
    yen = amount if isinstance(amount, int) else Decimal(amount)
    return line(service="電話", description="基本料", amount=yen, tax_class=tax_class, kind=kind)


def made(
    *lines: Line,
    total: int,
    basis: AmountBasis = INCLUDED,
    tax_10: int | None = None,
    tax_8: int | None = None,
    rounding: str = ROUND_DOWN,
) -> Built:
    """A statement of these lines, numbered from 1 on."""
    head = Head(basis, total, tax_10, tax_8)
    return build(head, range(1, len(lines) + 1), lines, rounding=rounding)


def codes(built: Built) -> list[str]:
    """What was found."""
    return [finding.code for finding in built.findings]


def test_the_document_gives_back_what_went_in() -> None:
    full = line(
        service='「"光"」\\',
        description="料金",
        amount=Decimal("2.20"),
        tax_class=TaxClass.PASS_THROUGH,
        kind=LineKind.ADJUSTMENT,
        usage_month=202609,
        quantity=Decimal("1.5"),
        unit_price=-3,
    )
    built = build(Head(INCLUDED, 502, None, None), [2, 1], [full, a_line(500)])
    assert read(built.document) == Statement(
        INCLUDED,
        (RateTax(TaxClass.STANDARD, Decimal(500), 45, agrees=True),),
        (
            LineItem(1, "電話", "基本料", None, None, None, Decimal(500), LineKind.CHARGE, TaxClass.STANDARD),
            LineItem(
                2,
                '「"光"」\\',
                "料金",
                BillingMonth(2026, 9),
                Decimal("1.5"),
                Decimal(-3),
                Decimal("2.2"),
                LineKind.ADJUSTMENT,
                TaxClass.PASS_THROUGH,
            ),
        ),
    )
    assert read(built.document).sum_of_lines == Decimal("502.2")
    assert read(built.document).qualifies
    numbers, lines = parts(built.document)
    assert build(Head(INCLUDED, 502, None, None), numbers, lines) == built


def test_loose_lines_are_put_together_again() -> None:
    lines = [a_line(500), a_line("2.2"), a_line(300)]
    assert parts(loose([3, 1, 2], lines)) == ([3, 1, 2], lines)


def test_the_document_is_text_with_decimal_strings_and_a_version() -> None:
    stored = json.loads(made(a_line("2.2"), total=2).document)
    assert stored["v"] == 1
    assert stored["lines"] == [[1, "電話", "基本料", None, None, None, "2.2", "charge", "10"]]
    with pytest.raises(ValueError, match="version 2"):
        read('{"v": 2}')


def test_a_withdrawn_statement_has_no_lines() -> None:
    assert read(withdrawn().document) == Statement(INCLUDED, (), ())


@pytest.mark.parametrize(
    ("amounts", "total", "fits"),
    [
        (["500", "500"], 1000, True),
        (["500", "2.2"], 502, True),
        (["500", "2.2"], 503, True),
        (["500", "0.99"], 500, True),
        (["500", "1"], 500, False),
        (["500", "-1"], 500, False),
        (["-500"], -500, True),
        (["500", "-500"], 0, True),
    ],
)
def test_a_difference_below_one_yen_is_rounding(amounts: list[str], total: int, fits: bool) -> None:
    built = made(*(a_line(amount) for amount in amounts), total=total)
    assert codes(built) == ([] if fits else ["total_differs"])


def test_a_total_that_differs_is_told_with_both_sums() -> None:
    (finding,) = made(a_line("500.5"), total=600).findings
    facts = {"sum": "500.5", "total": "600", "difference": "-99.5"}
    assert finding == Finding("total_differs", "total", facts, warning=False)


def test_without_tax_the_taxes_are_added_as_given_or_rounded_once_per_rate() -> None:
    lines = [a_line(105), a_line(104), a_line(155, TaxClass.REDUCED), a_line(1000, TaxClass.EXEMPT)]
    assert codes(made(*lines, basis=EXCLUDED, total=1364 + 20 + 12)) == []
    assert codes(made(*lines, basis=EXCLUDED, total=1364 + 21 + 12, tax_10=21)) == []
    assert codes(made(*lines, basis=EXCLUDED, total=1364)) == ["total_differs"]
    assert codes(made(*lines, basis=EXCLUDED, total=1364 + 21 + 13, rounding=ROUND_UP)) == []


def test_tax_lines_stand_for_the_taxes() -> None:
    tax = a_line(100, kind=LineKind.TAX)
    built = made(a_line(1000), tax, basis=EXCLUDED, total=1100)
    assert codes(built) == []
    assert read(built.document).taxes == (RateTax(TaxClass.STANDARD, Decimal(1000), 100, agrees=True),)
    # One whose rate is not told belongs to the only rate that there is.
    untold = a_line(80, TaxClass.OUT_OF_SCOPE, LineKind.TAX)
    built = made(a_line(1000, TaxClass.REDUCED), untold, basis=EXCLUDED, total=1080)
    assert read(built.document).taxes == (RateTax(TaxClass.REDUCED, Decimal(1000), 80, agrees=True),)
    both = made(a_line(1000), a_line(1000, TaxClass.REDUCED), untold, basis=EXCLUDED, total=2080)
    assert [rate.tax for rate in read(both.document).taxes] == [100, 80]
    reduced = a_line(80, TaxClass.REDUCED, LineKind.TAX)
    assert codes(made(a_line(1000, TaxClass.REDUCED), reduced, total=1080)) == []


def test_the_tax_contained_is_rounded_once_down_where_it_is_not_given() -> None:
    lines = [a_line(548), a_line(548)]
    for rounding, tax in ((ROUND_DOWN, 99), (ROUND_HALF_UP, 100), (ROUND_UP, 100)):
        built = made(*lines, total=1096, rounding=rounding)
        assert [rate.tax for rate in read(built.document).taxes] == [tax]
    minus = made(a_line(-1096), total=-1096)
    assert [rate.tax for rate in read(minus.document).taxes] == [-99]


@pytest.mark.parametrize(("given_tax", "agrees"), [(99, True), (100, True), (98, False), (101, False)])
def test_a_tax_one_yen_or_more_off_its_rate_is_a_warning_and_shown_as_given(
    given_tax: int, agrees: bool
) -> None:
    built = made(a_line(1096), total=1096, tax_10=given_tax)
    stored = read(built.document)
    assert [rate.tax for rate in stored.taxes] == [given_tax]
    assert stored.qualifies is agrees
    assert codes(built) == ([] if agrees else ["tax_differs"])
    assert all(finding.warning for finding in built.findings)


def test_a_given_tax_without_a_line_of_its_rate_is_told() -> None:
    built = made(a_line(1100), total=1100, tax_10=100, tax_8=8)
    assert [(finding.code, finding.column) for finding in built.findings] == [("tax_differs", "tax_8")]


def test_what_counts_in_the_total_only() -> None:
    kinds = (LineKind.CARRIED_OVER, LineKind.PREPAID_USED, LineKind.LATE_INTEREST, LineKind.REFUND)
    built = made(a_line(1100), *(a_line(10, kind=kind) for kind in kinds), total=1140)
    assert built.comparable == 1100
    assert [rate.base for rate in read(built.document).taxes] == [Decimal(1100)]
    other = made(a_line(1100), a_line(-100, kind=LineKind.ADJUSTMENT), a_line(5, TaxClass.ZERO), total=1005)
    assert other.comparable == 1005
    assert [rate.base for rate in read(other.document).taxes] == [Decimal(1000)]


def test_repeated_line_numbers_are_named() -> None:
    built = build(Head(INCLUDED, 400, None, None), [1, 3, 3, 1], [a_line(100)] * 4)
    assert built.findings == (
        Finding("line_number_repeated", "line_number", {"numbers": "1, 3"}, warning=False),
    )


@given(st.lists(st.decimals(-10_000, 10_000, places=2), min_size=1, max_size=20), st.booleans())
def test_any_bill_whose_total_is_its_rounded_sum_is_right(amounts: list[Decimal], down: bool) -> None:
    total = int(sum(amounts, Decimal(0)).to_integral_value(ROUND_DOWN if down else ROUND_HALF_UP))
    built = made(*(a_line(str(amount), TaxClass.EXEMPT) for amount in amounts), total=total)
    assert codes(built) == []
    assert read(built.document).sum_of_lines == sum(amounts)
