"""Headings: Japanese or alias, in any order; the kind is seen from them."""

import pytest

from mypage.domain.batch import Kind
from mypage.domain.columns import COLUMNS, HeadingDefect, Plan, heading_of, kind_of, plan

CHARGES = ["お客様番号", "請求年月", "明細番号", "項目名", "金額", "税区分", "請求金額合計"]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_seen_from_its_headings_in_both_languages(kind: Kind) -> None:
    for headings in (
        [column.heading for column in COLUMNS[kind]],
        [column.name for column in COLUMNS[kind]],
        [column.heading for column in COLUMNS[kind] if column.required],
        [column.name.upper() for column in reversed(COLUMNS[kind]) if column.required],
    ):
        assert kind_of(headings) is kind
        found = plan(headings)
        assert isinstance(found, Plan)
        assert found.kind is kind
        assert found.extra == ()


def test_headings_are_found_whatever_their_order_width_and_spaces() -> None:
    found = plan(
        [
            "備考",
            " 金額 ",
            "税　率",
            "明細番号*",
            "消費税１０％",
            "請求金額合計",
            "項目名",
            "請求年月",
            "お客様番号",
            "",
        ]
    )
    assert isinstance(found, Plan)
    assert found.places["amount"] == 1
    assert found.places["tax_class"] == 2
    assert found.places["line_number"] == 3
    assert found.places["tax_10"] == 4
    assert found.extra == ("備考",)
    assert found.heading("tax_class") == "税　率"
    assert found.heading("due_on") == "お支払期日"


def test_what_is_missing_is_named_with_the_kind_that_was_meant() -> None:
    found = plan([heading for heading in CHARGES if heading not in ("金額", "税区分")])
    assert found == HeadingDefect("column_missing", {"columns": "金額、税区分", "kind": "charges"})


def test_a_charges_file_that_lacks_a_column_is_not_taken_for_payments() -> None:
    headings = [column.heading for column in COLUMNS[Kind.CHARGES] if column.heading != "金額"]
    assert kind_of(headings) is Kind.CHARGES
    assert plan(headings) == HeadingDefect("column_missing", {"columns": "金額", "kind": "charges"})


def test_a_kind_can_be_forced() -> None:
    assert isinstance(plan(CHARGES, Kind.CONTRACTS), HeadingDefect)
    assert isinstance(plan(CHARGES, Kind.CHARGES), Plan)


@pytest.mark.parametrize("headings", [[], ["a", "b"], ["お客様番号"], ["電話番号", "契約番号"]])
def test_headings_that_fit_nothing_or_two_kinds_alike(headings: list[str]) -> None:
    found = plan(headings)
    assert isinstance(found, HeadingDefect)
    assert found.code in ("kind_unknown", "column_missing")


def test_two_columns_that_mean_the_same_are_refused() -> None:
    assert plan([*CHARGES, "税率"]) == HeadingDefect("column_twice", {"columns": "税区分"})


def test_a_heading_of_no_column_is_itself() -> None:
    assert heading_of(Kind.CHARGES, "total") == "請求金額合計"
    assert heading_of(Kind.CHARGES, "nothing") == "nothing"
