"""Cells of billing files in every form of the specification, as bytes in CP932, through the whole check."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from mypage.domain import statement
from mypage.store.engine import Database
from mypage.works.load.task import LoadRules
from tests.delivering import CHARGE_HEADINGS, Delivering, charge, charges, customer, customers, table

NUMBERS = (
    "1,234",
    "１２３４",
    "-500",
    "－500",
    "▲500",
    "△500",
    "(500)",
    "¥500",
    "500円",
    "2.2",
    "▲1,234.5円",
)
MEANT = tuple(
    map(Decimal, ["1234", "1234", "-500", "-500", "-500", "-500", "-500", "500", "500", "2.2", "-1234.5"])
)
DATES = (
    *("2026-10-27", "2026/10/27", "2026.10.27", "20261027", "2026年10月27日", "令和8年10月27日", "R8.10.27"),
    *("２０２６／１０／２７", "令和８年１０月２７日"),
)
MONTHS = (
    "2026-10",
    "2026/10",
    "202610",
    "2026年10月",
    "2026年10月分",
    "R8.10",
    "令和8年10月",
    "２０２６－１０",
)

DESTROYED = (
    ("お客様番号", "1.23E+11", "excel_digits_lost"),
    ("請求金額合計", "1.23E+11", "excel_digits_lost"),
    ("請求年月", "46322", "excel_serial_date"),
    ("お支払期日", "46322", "excel_serial_date"),
    ("請求年月", "Oct-26", "excel_month_name"),
    ("項目名", "#N/A", "excel_error"),
    ("金額", "#REF!", "excel_error"),
    ("お客様番号", "#REF!", "excel_error"),
    ("金額", "####", "excel_hashes"),
)


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with a customer for every form."""
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(*(customer(str(70_000 + place)) for place in range(40))))
    return operator


def cp932(content: bytes) -> bytes:
    """The same as the core system writes it."""
    return content.decode().replace("¥", "\\").encode("cp932")


def test_numbers_in_every_form(delivering: Delivering) -> None:
    rows = []
    for place, (raw, value) in enumerate(zip(NUMBERS, MEANT, strict=True)):
        rows.append([*charge(str(70_000 + place), amount=raw, total=str(int(value))), raw])
    for encoded in (cp932, bytes):
        content = charges(*rows, headings=(*CHARGE_HEADINGS, "数量"))
        delivering.publish(charges=encoded(content))
    rows_of_last = (
        "SELECT document FROM statement WHERE batch_id = (SELECT max(id) FROM batch) ORDER BY customer_key"
    )
    for query in (rows_of_last, rows_of_last.replace("max(id)", "max(id) - 1")):
        lines = [statement.read(str(document)).lines[0] for (document,) in delivering.rows(query)]
        assert tuple(line.amount for line in lines) == MEANT
        assert tuple(line.quantity for line in lines) == MEANT


def test_dates_in_every_form(delivering: Delivering) -> None:
    rows = [[*charge(str(70_000 + place)), raw] for place, raw in enumerate(DATES)]
    delivering.publish(charges=cp932(charges(*rows, headings=(*CHARGE_HEADINGS, "お支払期日"))))
    stored = delivering.rows("SELECT due_on FROM statement")
    assert [date.fromisoformat(str(row[0])) for row in stored] == [date(2026, 10, 27)] * len(DATES)


def test_months_in_every_form(delivering: Delivering) -> None:
    rows = [[*charge(str(70_000 + place), month=raw), raw] for place, raw in enumerate(MONTHS)]
    delivering.publish(charges=cp932(charges(*rows, headings=(*CHARGE_HEADINGS, "ご利用月"))))
    assert delivering.rows("SELECT DISTINCT billing_month FROM statement") == [(202610,)]
    documents = [statement.read(str(row[0])) for row in delivering.rows("SELECT document FROM statement")]
    assert {str(each.lines[0].usage_month) for each in documents} == {"2026-10"}


def test_what_excel_destroyed_is_refused_by_name(delivering: Delivering) -> None:
    for column, raw, code in DESTROYED:
        headings = (*CHARGE_HEADINGS, "お支払期日")
        row = dict(zip(headings, [*charge("70000"), ""], strict=True)) | {column: raw}
        outcome = delivering.check(charges=cp932(charges(list(row.values()), headings=headings)))
        assert delivering.codes(outcome) == [(code, 2, column)]
        (error,) = delivering.errors(outcome.batches[0])
        assert error.value == raw


def test_digits_that_excel_lost_are_told_in_the_operator_s_words(delivering: Delivering) -> None:
    from mypage.words.sentences import sentence

    said = sentence("batch.excel_digits_lost", "ja")
    assert said == "Excelで桁が失われています。列の書式を文字列にして保存し直してください。"


def test_customer_numbers_mean_the_same_however_they_are_written(delivering: Delivering) -> None:
    for typed in ("70000", "0070000", "７００００", "7-00-00", " 70000 ", "0000000070000", "70 000"):
        delivering.publish(charges=charges(charge(typed)))
        assert delivering.rows("SELECT DISTINCT customer_key FROM statement") == [("70000",)]


def test_a_customer_number_has_one_to_twenty_digits(delivering: Delivering) -> None:
    longest = "12345678901234567890"
    for number in ("7", longest, f"00{longest}"):
        assert delivering.check(customers=cp932(customers(customer(number)))).is_well, number
    for wrong in (f"{longest}1", "0", "000", "7001A", "①70012"):
        outcome = delivering.check(customers=cp932(customers(customer(wrong))))
        assert delivering.codes(outcome) == [("not_a_customer_number", 2, "お客様番号")], wrong


def test_a_setting_gives_the_pattern_of_numbers_with_letters_or_branches(
    database: Database, tmp_path: Path
) -> None:
    rules = LoadRules(number_pattern=re.compile("[A-Z]{2}[0-9]{5}-[0-9]{2}"))
    operator = Delivering(database, tmp_path, rules)
    operator.publish(
        customers=customers(customer("AB70012-01")), charges=charges(charge("ａｂ７００１２０１"))
    )
    assert operator.rows("SELECT customer_key FROM statement") == [("AB7001201",)]
    outcome = operator.check(charges=charges(charge("70012"), charge("AB70012")))
    assert {code for code, *_ in operator.codes(outcome)} == {"not_a_customer_number"}


def test_an_amount_is_never_a_float(delivering: Delivering) -> None:
    headings = (*CHARGE_HEADINGS, "数量", "単価")
    rows = [[*charge("70000", str(place), amount="0.1", total="1"), "1", "0.1"] for place in range(1, 11)]
    delivering.publish(charges=table(headings, *rows))
    ((document,),) = delivering.rows("SELECT document FROM statement")
    assert statement.read(str(document)).sum_of_lines == 1
