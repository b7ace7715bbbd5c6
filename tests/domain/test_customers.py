"""Rows of customers.csv → the master, and whose statement it is."""

import datetime

import pytest

from mypage.domain.columns import Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.customers import CustomerRows, Holder, Row, holder_for, version
from mypage.domain.row_error import RowError

REQUIRED = ["お客様番号", "契約者名", "契約者名カナ", "電話番号", "契約状態"]
OPTIONAL = [
    "名義番号", "名義開始日", "契約者名カナ2", "電話番号2", "郵便番号", "住所", "請求先名", "請求先郵便番号", "請求先住所",
    "契約日", "解約日", "Web登録", "登録キー",
]  # fmt: skip
TAROU = ["0070012", "愛込　太郎", "アイコム　タロウ", "0748-62-1234", "契約中"]


def read(*records: list[str], headings: list[str] = REQUIRED) -> tuple[list[Row], list[RowError]]:
    """The rows and what is told of them."""
    found = plan(headings)
    assert isinstance(found, Plan)
    errors: list[RowError] = []
    rows = list(CustomerRows(found, fold, errors.append).rows(records))
    return rows, errors


def told(errors: list[RowError]) -> list[tuple[str, int, str, bool]]:
    """Code, row, column, and whether it is a warning."""
    return [(error.code, error.row, error.column, error.warning) for error in errors]


def test_a_row_with_all_its_columns() -> None:
    more = [
        "2",
        "R8.4.1",
        "キュウセイ　タロウ",
        "090-1234-5678",
        "528-0031",
        "滋賀県\n甲賀市",
        "経理部",
        "100-0001",
        "東京都",
    ]
    rows, errors = read([*TAROU, *more, "2019/4/1", "", "不可", "dx6w-5wqk"], headings=REQUIRED + OPTIONAL)
    assert errors == []
    (row,) = rows
    assert (row.number, row.holder_no, row.shown_number, row.row) == ("70012", 2, "0070012", 2)
    assert row.given == {
        "holder_since": "2026-04-01",
        "name": "愛込　太郎",
        "name_kana": "アイコム　タロウ",
        "name_kana2": "キュウセイ　タロウ",
        "phone": "0748-62-1234",
        "phone2": "090-1234-5678",
        "postal_code": "528-0031",
        "address": "滋賀県 甲賀市",
        "billing_name": "経理部",
        "billing_postal_code": "100-0001",
        "billing_address": "東京都",
        "status": "active",
        "contracted_on": "2019-04-01",
        "ended_on": None,
        "web_registration": False,
        "registration_key": "DX6W5WQK",
    }


def test_empty_cells_of_columns_that_are_there() -> None:
    rows, errors = read([*TAROU, *[""] * len(OPTIONAL)], headings=REQUIRED + OPTIONAL)
    assert errors == []
    assert rows[0].holder_no == 1
    given = rows[0].given
    assert given["web_registration"] is True
    assert [given[name] for name in ("holder_since", "phone2", "address", "registration_key")] == [None] * 4


def test_errors_of_cells_and_warnings_of_what_cannot_register() -> None:
    number, name, kana, phone, status = TAROU
    rows, errors = read(
        ["", " ", kana, phone, ""],
        ["x", name, kana, "9.01E+10", "廃止"],
        [number, name, "愛込太郎", "0000000000", status],
        ["70013", name, "", "", "ended"],
        [],
        ["70014", name, kana, phone, status, "extra"],
        ["70015", "#N/A", "ｱｲｺﾑ\ue000", phone, status],
    )
    assert told(errors) == [
        ("empty", 2, "お客様番号", False),
        ("empty", 2, "契約者名", False),
        ("empty", 2, "契約状態", False),
        ("not_a_customer_number", 3, "お客様番号", False),
        ("excel_digits_lost", 3, "電話番号", False),
        ("unknown_word", 3, "契約状態", False),
        ("kana_kanji", 4, "契約者名カナ", True),
        ("phone_dummy", 4, "電話番号", True),
        ("kana_empty", 5, "契約者名カナ", True),
        ("phone_empty", 5, "電話番号", True),
        ("too_many_cells", 7, "", False),
        ("excel_error", 8, "契約者名", False),
        ("gaiji", 8, "契約者名カナ", False),
    ]
    assert [row.number for row in rows] == ["70012", "70013"]


def test_errors_of_the_optional_columns() -> None:
    cells = dict.fromkeys(OPTIONAL, "") | {
        "名義番号": "A",
        "名義開始日": "46322",
        "Web登録": "?",
        "登録キー": "1E+8",
    }
    cells["電話番号2"] = "1\x00"
    _, errors = read([*TAROU, *cells.values()], headings=REQUIRED + OPTIONAL)
    assert sorted(error.code for error in errors) == sorted(
        ["not_a_count", "excel_serial_date", "unknown_word", "excel_digits_lost", "control_character"]
    )


def test_a_version_carries_what_its_file_does_not_say() -> None:
    rows, _ = read(TAROU)
    new = version(rows[0], None, fold_v=False)
    assert (new["address"], new["web_registration"], new["holder_no"]) == (None, True, 1)
    assert new["phone_keys"] == ["0748621234"]
    assert new["defects"] == []
    assert len(list(new["name_keys"] or [])) == 2  # type: ignore[arg-type]
    below = {**new, "address": "滋賀県", "web_registration": False, "phone2": "090-1234-5678"}
    carried = version(rows[0], below, fold_v=True)
    assert (carried["address"], carried["web_registration"]) == ("滋賀県", False)
    assert carried["phone_keys"] == ["0748621234", "09012345678"]
    assert carried["name_rule"] != new["name_rule"]


def test_a_version_without_kana_and_phone_has_no_keys() -> None:
    rows, _ = read(["70012", "愛込", "", "", "契約中"])
    made = version(rows[0], None, fold_v=False)
    assert (made["name_keys"], made["phone_keys"]) == ([], [])
    assert made["defects"] == ["kana_empty", "phone_empty"]


def day(text: str) -> datetime.date:
    """A date."""
    return datetime.date.fromisoformat(text)


FIRST = Holder(1, None)
SINCE = Holder(1, day("2019-04-01"))
SECOND = Holder(2, day("2026-09-15"))
THIRD = Holder(3, day("2026-09-30"))


@pytest.mark.parametrize(
    ("holders", "months", "holder_no"),
    [
        ([FIRST], (202609, 202609), 1),
        ([SINCE], (201904, 201904), 1),
        ([SINCE], (201903, 201903), None),
        ([SINCE], (201903, 202609), None),
        ([SINCE, SECOND], (202608, 202608), 1),
        ([SINCE, SECOND], (202609, 202609), 2),
        ([FIRST, SECOND], (202609, 202611), 2),
        # A bill with usage of two holders is nobody's alone.
        ([SINCE, SECOND], (202608, 202609), None),
        ([FIRST, SECOND, THIRD], (202609, 202609), 3),
        # The second holder began at a time that nobody knows.
        ([SINCE, Holder(2, None)], (202609, 202609), None),
        ([SECOND, FIRST], (202608, 202608), 1),
    ],
)
def test_a_statement_belongs_to_the_holder_at_the_end_of_its_usage_month(
    holders: list[Holder], months: tuple[int, int], holder_no: int | None
) -> None:
    assert holder_for(holders, *months) == holder_no
