"""Yen: tax and differences."""

from decimal import ROUND_HALF_UP, ROUND_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.money import (
    Amount,
    Difference,
    Direction,
    difference,
    is_rounding,
    tax_added,
    tax_contained,
    whole_yen,
)

yen = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [(1100, 10, 100), (1099, 10, 99), (1108, 8, 82), (0, 10, 0), (-1099, 10, -99), (Decimal("2.2"), 10, 0),
     (Decimal("1100.00"), 10, 100), (5500, 0, 0)],
)  # fmt: skip
def test_tax_contained(amount: Amount, rate: int, tax: int) -> None:
    assert tax_contained(amount, rate) == tax


@pytest.mark.parametrize(
    ("amount", "rate", "tax"),
    [(1000, 10, 100), (999, 10, 99), (1025, 8, 82), (1037, 8, 82), (-999, 10, -99), (Decimal("2.2"), 10, 0)],
)
def test_tax_added(amount: Amount, rate: int, tax: int) -> None:
    assert tax_added(amount, rate) == tax


def test_the_operators_rounding() -> None:
    assert tax_contained(1099, 10, ROUND_UP) == 100
    assert tax_added(995, 10, ROUND_HALF_UP) == 100
    assert [whole_yen(Decimal(text)) for text in ("2.9", "-2.9", "3")] == [2, -2, 3]


@given(yen, st.sampled_from([0, 8, 10]))
def test_tax_added_is_contained_again(net: int, rate: int) -> None:
    assert abs(tax_contained(net + tax_added(net, rate), rate) - tax_added(net, rate)) <= 1


@pytest.mark.parametrize(
    ("stated", "computed", "rounding"),
    [
        (100, Decimal("100.99"), True),
        (100, Decimal("99.01"), True),
        (100, 101, False),
        (100, 99, False),
        (100, 100, True),
    ],
)
def test_from_one_yen_on_it_is_an_error(stated: Amount, computed: Amount, rounding: bool) -> None:
    assert is_rounding(stated, computed) is rounding


def test_difference() -> None:
    assert difference(5830, 5500) == Difference(Direction.MORE, 330)
    assert difference(5500, 5830) == Difference(Direction.LESS, 330)
    assert difference(5500, 5500) == Difference(Direction.SAME, 0)
    assert difference(-100, 200) == Difference(Direction.LESS, 300)
