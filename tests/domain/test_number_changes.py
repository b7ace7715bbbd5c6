"""Rows of number_changes.csv → numbers that change, or errors of their cells."""

from mypage.domain.batch import Kind
from mypage.domain.columns import COLUMNS, Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.number_changes import NumberChangeRows, Row
from mypage.domain.row_error import RowError
from mypage.domain.succession import Follows

ALL = [column.heading for column in COLUMNS[Kind.NUMBER_CHANGES]]


def read(*records: list[str]) -> tuple[list[Row], list[tuple[str, int, str]]]:
    """The rows and the errors."""
    found = plan(ALL)
    assert isinstance(found, Plan)
    errors: list[RowError] = []
    rows = list(NumberChangeRows(found, fold, errors.append).rows(records))
    return rows, [(error.code, error.row, error.column) for error in errors]


def test_the_four_kinds_in_both_languages() -> None:
    rows, errors = read(
        ["0070012", " 80012 ", "変更", "2026-11-01"],
        ["70013", "80012", "統合", "2026年11月1日"],
        [],
        ["70014", "80014", "分割", "R8.11.1"],
        ["70015", "80015", "承継", "20261101"],
        *([str(number), "9", kind, "2026/11/1"] for number, kind in enumerate(("renumbered", "Merged", "split", "inherited"), 1)),
    )  # fmt: skip
    assert errors == []
    assert rows[0] == Row("70012", "80012", "0070012", "80012", Follows.RENUMBERED, "2026-11-01", 2)
    kinds = [Follows.RENUMBERED, Follows.MERGED, Follows.SPLIT, Follows.INHERITED]
    assert [row.kind for row in rows] == kinds * 2
    assert [row.row for row in rows[2:4]] == [5, 6]
    assert {row.changed_on for row in rows} == {"2026-11-01"}


def test_every_wrong_cell_is_told() -> None:
    rows, errors = read(
        ["", "x", "移転", ""],
        ["70012", "0070012", "変更", "2026-11-01"],
        ["70012", "80012", "変更", "2026-11-01", "extra"],
    )
    assert rows == []
    assert errors == [
        ("empty", 2, "旧お客様番号"),
        ("not_a_customer_number", 2, "新お客様番号"),
        ("unknown_word", 2, "区分"),
        ("empty", 2, "異動日"),
        ("number_unchanged", 3, "新お客様番号"),
        ("too_many_cells", 4, ""),
    ]
