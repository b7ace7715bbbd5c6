"""The billing month and the window shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.billing_month import BillingMonth, window

months = st.builds(BillingMonth, st.integers(1910, 2900), st.integers(1, 12))


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-1", "2026-13", "2026-00", "202610", "2026/10", "2026-10-01", " 2026-10", "2026-10\n",
     "２０２６-１０", "२०२६-१०", "0000-01", "1899-12", "3000-01", "-2026-10", "2026-1o"],
)  # fmt: skip
def test_a_url_that_names_no_month(text: str) -> None:
    assert BillingMonth.parse(text) is None


@pytest.mark.parametrize(("text", "as_int"), [("1900-01", 190001), ("2026-10", 202610), ("2999-12", 299912)])
def test_a_url_that_names_a_month(text: str, as_int: int) -> None:
    month = BillingMonth.parse(text)
    assert month is not None
    assert (str(month), month.as_int) == (text, as_int)


@pytest.mark.parametrize(("year", "month"), [(2026, 0), (2026, 13), (1899, 12), (3000, 1)])
def test_a_month_that_no_calendar_has(year: int, month: int) -> None:
    with pytest.raises(ValueError, match=f"no such billing month: {year}-{month}"):
        BillingMonth(year, month)


@given(months)
def test_every_form_leads_back(month: BillingMonth) -> None:
    assert BillingMonth.parse(str(month)) == month
    assert BillingMonth.from_int(month.as_int) == month
    assert month.next().previous() == month
    assert month.previous() < month < month.next()
    assert tuple(month.shown()) == (month.year, month.month)


@given(st.text())
def test_no_text_breaks_parse(text: str) -> None:
    parsed = BillingMonth.parse(text)
    assert parsed is None or str(parsed) == text


def test_the_turn_of_the_year() -> None:
    assert BillingMonth(2026, 12).next() == BillingMonth(2027, 1)
    assert BillingMonth(2026, 1).previous() == BillingMonth(2025, 12)
    assert BillingMonth(2026, 10).plus(-14) == BillingMonth(2025, 8)


def test_the_window_is_the_newest_and_the_fourteen_before_it() -> None:
    shown = window(BillingMonth(2026, 10), BillingMonth(2020, 7))
    assert len(shown) == 15
    assert (str(shown[0]), str(shown[1]), str(shown[-1])) == ("2026-10", "2026-09", "2025-08")


def test_the_window_ends_at_the_first_month() -> None:
    assert [str(m) for m in window(BillingMonth(2020, 9), BillingMonth(2020, 7))] == [
        "2020-09",
        "2020-08",
        "2020-07",
    ]
    assert window(BillingMonth(2020, 7), BillingMonth(2020, 7)) == (BillingMonth(2020, 7),)
    assert window(BillingMonth(2020, 6), BillingMonth(2020, 7)) == ()
    assert len(window(BillingMonth(2026, 10), BillingMonth(2020, 7), length=3)) == 3
    assert window(BillingMonth(2026, 10), BillingMonth(2020, 7), length=0) == ()
