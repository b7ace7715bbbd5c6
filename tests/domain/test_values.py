"""Cells of billing files: every form of the specification, and what Excel destroyed, refused by name."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.domain import values
from mypage.domain.values import Defect


def code(value: object) -> object:
    """The code of a defect, the value itself otherwise."""
    return value.code if isinstance(value, Defect) else value


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("1234", 1234),
        ("1,234", 1234),
        ("１２３４", 1234),
        ("-500", -500),
        ("－500", -500),
        ("−500", -500),
        ("▲500", -500),
        ("△500", -500),
        ("▲ 1,500円", -1500),
        ("(500)", -500),
        ("（500）", -500),
        ("(500)円", -500),
        ("¥500", 500),
        ("￥500", 500),
        ("\\500", 500),
        ("-¥500", -500),
        ("¥-500", -500),
        ("500円", 500),
        ("+500", 500),
        (" 500 ", 500),
        ("0", 0),
        ("007", 7),
        ("2.2", Decimal("2.2")),
        ("-2.20", Decimal("-2.2")),
        ("500.00", 500),
        ("999999999999", 999_999_999_999),
        ("1,000,000,000,000", "too_large"),
        ("1234567890123", "too_large"),
        ("9" * 5_000, "too_large"),
        ("0" * 5_000 + "7", 7),
        ("0.1234567", "too_many_decimals"),
        ("0.1234560", Decimal("0.123456")),
        ("1,23", "not_a_number"),
        ("1.234.567", "not_a_number"),
        ("-▲500", "not_a_number"),
        ("(-500)", "not_a_number"),
        ("五百", "not_a_number"),
        ("12a", "not_a_number"),
        ("", "empty"),
        ("　", "empty"),
        ("1.23E+11", "excel_digits_lost"),
        ("1.23e11", "excel_digits_lost"),
        ("#N/A", "excel_error"),
        ("#REF!", "excel_error"),
        ("＃REF!", "excel_error"),
        ("####", "excel_hashes"),
        ("#1", "not_a_number"),
        ("5\x0000", "control_character"),
        ("5\ue00000", "gaiji"),
        ("5\ufffd", "undecodable"),
    ],
)
def test_numbers(raw: str, meant: object) -> None:
    value = values.number(raw)
    assert code(value) == meant
    assert not isinstance(value, float)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_any_amount_is_read_as_it_is_written(amount: Decimal) -> None:
    assert values.number(f"{amount:,}") == amount
    assert values.number(str(amount)) == amount


@given(st.text(max_size=30))
def test_no_text_makes_a_cell_fail(raw: str) -> None:
    for read in (values.number, values.whole_number, values.ordinal, values.day, values.month, values.words):
        read(raw)


@pytest.mark.parametrize(
    ("raw", "meant"), [("500", 500), ("500.0", 500), ("2.2", "not_whole"), ("x", "not_a_number")]
)
def test_whole_numbers(raw: str, meant: object) -> None:
    assert code(values.whole_number(raw)) == meant


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("1", 1),
        ("０１", 1),
        ("999999999999999999", 999_999_999_999_999_999),
        ("1000000000000000000", "too_large"),
        ("9" * 5_000, "too_large"),
        ("0" * 5_000 + "7", 7),
        ("0", "not_a_count"),
        ("-1", "not_a_count"),
        ("1.5", "not_a_count"),
        ("٣", "not_a_count"),
        ("一", "not_a_count"),
        ("", "empty"),
        ("1E+5", "excel_digits_lost"),
    ],
)
def test_ordinals(raw: str, meant: object) -> None:
    assert code(values.ordinal(raw)) == meant


OCTOBER_27 = datetime.date(2026, 10, 27)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("2026-10-27", OCTOBER_27),
        ("2026/10/27", OCTOBER_27),
        ("2026.10.27", OCTOBER_27),
        ("20261027", OCTOBER_27),
        ("2026年10月27日", OCTOBER_27),
        ("２０２６年１０月２７日", OCTOBER_27),
        ("令和8年10月27日", OCTOBER_27),
        ("R8.10.27", OCTOBER_27),
        ("R08/10/27", OCTOBER_27),
        ("2026/10/27 0:00:00", OCTOBER_27),
        ("2026-10-27T00:00:00.000", OCTOBER_27),
        ("2026/1/5", datetime.date(2026, 1, 5)),
        ("令和元年5月1日", datetime.date(2019, 5, 1)),
        ("平成31年4月30日", datetime.date(2019, 4, 30)),
        ("H31.4.30", datetime.date(2019, 4, 30)),
        ("S64.1.7", datetime.date(1989, 1, 7)),
        ("2026-10-27 12:30", "not_a_date"),
        ("2026-10/27", "not_a_date"),
        ("26/10/27", "not_a_date"),
        ("2026-10", "not_a_date"),
        ("2026-02-30", "no_such_date"),
        ("20260230", "no_such_date"),
        ("平成32年1月1日", "no_such_era_year"),
        ("R0.1.1", "no_such_era_year"),
        ("1899-12-31", "year_out_of_range"),
        ("2101-01-01", "year_out_of_range"),
        ("46322", "excel_serial_date"),
        ("46322.5", "excel_serial_date"),
        ("27-Oct", "excel_month_name"),
        ("#VALUE!", "excel_error"),
        ("", "empty"),
        ("2026\x0b-10-27", "control_character"),
    ],
)
def test_dates(raw: str, meant: object) -> None:
    assert code(values.day(raw)) == meant


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("2026-10", 202610),
        ("2026/10", 202610),
        ("2026.10", 202610),
        ("202610", 202610),
        ("2026年10月", 202610),
        ("2026年10月分", 202610),
        ("2026年 1月度", 202601),
        ("R8.10", 202610),
        ("令和8年10月", 202610),
        ("令和元年5月", 201905),
        ("2026/10/1", 202610),
        ("2026-10-01 00:00:00", 202610),
        ("20261001", 202610),
        ("2026/10/2", "not_a_month"),
        ("2026/2/30", "no_such_date"),
        ("2026-13", "no_such_month"),
        ("2026-00", "no_such_month"),
        ("H32.1", "no_such_era_year"),
        ("189912", "year_out_of_range"),
        ("46296", "excel_serial_date"),
        ("Oct-26", "excel_month_name"),
        ("October-2026", "excel_month_name"),
        ("2026", "not_a_month"),
        ("", "empty"),
    ],
)
def test_months(raw: str, meant: object) -> None:
    assert code(values.month(raw)) == meant


@given(st.dates(min_value=datetime.date(2019, 5, 1), max_value=datetime.date(2099, 12, 31)))
def test_every_day_of_reiwa_in_every_form(day: datetime.date) -> None:
    year = day.year - 2018
    forms = [day.isoformat(), f"{day:%Y/%m/%d}", f"{day:%Y%m%d}", f"R{year}.{day.month}.{day.day}"]
    forms.append(f"令和{year}年{day.month}月{day.day}日")
    assert {values.day(form) for form in forms} == {day}


def test_words_are_kept_but_for_what_stands_around_them() -> None:
    assert values.words("　光ネット\r\n1ギガ ") == "光ネット 1ギガ"
    assert values.words("=1+1") == "=1+1"
    assert values.words("#1 プラン") == "#1 プラン"
    assert values.words("髙﨑①㈱") == "髙﨑①㈱"
    assert values.words("x" * 201) == Defect("too_long", {"longest": "200"})
    assert code(values.words("#REF!")) == "excel_error"


def test_a_character_that_cannot_be_shown_is_told_with_its_place() -> None:
    assert values.words("山\ue757") == Defect("gaiji", {"mark": "U+E757", "at": "2"})
    assert values.words("a\x7f") == Defect("control_character", {"mark": "U+007F", "at": "2"})
    assert values.words("\u202eabc") == Defect("control_character", {"mark": "U+202E", "at": "1"})
    assert values.words("ab\ufffd") == Defect("undecodable", {"at": "3"})


def test_one_of_a_few_words_whatever_its_width() -> None:
    known = {"税込": 1, "10%": 2, "pass_through": 3}
    assert values.one_of(" 税込 ", known) == 1
    assert values.one_of("１０％", known) == 2
    assert values.one_of("Pass_Through", known) == 3
    assert code(values.one_of("税", known)) == "unknown_word"
    assert code(values.one_of("", known)) == "empty"
