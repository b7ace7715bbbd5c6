"""Rows of payments.csv → payment states, or errors of their cells."""

from mypage.domain.batch import Kind
from mypage.domain.columns import COLUMNS, Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.payments import PaymentRows, Row, Unread, version
from mypage.domain.row_error import RowError

ALL = [column.heading for column in COLUMNS[Kind.PAYMENTS]]
REQUIRED = [column.heading for column in COLUMNS[Kind.PAYMENTS] if column.required]


def read(
    *records: list[str], headings: list[str] = ALL, kind: Kind | None = None
) -> tuple[list[Row | Unread], list[tuple[str, int, str]]]:
    """The rows and the errors."""
    found = plan(headings, kind)
    assert isinstance(found, Plan)
    errors: list[RowError] = []
    rows = list(PaymentRows(found, fold, errors.append).rows(records))
    return rows, [(error.code, error.row, error.column) for error in errors]


def test_a_full_row_and_one_with_the_least() -> None:
    rows, errors = read(
        ["0070012", "2", "令和8年10月", "7", "一部入金", "2026/11/5", "3,000円", "R8.11.10"],
        ["70013", "", "202610", "", "PAID", "", "", ""],
        [],
    )
    assert errors == []
    assert rows == [
        Row(
            "70012",
            2,
            202610,
            7,
            "0070012",
            2,
            {
                "state": "partly_paid",
                "paid_on": "2026-11-05",
                "paid_amount": 3000,
                "retry_on": "2026-11-10",
            },
        ),
        Row(
            "70013",
            0,
            202610,
            1,
            "70013",
            3,
            {"state": "paid", "paid_on": None, "paid_amount": None, "retry_on": None},
        ),
    ]


def test_required_columns_are_enough_and_say_nothing_of_the_others() -> None:
    rows, errors = read(["70012", "2026-10", "支払済"], headings=REQUIRED, kind=Kind.PAYMENTS)
    assert errors == []
    assert rows == [Row("70012", 0, 202610, 1, "70012", 2, {"state": "paid"})]


def test_every_wrong_cell_is_told_and_the_row_says_which_statement_it_means() -> None:
    rows, errors = read(
        ["", "x", "2026-13", "0", "入金", "46322", "1.5", "?"],
        ["70012", "", "2026-10", "3", "", "", "", ""],
        ["70012", "", "2026-10", "", "支払済", "", "", "", "extra"],
    )
    assert errors == [
        ("empty", 2, "お客様番号"),
        ("not_a_count", 2, "名義番号"),
        ("no_such_month", 2, "請求年月"),
        ("not_a_count", 2, "請求番号"),
        ("unknown_word", 2, "支払状態"),
        ("excel_serial_date", 2, "入金日"),
        ("not_whole", 2, "入金額"),
        ("not_a_date", 2, "再振替日"),
        ("empty", 3, "支払状態"),
        ("too_many_cells", 4, ""),
    ]
    unread = [row for row in rows if isinstance(row, Unread)]
    assert [(each.error.code, each.month, each.statement_number) for each in unread] == [
        ("empty", None, 1),
        ("empty", 202610, 3),
        ("too_many_cells", None, 1),
    ]


def test_an_absent_column_is_taken_from_below_and_an_empty_cell_is_not() -> None:
    below = {"state": "failed", "paid_on": None, "paid_amount": 500, "retry_on": "2026-11-10"}
    assert version({"state": "paid", "paid_amount": None}, below) == {
        "state": "paid",
        "paid_on": None,
        "paid_amount": None,
        "retry_on": "2026-11-10",
    }
    assert version({"state": "paid"}, None) == {
        "state": "paid",
        "paid_on": None,
        "paid_amount": None,
        "retry_on": None,
    }
