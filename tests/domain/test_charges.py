"""Rows of charges.csv → groups of lines, or errors of their cells."""

import csv
import io
from decimal import Decimal

import pytest

from mypage.adapters.reading.records import LONGEST_CELL, Records
from mypage.domain import cell_readers
from mypage.domain.charge_heads import Group, Key
from mypage.domain.charges import ChargeRows
from mypage.domain.columns import Plan, Unsplit, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError
from mypage.domain.statement import AmountBasis, PaymentState

HEADINGS = [
    "お客様番号", "名義番号", "請求年月", "請求番号", "処理区分", "明細番号", "サービス", "項目名", "ご利用月", "数量",
    "単価", "金額", "税区分", "行区分", "金額区分", "請求金額合計", "お支払方法", "お支払期日", "支払状態", "消費税10%",
    "消費税8%",
]  # fmt: skip
ROW = dict.fromkeys(HEADINGS, "") | {
    "お客様番号": "0070012",
    "請求年月": "2026-10",
    "明細番号": "1",
    "項目名": "月額利用料",
    "金額": "500",
    "税区分": "10",
    "請求金額合計": "500",
}


def a_row(**cells: str) -> list[str]:
    """A row with other cells than an ordinary one."""
    return list({**ROW, **cells}.values())


def read(*records: list[str], headings: list[str] = HEADINGS) -> tuple[list[Group], list[RowError]]:
    """The groups and the errors of a file."""
    found = plan(headings)
    assert isinstance(found, Plan)
    errors: list[RowError] = []
    rows = ChargeRows(found, fold, errors.append)
    return list(rows.groups(lines(*records))), errors


def lines(*records: list[str]) -> Records:
    """What a file of these records is read as."""
    file = io.StringIO(newline="")
    for record in records:
        csv.writer(file).writerow(["x" * (LONGEST_CELL + 1)] if isinstance(record, Unsplit) else record)
    file.seek(0)
    return Records(file, ",")


def told(errors: list[RowError]) -> list[tuple[str, int, str]]:
    """Code, row and column of each error."""
    return [(error.code, error.row, error.column) for error in errors]


def test_a_full_row_and_one_with_the_defaults() -> None:
    groups, errors = read(
        a_row(
            名義番号="2",
            請求番号="3",
            金額区分="税抜",
            お支払方法="口座振替",
            お支払期日="令和8年10月27日",
            支払状態="振替不能",
        ),
        a_row(),
    )
    assert errors == []
    first, second = groups
    assert first.key == Key("70012", 202610, 3, 2)
    assert (first.basis, first.payment_state) == (AmountBasis.TAX_EXCLUDED, PaymentState.FAILED)
    assert (first.due_on, first.payment_method) == ("2026-10-27", "口座振替")
    assert second.key == Key("70012", 202610, 1, 0)
    assert (second.basis, second.payment_state, second.payment_method) == (
        AmountBasis.TAX_INCLUDED,
        None,
        None,
    )
    assert (second.due_on, second.tax_10, second.tax_8) == (None, None, None)


def test_rows_with_the_same_head_are_one_group_and_rows_are_counted_as_excel_does() -> None:
    groups, errors = read(
        a_row(), a_row(明細番号="2"), [], a_row(明細番号="3"), ["  ", ""], a_row(請求年月="2026-11"), []
    )
    assert errors == []
    assert [(group.first_row, group.rows, list(group.line_numbers)) for group in groups] == [
        (2, 2, [1, 2]),
        (5, 1, [3]),
        (7, 1, [1]),
    ]


def test_short_rows_are_filled_and_overlong_ones_are_told() -> None:
    groups, errors = read(
        a_row()[:16], a_row()[:10], [*a_row(), "", " "], [*a_row(), "x"], Unsplit(), a_row(明細番号="9")
    )
    assert told(errors) == [
        ("empty", 3, "請求金額合計"),
        ("empty", 3, "金額"),
        ("empty", 3, "税区分"),
        ("too_many_cells", 5, ""),
        ("record_broken", 6, ""),
    ]
    assert [group.first_row for group in groups] == [2, 3, 4, 7]


def test_a_line_is_digested_with_all_that_stands_on_it() -> None:
    groups, _ = read(
        a_row(
            サービス="電話",
            ご利用月="R8.9",
            数量="1.5",
            単価="2.2",
            金額="▲3.3",
            税区分="立替",
            行区分="過月調整",
        )
    )
    (item,) = groups[0].lines
    assert item.tail == ',"電話","月額利用料",202609,"1.5","2.2","-3.3","adjustment","pass_through"]'
    assert (item.amount, item.usage_month) == (Decimal("-3.3"), 202609)


