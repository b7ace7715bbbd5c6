"""charges.csv, sentence by sentence, from bytes in CP932 to the subscriber's pages."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mypage.domain import statement
from mypage.domain.statement import LineKind, TaxClass
from mypage.store.engine import Database
from mypage.works.load.task import LoadRules
from tests.bills import PASSWORD, an_account
from tests.delivering import NOON, Delivering, customer, customers, table
from tests.portal import move_clock, portal
from tests.visitor import Page, Visitor

ALL = (
    *(
        "お客様番号",
        "名義番号",
        "請求年月",
        "請求番号",
        "処理区分",
        "明細番号",
        "サービス",
        "項目名",
        "ご利用月",
    ),
    *("数量", "単価", "金額", "金額区分", "行区分", "税区分", "請求金額合計", "お支払方法", "お支払期日"),
    *("支払状態", "消費税10%", "消費税8%"),
)
ORDINARY = {
    "お客様番号": "70012",
    "請求年月": "2026-10",
    "明細番号": "1",
    "項目名": "月額利用料",
    "金額": "1100",
    "税区分": "10",
    "請求金額合計": "1100",
}


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(customer("70012"), customer("70013")))
    return operator


@pytest.fixture
def visitor(delivering: Delivering, tmp_path: Path) -> Visitor:
    """The customer, logged in."""
    an_account(delivering.database, "70012")
    clock = tmp_path / "clock"
    move_clock(clock, NOON + timedelta(hours=6) - datetime.now(UTC))
    visitor = Visitor(portal(delivering.database, clock))
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    return visitor


def a_file(*rows: dict[str, str], without: Sequence[str] = ()) -> bytes:
    """A charges file in CP932; what a row does not say is as of an ordinary one."""
    headings = [heading for heading in ALL if heading not in without]
    cells = [[{**ORDINARY, **row}.get(heading, "") for heading in headings] for row in rows]
    return table(headings, *cells).decode().encode("cp932")


def october(visitor: Visitor) -> Page:
    return visitor.get("/statements/2026-10")


def lines_of(page: Page) -> list[list[str]]:
    """The cells of the table of lines."""
    rows = [row for part in page.root.first("table").all("tbody") for row in part.all("tr")]
    return [[cell.text() for cell in row.walk() if cell.tag in ("th", "td")] for row in rows]


def codes(delivering: Delivering, *rows: dict[str, str]) -> list[tuple[str, int, str]]:
    """What a check of these rows tells, warnings included."""
    return delivering.codes(delivering.check(file=a_file(*rows)))


def test_a_customer_who_is_not_in_the_master_is_an_error(delivering: Delivering) -> None:
    assert codes(delivering, {"お客様番号": "70099"}) == [("unknown_customer", 2, "お客様番号")]
    assert codes(delivering, {"名義番号": "2"}) == [("unknown_holder", 2, "名義番号")]


def test_a_required_cell_must_not_be_empty(delivering: Delivering) -> None:
    for column in ("お客様番号", "請求年月", "明細番号", "項目名", "金額", "税区分", "請求金額合計"):
        assert codes(delivering, {column: ""}) == [("empty", 2, column)]
        outcome = delivering.check(file=a_file({}, without=[column]))
        assert delivering.codes(outcome) == [("column_missing", 1, "")]


def test_the_statement_number_is_one_where_absent_and_extra_bills_have_their_own(
    delivering: Delivering, visitor: Visitor
) -> None:
    delivering.publish(file=a_file({}, {"請求番号": "202610000077", "お支払方法": "請求書"}))
    page = october(visitor)
    assert "ご請求額の合計（2件） 2,200円" in page.text
    assert "請求番号 1" in page.text
    assert "請求番号 202610000077" in page.text
    delivering.publish(file=a_file({"請求番号": "1", "金額": "2200", "請求金額合計": "2200"}))
    assert "ご請求額の合計（2件） 3,300円" in october(visitor).text, "number 1 is the one without a number"


def test_a_withdrawal_needs_one_row_with_its_key_and_the_subscriber_sees_it(
    delivering: Delivering, visitor: Visitor
) -> None:
    delivering.publish(file=a_file({}))
    only = {heading: "" for heading in ORDINARY if heading not in ("お客様番号", "請求年月")}
    (batch,) = delivering.publish(file=a_file({**only, "処理区分": "取消"}))
    assert batch.counts["withdrawn"] == 1
    page = october(visitor)
    assert "取り消されました" in page.text
    assert "訂正前：1,100円" in page.text
    assert "取り消されました" in visitor.get("/statements").text
    delivering.take_back(batch)
    assert "ご請求額 1,100円" in october(visitor).text
    (warned,) = delivering.publish(file=a_file({**only, "請求年月": "2026-09", "処理区分": "withdraw"}))
    assert [(each.code, each.warning) for each in delivering.errors(warned)] == [
        ("nothing_to_withdraw", True)
    ]
    assert codes(delivering, {"処理区分": "削除"}) == [("unknown_word", 2, "処理区分")]
    assert delivering.check(
        file=a_file({"処理区分": "通常"}, {"処理区分": "normal", "お客様番号": "70013"})
    ).is_well


def test_lines_stand_by_their_numbers_under_their_service(delivering: Delivering, visitor: Visitor) -> None:
    rows = [
        {"明細番号": "10", "サービス": "電話", "項目名": "通話料", "金額": "100", "ご利用月": "2026年9月"},
        {"明細番号": "2", "サービス": "ネット", "項目名": "光1ギガ", "金額": "1300"},
        {"明細番号": "3", "サービス": "ネット", "項目名": "セット割", "金額": "▲300"},
    ]
    delivering.publish(file=a_file(*({**row, "請求金額合計": "1100"} for row in rows)))
    assert lines_of(october(visitor))[:-1] == [
        ["ネット"],
        ["光1ギガ", "", "", "1,300円"],
        ["セット割", "", "", "-300円"],
        ["電話"],
        ["通話料 2026年9月ご利用分", "", "", "100円"],
    ]
    assert codes(delivering, {"金額": "550"}, {"金額": "550"}) == [("line_number_repeated", 2, "明細番号")]
    for wrong in ("0", "-1", "1.5", "一"):
        assert codes(delivering, {"明細番号": wrong}) == [("not_a_count", 2, "明細番号")]


def test_quantities_prices_and_amounts_may_have_decimals(delivering: Delivering, visitor: Visitor) -> None:
    delivering.publish(
        file=a_file(
            {
                "項目名": "ユニバーサルサービス料",
                "数量": "3",
                "単価": "2.2円",
                "金額": "6.6",
                "請求金額合計": "6",
            }
        )
    )
    assert lines_of(october(visitor))[0] == ["ユニバーサルサービス料", "3", "2.2円", "6.6円"]


def test_one_amount_basis_for_the_whole_statement(delivering: Delivering) -> None:
    rows = [{"金額": "1000", "金額区分": "税込"}, {"明細番号": "2", "金額": "100", "金額区分": "税抜"}]
    assert codes(delivering, *rows) == [("differs_in_statement", 3, "金額区分")]
    assert codes(delivering, {"金額区分": "外税"}) == [("unknown_word", 2, "金額区分")]


def test_the_total_is_the_sum_with_tax_where_the_amounts_are_without_it(delivering: Delivering) -> None:
    for basis, total, more, is_right in TOTALS:
        told = codes(delivering, {"金額区分": basis, "請求金額合計": total, **more})
        assert [each for each in told if each[0] != "tax_differs"] == (
            [] if is_right else [("total_differs", 2, "請求金額合計")]
        )


def test_tax_lines_stand_for_the_tax_of_a_statement_without_tax(delivering: Delivering) -> None:
    rows = [
        {"金額区分": "税抜", "金額": "1000", "請求金額合計": "1100"},
        {
            "金額区分": "税抜",
            "明細番号": "2",
            "項目名": "消費税",
            "金額": "100",
            "行区分": "消費税",
            "請求金額合計": "1100",
        },
    ]
    assert codes(delivering, *rows) == []


def test_a_difference_under_one_yen_is_rounding_and_from_one_yen_on_an_error(delivering: Delivering) -> None:
    for amounts, total, is_right in DIFFERENCES:
        rows = [
            {"明細番号": str(place), "金額": amount, "請求金額合計": total}
            for place, amount in enumerate(amounts, 1)
        ]
        assert codes(delivering, *rows) == ([] if is_right else [("total_differs", 2, "請求金額合計")])


def test_what_belongs_to_the_statement_is_the_same_on_each_of_its_rows(delivering: Delivering) -> None:
    for column, value in ALIKE.items():
        rows = [{"金額": "600"}, {"明細番号": "2", "金額": "500", column: value}]
        assert ("differs_in_statement", 3, column) in codes(delivering, *rows)


TOTALS: Sequence[tuple[str, str, dict[str, str], bool]] = (
    ("", "1100", {}, True),
    ("tax_included", "1100.0", {}, True),
    ("税込", "1101", {}, False),
    ("税抜", "1210", {}, True),
    ("tax_excluded", "1100", {}, False),
    ("税抜", "1211", {"消費税10%": "111"}, True),
    ("税抜", "1210", {"消費税10%": "111"}, False),
)
DIFFERENCES = (
    (("1100.4", "0.5"), "1100", True),
    (("1100.4", "0.5"), "1101", True),
    (("1100", "0.99"), "1100", True),
    (("1100", "1"), "1100", False),
    (("1100", "-1"), "1100", False),
)
ALIKE = {
    "請求金額合計": "1200",
    "お支払方法": "請求書",
    "お支払期日": "2026-10-31",
    "支払状態": "支払済",
    "消費税10%": "100",
    "消費税8%": "8",
}
KINDS = ("料金", "消費税", "過月調整", "繰越", "前受金充当", "分割", "延滞利息", "返金")


def test_every_line_kind_in_both_languages(delivering: Delivering) -> None:
    for place in range(8):
        kind = list(LineKind)[place]
        for word in (KINDS[place], kind.value, kind.value.upper()):
            delivering.publish(file=a_file({"行区分": word}))
            documents = delivering.rows("SELECT document FROM statement ORDER BY batch_id DESC LIMIT 1")
            assert statement.read(str(documents[0][0])).lines[0].kind is kind
        delivering.publish(file=a_file({"行区分": ""}))
        newest = delivering.rows("SELECT document FROM statement ORDER BY batch_id DESC LIMIT 1")
        assert statement.read(str(newest[0][0])).lines[0].kind is LineKind.CHARGE
        assert codes(delivering, {"行区分": "その他"}) == [("unknown_word", 2, "行区分")]


def test_what_counts_in_the_total_only(delivering: Delivering, visitor: Visitor) -> None:
    delivering.publish(file=a_file({"請求年月": "2026-09"}))
    more = [("繰越", "1000"), ("前受金充当", "-200"), ("延滞利息", "30"), ("返金", "-5")]
    rows: list[dict[str, str]] = [{}]
    rows += [
        {"明細番号": str(place), "項目名": kind, "行区分": kind, "金額": amount, "税区分": "不課税"}
        for place, (kind, amount) in enumerate(more, 2)
    ]
    delivering.publish(file=a_file(*({**row, "請求金額合計": "1925"} for row in rows)))
    page = october(visitor)
    assert "ご請求額 1,925円" in page.text
    assert "前回と同じ" in page.text
    assert "10%対象 1,100円 （うち消費税 100円）" in page.text
    assert "前回のご請求から変わったところ" not in page.text
    assert "前回と同じ" in visitor.get("/statements").text


def test_an_adjustment_of_a_past_month_counts_in_tax_and_comparison_and_tells_its_month(
    delivering: Delivering, visitor: Visitor
) -> None:
    delivering.publish(file=a_file({"請求年月": "2026-09"}))
    adjusted = {
        "明細番号": "2",
        "項目名": "料金の調整",
        "行区分": "過月調整",
        "金額": "▲220",
        "ご利用月": "2026-07",
    }
    delivering.publish(file=a_file({"請求金額合計": "880"}, {**adjusted, "請求金額合計": "880"}))
    page = october(visitor)
    assert ["料金の調整 2026年7月ご利用分", "", "", "-220円"] in lines_of(page)
    assert "10%対象 880円 （うち消費税 80円）" in page.text
    assert "前回より 220円減" in page.text


CLASSES = {
    TaxClass.STANDARD: ("10", "10%", "１０％"),
    TaxClass.REDUCED: ("8", "軽減8", "軽減8%"),
    TaxClass.EXEMPT: ("非課税", "exempt"),
    TaxClass.OUT_OF_SCOPE: ("不課税", "out_of_scope"),
    TaxClass.PASS_THROUGH: ("立替", "pass_through"),
    TaxClass.ZERO: ("0", "0%"),
}


def test_every_tax_class_in_both_languages_also_as_a_rate(delivering: Delivering) -> None:
    for tax_class in CLASSES:
        for word in CLASSES[tax_class]:
            content = a_file({"税区分": word})
            for headings in (content, content.replace("税区分".encode("cp932"), "税率".encode("cp932"))):
                delivering.publish(file=headings)
                newest = delivering.rows("SELECT document FROM statement ORDER BY batch_id DESC LIMIT 1")
                assert statement.read(str(newest[0][0])).lines[0].tax_class is tax_class
        assert codes(delivering, {"税区分": "5"}) == [("unknown_word", 2, "税区分")]


def test_what_is_collected_for_another_company_is_drawn_apart(
    delivering: Delivering, visitor: Visitor
) -> None:
    classes = [
        ("10", "1100"),
        ("8", "108"),
        ("非課税", "100"),
        ("不課税", "50"),
        ("0", "20"),
        ("立替", "1950"),
    ]
    rows = [
        {
            "明細番号": str(place),
            "項目名": f"品目{place}",
            "税区分": word,
            "金額": amount,
            "請求金額合計": "3328",
        }
        for place, (word, amount) in enumerate(classes, 1)
    ]
    delivering.publish(file=a_file(*rows))
    page = october(visitor)
    assert lines_of(page)[-3:] == [
        ["立替 他社の料金をお預かりしています。当社の適格請求書の対象外です。"],
        ["品目6", "", "", "1,950円"],
        ["ご請求額", "", "", "3,328円"],
    ]
    for said in ("10%対象 1,100円 （うち消費税 100円）", "8%対象（軽減税率） 108円 （うち消費税 8円）", "非課税 100円", "不課税 50円", "消費税対象外 20円"):  # fmt: skip
        assert said in page.text


STATES = {
    "請求済": ("billed", "請求済 お引き落としの結果は、5営業日ほどで表示されます。"),
    "支払済": ("paid", "お支払い済み"),
    "一部入金": ("partly_paid", "一部お支払い済み"),
    "未確認": ("unconfirmed", "お支払いの確認ができていません"),
    "振替不能": ("failed", "口座振替ができませんでした"),
    "返金済": ("refunded", "返金済み"),
}


def test_every_payment_state_with_method_and_date(delivering: Delivering, visitor: Visitor) -> None:
    for word in STATES:
        for written in (word, STATES[word][0]):
            delivering.publish(
                file=a_file({"支払状態": written, "お支払方法": "口座振替", "お支払期日": "2026/10/27"})
            )
            text = october(visitor).text
            assert (
                f"お支払い方法 口座振替 お支払い期日 2026年10月27日（火） お支払い状況 {STATES[word][1]}"
                in text
            )
        assert codes(delivering, {"支払状態": "入金"}) == [("unknown_word", 2, "支払状態")]


def test_where_nothing_is_told_of_the_payment_none_is_shown(delivering: Delivering, visitor: Visitor) -> None:
    delivering.publish(file=a_file({}))
    assert "お支払い状況" not in october(visitor).text


def test_a_tax_that_is_given_is_shown_as_given_and_one_yen_off_is_a_warning(
    delivering: Delivering, visitor: Visitor
) -> None:
    near = {"金額": "1096", "請求金額合計": "1096"}
    for given, is_warned in (("99", False), ("100", False), ("101", True), ("98", True)):
        (batch,) = delivering.publish(file=a_file({**near, "消費税10%": given}))
        told = [(each.code, each.column, each.warning) for each in delivering.errors(batch)]
        assert told == ([("tax_differs", "消費税10%", True)] if is_warned else [])
        assert f"（うち消費税 {given}円）" in october(visitor).text
    reduced = {"税区分": "8", "金額": "1080", "請求金額合計": "1080"}
    delivering.publish(file=a_file({**reduced, "消費税8%": "79"}))
    assert "8%対象（軽減税率） 1,080円 （うち消費税 79円）" in october(visitor).text


def test_a_tax_that_is_absent_is_rounded_once_per_rate_and_statement_down_by_default(
    database: Database, tmp_path: Path
) -> None:
    for rounding, tax in {"down": "99円", "half_up": "100円", "up": "100円"}.items():
        rules = LoadRules() if rounding == "down" else LoadRules(tax_rounding=rounding)
        operator = Delivering(database, tmp_path, rules)
        operator.publish(customers=customers(customer("70012")))
        rows = [
            {"金額": "548", "請求金額合計": "1096"},
            {"明細番号": "2", "金額": "548", "請求金額合計": "1096"},
        ]
        apart = [rows[0], {"お客様番号": "9"}, rows[1]]
        for each in (rows, apart):
            operator.publish(customers=customers(customer("9")), file=a_file(*each))
            newest = operator.rows(
                "SELECT document FROM statement WHERE customer_key = '70012' ORDER BY batch_id DESC LIMIT 1"
            )
            assert [f"{rate.tax}円" for rate in statement.read(str(newest[0][0])).taxes] == [tax]


def test_a_total_of_zero_and_one_below_are_told_in_words(delivering: Delivering, visitor: Visitor) -> None:
    delivering.publish(
        file=a_file(
            {"金額": "0", "請求金額合計": "0"},
            {"請求年月": "2026-09", "金額": "-550", "請求金額合計": "-550"},
        )
    )
    assert "0円 今回のお支払いはありません" in october(visitor).text
    assert "-550円 ご返金・次回充当" in visitor.get("/statements/2026-09").text


def test_rows_in_any_order_make_the_same_statements(delivering: Delivering) -> None:
    rows = [
        {"お客様番号": number, "明細番号": str(line), "金額": "550"}
        for number in ("70012", "70013")
        for line in (1, 2)
    ]
    for order in ((0, 1, 2, 3), (0, 2, 1, 3), (3, 0, 2, 1)):
        delivering.publish(file=a_file(*(rows[place] for place in order)))
    documents = {str(row[0]) for row in delivering.rows("SELECT document FROM statement")}
    assert len(documents) == 1


def test_the_same_key_twice_in_a_file_is_an_error_and_in_a_later_file_a_correction(
    delivering: Delivering, visitor: Visitor
) -> None:
    assert codes(delivering, {}, {"お客様番号": "70013"}, {"お客様番号": "0070012"}) == [
        ("line_number_repeated", 2, "明細番号"), ("total_differs", 2, "請求金額合計")
    ]  # fmt: skip
    delivering.publish(file=a_file({}))
    assert "訂正" not in october(visitor).text
    delivering.publish(file=a_file({"金額": "2200", "請求金額合計": "2200"}))
    text = october(visitor).text
    assert "ご請求額 2,200円" in text
    assert "訂正前：1,100円（2026年11月24日（火）12時" in text
    assert "訂正" in visitor.get("/statements").text
