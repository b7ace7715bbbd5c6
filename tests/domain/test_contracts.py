"""Rows of contracts.csv → contracts."""

from mypage.domain.batch import Kind
from mypage.domain.columns import COLUMNS, Plan, plan
from mypage.domain.contracts import ContractRows, Row
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError

ALL = [column.heading for column in COLUMNS[Kind.CONTRACTS]]
REQUIRED = [column.heading for column in COLUMNS[Kind.CONTRACTS] if column.required]


def read(*records: list[str], headings: list[str] = ALL) -> tuple[list[Row], list[tuple[str, int, str]]]:
    """The rows and the errors."""
    found = plan(headings)
    assert isinstance(found, Plan)
    errors: list[RowError] = []
    rows = list(ContractRows(found, fold, errors.append).rows(records))
    return rows, [(error.code, error.row, error.column) for error in errors]


def test_a_full_row_and_one_with_the_least() -> None:
    rows, errors = read(
        [
            "0070012",
            "2",
            "K-1",
            "電気",
            "従量 30A",
            "休止",
            "R8.4.1",
            "2026/10/31",
            "スマートメーター",
            "1,234.50円",
        ],
        ["70013", "", "K-2", "電話", "基本", "工事待ち", "", "", "", ""],
        [],
    )
    assert errors == []
    assert rows[0] == Row(
        "70012",
        2,
        "0070012",
        2,
        {
            "contract_number": "K-1",
            "service": "電気",
            "course": "従量 30A",
            "status": "suspended",
            "started_on": "2026-04-01",
            "ended_on": "2026-10-31",
            "equipment": "スマートメーター",
            "monthly_fee": "1234.5",
        },
    )
    assert rows[1].holder_no == 0
    assert rows[1].contract["status"] == "工事待ち"
    assert rows[1].contract["monthly_fee"] is None


def test_required_columns_are_enough() -> None:
    rows, errors = read(["70012", "K", "電話", "基本", "契約中"], headings=REQUIRED)
    assert errors == []
    assert rows[0].contract["status"] == "active"
    assert rows[0].contract["equipment"] is None


def test_every_wrong_cell_is_told() -> None:
    rows, errors = read(
        ["", "x", "", "", "", "", "46322", "?", "\x01", "abc"],
        ["70012", "", "K", "電話", "基本", "状態\ue000", "", "", "", ""],
        ["70012", "", "K", "電話", "基本", "契約中", "", "", "", "", "extra"],
    )
    assert rows == []
    assert errors == [
        ("empty", 2, "お客様番号"),
        ("not_a_count", 2, "名義番号"),
        ("empty", 2, "契約番号"),
        ("empty", 2, "サービス"),
        ("empty", 2, "コース名"),
        ("empty", 2, "状態"),
        ("excel_serial_date", 2, "開始日"),
        ("not_a_date", 2, "終了日"),
        ("control_character", 2, "機器"),
        ("not_a_number", 2, "月額"),
        ("gaiji", 3, "状態"),
        ("too_many_cells", 4, ""),
    ]