def test_tax_classes_in_all_their_names() -> None:
    names = [
        "10",
        "10%",
        "１０％",
        "8",
        "軽減8",
        "軽減8％",
        "0",
        "非課税",
        "exempt",
        "不課税",
        "out_of_scope",
        "立替",
    ]
    groups, errors = read(*(a_row(税区分=name, 明細番号=str(place)) for place, name in enumerate(names, 1)))
    assert errors == []
    classes = [item.tail.rsplit(",", 1)[1][1:-2] for item in groups[0].lines]
    expected = ["10"] * 3 + ["8"] * 3 + ["0"] + ["exempt"] * 2 + ["out_of_scope"] * 2 + ["pass_through"]
    assert classes == expected


def test_errors_of_the_head_are_told_for_every_row_of_it() -> None:
    groups, errors = read(
        a_row(お客様番号="1.23E+11"),
        a_row(お客様番号="1.23E+11", 明細番号="2"),
        a_row(請求金額合計="46322.5"),
        a_row(請求金額合計="46322.5", 金額="x"),
        a_row(お客様番号="", 請求番号="A", 名義番号="0"),
        a_row(お客様番号="山田"),
        a_row(お客様番号="7\ue000"),
    )
    assert told(errors) == [
        ("excel_digits_lost", 2, "お客様番号"),
        ("excel_digits_lost", 3, "お客様番号"),
        ("not_whole", 4, "請求金額合計"),
        ("not_whole", 5, "請求金額合計"),
        ("not_a_number", 5, "金額"),
        ("empty", 6, "お客様番号"),
        ("not_a_count", 6, "名義番号"),
        ("not_a_count", 6, "請求番号"),
        ("not_a_customer_number", 7, "お客様番号"),
        ("gaiji", 8, "お客様番号"),
    ]
    # The key of rows 4 and 5 is known, so that what follows from their error is not told as well.
    assert [(group.first_row, group.flawed) for group in groups] == [(4, True)]


def test_errors_of_a_line_are_told_with_the_cell_as_it_stood() -> None:
    groups, errors = read(a_row(金額="五百", 税区分="5", 明細番号="0"), a_row(明細番号="", 項目名=" "))
    assert [(error.code, error.column, error.customer_number, error.value) for error in errors] == [
        ("not_a_number", "金額", "0070012", "五百"),
        ("unknown_word", "税区分", "0070012", "5"),
        ("not_a_count", "明細番号", "0070012", "0"),
        ("empty", "項目名", "0070012", " "),
        ("empty", "明細番号", "0070012", ""),
    ]
    assert [group.flawed for group in groups] == [True]


def test_a_line_number_is_read_although_its_line_is_known() -> None:
    groups, errors = read(a_row(), a_row(明細番号="x"))
    assert told(errors) == [("not_a_count", 3, "明細番号")]
    assert groups[0].flawed


def test_withdrawing_needs_the_key_only() -> None:
    only_key = dict.fromkeys(HEADINGS, "") | {
        "お客様番号": "70012",
        "請求年月": "2026-10",
        "処理区分": "取消",
    }
    groups, errors = read(list(only_key.values()), list({**only_key, "請求年月": ""}.values()))
    assert told(errors) == [("empty", 3, "請求年月")]
    assert [(group.withdrawn, group.flawed, group.total) for group in groups] == [(True, False, 0)]
    groups, errors = read(a_row(), a_row(処理区分="取消"), a_row(処理区分="取消", 明細番号="x"))
    assert errors == []
    assert [(group.rows, group.withdrawn) for group in groups] == [(1, False), (2, True)]
    groups, errors = read(a_row(処理区分="取消", 請求金額合計="x"))
    assert told(errors) == [("not_a_number", 2, "請求金額合計")]


def test_a_file_of_required_columns_only() -> None:
    names = ["お客様番号", "請求年月", "明細番号", "項目名", "金額", "税率", "請求金額合計"]
    groups, errors = read(
        ["70012", "2026-10", "1", "料金", "500", "8", "500"],
        ["70012", "2026-10", "2", "料金", "500", "8", "x"],
        headings=names,
    )
    assert told(errors) == [("not_a_number", 3, "請求金額合計")]
    assert [(group.key, group.flawed) for group in groups] == [
        (Key("70012", 202610, 1, 0), False),
        (Key("70012", 202610, 1, 0), True),
    ]


def test_no_more_is_remembered_than_a_tariff_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_readers, "REMEMBERED", 2)
    groups, errors = read(*(a_row(明細番号=str(n), 金額=str(n), 請求金額合計="10") for n in range(1, 5)))
    assert errors == []
    assert [item.amount for item in groups[0].lines] == [1, 2, 3, 4]
    months = [a_row(請求年月=f"2026-{month:02}") for month in range(1, 5)]
    groups, errors = read(*months)
    assert errors == []
    assert [group.key.month for group in groups] == [202601, 202602, 202603, 202604]


def test_an_empty_file_has_no_groups() -> None:
    assert read() == ([], [])
