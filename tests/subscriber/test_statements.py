"""ご利用料金 and its details as a person with a browser has them."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from mypage.domain.statement import AmountBasis, LineKind, TaxClass
from mypage.domain.statement_build import line
from mypage.services import publication
from mypage.services.publication import Published, TakenBack
from mypage.store.engine import Database
from mypage.store.schema import account_customer, statement_view
from tests.bills import LONG_AGO, PASSWORD, a_bill, a_line, an_account, publish_bills, stage_bills
from tests.builders import a_customer, publish_customers
from tests.delivering import NUMBERS
from tests.portal import portal
from tests.visitor import Page, Visitor

CORRECTED = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


@pytest.fixture
def app(database: Database) -> Flask:
    publish_customers(database, a_customer(), a_customer("70012"))
    an_account(database, "12345678")
    an_account(database, "70012", login_id="hanako-2026")
    return portal(database)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return logged_in(app)


def logged_in(app: Flask, login_id: str = "tarou-2026", language: str = "ja") -> Visitor:
    visitor = Visitor(app, headers={"Accept-Language": language})
    word = "Log in" if language == "en" else "ログイン"
    visitor.get("/login").submit(word, login_id=login_id, password=PASSWORD)
    return visitor


def rows(page: Page) -> list[list[str]]:
    """The cells of the first table's rows, head included."""
    body = page.root.first("table").all("tbody")
    found = [row for part in body for row in part.all("tr")]
    return [[cell.text() for cell in row.walk() if cell.tag in ("th", "td")] for row in found]


def test_before_the_first_bill_the_pages_say_so(visitor: Visitor) -> None:
    assert "まだご請求がありません" in visitor.get("/").text
    assert "まだご請求がありません" in visitor.get("/statements").text
    assert visitor.get("/statements/2026-10").status == 404


def test_the_list_newest_first_with_differences(database: Database, visitor: Visitor) -> None:
    publish_bills(
        database,
        a_bill(202607, total=5000, state="paid", due_on=date(2026, 7, 27)),
        a_bill(202608, total=5330, state="paid", due_on=date(2026, 8, 27)),
        a_bill(202609, total=5000, state="failed"),
        a_bill(202610, total=5000, method="請求書", state=None, due_on=None),
    )
    page = visitor.get("/statements")
    assert rows(page) == [
        ["2026年10月", "5,000円", "前回と同じ", "請求書", "詳細 2026年10月"],
        [
            "2026年9月",
            "5,000円",
            "前回より 330円減",
            "口座振替 2026年10月27日（火） 口座振替ができませんでした",
            "詳細 2026年9月",
        ],
        [
            "2026年8月",
            "5,330円",
            "前回より 330円増",
            "口座振替 2026年8月27日（木） お支払い済み",
            "詳細 2026年8月",
        ],
        ["2026年7月", "5,000円", "", "口座振替 2026年7月27日（月） お支払い済み", "詳細 2026年7月"],
    ]
    assert page.root.first("svg").first("title").text() == "ご請求額の推移"
    assert page.follow("詳細 2026年8月").path == "/statements/2026-08"
    assert page.follow("ご契約内容").path == "/contract"


def test_the_list_says_what_is_out_of_the_ordinary(database: Database, visitor: Visitor) -> None:
    publish_bills(
        database,
        a_bill(202606, total=0, lines=(a_line(100), a_line(-100, "割引"))),
        a_bill(202607, total=-550),
        a_bill(202608, total=1000),
        a_bill(202609, total=1000),
        a_bill(202609, total=500, number=2, method="請求書", state="unconfirmed"),
        a_bill(202610, total=900),
    )
    publish_bills(database, a_bill(202608, total=1100), a_bill(202610, withdrawn=True))
    found = {row[0]: row[1:] for row in rows(visitor.get("/statements"))}
    assert found["2026年10月"][:3] == ["取り消されました 訂正", "", ""]
    assert found["2026年9月"][:2] == ["1,500円 請求2件", "前回より 400円増"]
    assert "お支払いの確認ができていません" in found["2026年9月"][2]
    assert found["2026年8月"][:2] == ["1,100円 訂正", "前回より 1,650円増"]
    assert found["2026年7月"][0] == "-550円 ご返金・次回充当"
    assert found["2026年6月"][0] == "0円 今回のお支払いはありません"


def test_nobody_s_text_becomes_markup(database: Database, visitor: Visitor) -> None:
    nasty = "<script>alert(1)</script>"
    publish_bills(database, a_bill(202610, method=nasty, lines=(a_line(5500, nasty, nasty),)))
    for path in ("/", "/statements", "/statements/2026-10"):
        page = visitor.get(path)
        assert nasty not in page.html
        assert nasty in page.text


def test_one_page_is_not_another_person_s(app: Flask, database: Database, visitor: Visitor) -> None:
    publish_bills(database, a_bill(202610, total=5500), a_bill(202610, total=7700, customer_key="70012"))
    hanako = logged_in(app, "hanako-2026")
    for _ in range(2):
        assert "5,500円" in visitor.get("/statements").text
        assert "7,700円" in hanako.get("/statements").text
        assert "5,500円" not in hanako.get("/statements").text
    tokens = {
        each.get("/statements").form_with("ログアウト").all("input")[0].attributes["value"]
        for each in (visitor, hanako)
    }
    assert len(tokens) == 2, "the kept shell holds nobody's token"


def test_a_statement_with_everything(database: Database, visitor: Visitor) -> None:
    publish_bills(database, a_bill(202609, total=5000, lines=(a_line(5000),)))
    lines = (
        a_line(5500),
        line(service="インターネット", description="光セット割", amount=-1100, tax_class=TaxClass.STANDARD),
        line(
            service="新聞", description="電子版", amount=1080, tax_class=TaxClass.REDUCED, usage_month=202609
        ),
        line(service="", description="寄付", amount=100, tax_class=TaxClass.EXEMPT),
        line(service="テレビ", description="NHK団体一括", amount=1950, tax_class=TaxClass.PASS_THROUGH),
    )
    publish_bills(database, a_bill(202610, total=7530, lines=lines))
    page = visitor.get("/statements/2026-10")
    text = page.text
    assert "ご利用料金の明細 2026年10月" in page.title
    assert rows(page) == [
        ["インターネット"],
        ["月額利用料", "", "", "5,500円"],
        ["光セット割", "", "", "-1,100円"],
        ["新聞"],
        ["電子版※ 2026年9月ご利用分", "", "", "1,080円"],
        ["寄付", "", "", "100円"],
        ["立替 他社の料金をお預かりしています。当社の適格請求書の対象外です。"],
        ["NHK団体一括", "", "", "1,950円"],
        ["ご請求額", "", "", "7,530円"],
    ]
    assert "10%対象 4,400円 （うち消費税 400円）" in text
    assert "8%対象（軽減税率） 1,080円 （うち消費税 80円）" in text
    assert "非課税 100円" in text
    assert "請求済 お引き落としの結果は、5営業日ほどで表示されます。" in text
    assert "前回より 2,530円増" in text
    assert "インターネット 月額利用料 5,000円 5,500円 +500円" in text
    assert "新聞 電子版 なし 1,080円 +1,080円" in text
    assert page.follow("前の月（2026年9月）").follow("次の月（2026年10月）").path == "/statements/2026-10"


def test_amounts_without_tax_quantities_and_tenths_of_a_yen(database: Database, visitor: Visitor) -> None:
    from decimal import Decimal

    lines = (
        line(service="電話", description="基本料", amount=1000, tax_class=TaxClass.STANDARD),
        line(
            service="電話",
            description="ユニバーサルサービス料",
            amount=Decimal("6.6"),
            tax_class=TaxClass.STANDARD,
            quantity=3,
            unit_price=Decimal("2.2"),
        ),
        line(
            service="電話",
            description="延滞利息",
            amount=50,
            tax_class=TaxClass.OUT_OF_SCOPE,
            kind=LineKind.LATE_INTEREST,
        ),
    )
    publish_bills(
        database, a_bill(202610, total=1157, lines=lines, basis=AmountBasis.TAX_EXCLUDED, method="請求書")
    )
    page = visitor.get("/statements/2026-10")
    assert ["ユニバーサルサービス料", "3", "2.2円", "6.6円"] in rows(page)
    assert "（ほかに消費税 100円）" in page.text
    assert "不課税 50円" in page.text
    assert "お引き落としの結果" not in page.text, "nobody waits for a debit who pays by hand"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("paid", "お支払い済み"),
        ("partly_paid", "一部お支払い済み 残りのお支払い方法は"),
        ("unconfirmed", "お支払いの確認ができていません 行き違いの場合は"),
        ("failed", "口座振替ができませんでした お支払い方法は"),
        ("refunded", "返金済み"),
    ],
)
def test_payment_states(database: Database, visitor: Visitor, state: str, said: str) -> None:
    publish_bills(database, a_bill(202610, state=state))
    assert said in visitor.get("/statements/2026-10").text


def test_several_bills_of_a_month_each_with_their_sum(database: Database, visitor: Visitor) -> None:
    publish_bills(
        database,
        a_bill(202610, total=5500),
        a_bill(202610, total=330, number=7, state=None, due_on=None, method=None),
    )
    page = visitor.get("/statements/2026-10")
    assert "ご請求額の合計（2件） 5,830円" in page.text
    assert "請求番号 1" in page.text
    assert "請求番号 7" in page.text


def test_a_correction_shows_what_was_and_since_when(database: Database, visitor: Visitor) -> None:
    publish_bills(database, a_bill(202610, total=5500), a_bill(202609, total=5000))
    publish_bills(database, a_bill(202610, withdrawn=True), at=LONG_AGO)
    publish_bills(database, a_bill(202610, total=6600), at=CORRECTED)
    text = visitor.get("/statements/2026-10").text
    assert (
        "訂正前：取り消し（2026年11月2日（月）10時30分に訂正） 訂正前：5,500円（2026年1月6日（火）12時00分に訂正）"
        in text
    )
    assert "前回より 1,600円増" in text


def test_a_withdrawn_bill_says_so_and_shows_no_amount(database: Database, visitor: Visitor) -> None:
    publish_bills(database, a_bill(202610, total=5500), a_bill(202609, total=5000))
    publish_bills(database, a_bill(202610, withdrawn=True), at=CORRECTED)
    page = visitor.get("/statements/2026-10")
    assert "取り消されました" in page.text
    assert "訂正前：5,500円" in page.text
    assert "2026年10月のご請求は、取り消されました。" in visitor.get("/").text


def test_what_is_not_one_s_own_to_see_is_one_and_the_same_page(
    app: Flask, database: Database, visitor: Visitor
) -> None:
    publish_bills(
        database,
        a_bill(202610),
        a_bill(202609, customer_key="70012"),
        a_bill(202608, hidden=True),
        a_bill(202501),
    )
    stage_bills(database, a_bill(202607))
    answers = set()
    for month in (
        "2026-09",
        "2026-08",
        "2026-07",
        "2025-01",
        "2031-01",
        "2026-13",
        "0000-00",
        "２０２６-10",
        "x",
    ):
        page = visitor.get(f"/statements/{month}")
        token = page.form_with("ログアウト").all("input")[0].attributes["value"] or ""
        answers.add((page.status, page.html.replace(token, "")))
    assert len(answers) == 1
    assert answers.pop()[0] == 404


def test_it_appears_with_the_flip_and_vanishes_with_the_take_back(
    database: Database, visitor: Visitor
) -> None:
    publish_bills(database, a_bill(202609, total=100))
    staged = stage_bills(database, a_bill(202610, total=4321))
    for _ in range(2):
        assert "4,321円" not in visitor.get("/statements").text
        assert visitor.get("/statements/2026-10").status == 404
        with database.writing() as connection:
            flipped = publication.publish(
                connection, [staged], actor="cli", now=CORRECTED, second_person=NUMBERS
            )
        assert isinstance(flipped, Published)
        for path in ("/", "/statements", "/statements/2026-10"):
            assert "4,321円" in visitor.get(path).text
        with database.writing() as connection:
            taken = publication.take_back(connection, staged, reason="wrong", actor="cli", now=CORRECTED)
        assert isinstance(taken, TakenBack)
        assert "4,321円" not in visitor.get("/").text
        staged = stage_bills(database, a_bill(202610, total=4321))


def _marks(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(statement_view)).scalar_one()


def test_what_is_shown_is_marked_and_once(database: Database, visitor: Visitor) -> None:
    publish_bills(database, a_bill(202608), a_bill(202609), a_bill(202610))
    assert _marks(database) == 0
    seen = []
    for path in (
        "/",
        "/",
        "/statements/2026-08",
        "/statements/2026-08",
        "/statements",
        "/statements",
        "/statements.csv",
    ):
        visitor.get(path)
        seen.append(_marks(database))
    assert seen == [1, 1, 2, 2, 3, 3, 3]


def test_the_file_for_excel(database: Database, visitor: Visitor) -> None:
    publish_bills(
        database,
        a_bill(202608, total=-100, method="=1+1", state=None, due_on=None),
        a_bill(202609, withdrawn=True),
        a_bill(202610, total=5500, state="paid"),
    )
    publish_bills(database, a_bill(202610, total=6600, state="paid"))
    answer = visitor.client.get("/statements.csv", base_url=visitor.base_url)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="statements.csv"'
    raw = answer.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    found = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert found == [
        [
            "請求年月",
            "請求番号",
            "ご請求額（円）",
            "お支払い方法",
            "お支払い期日",
            "お支払い状況",
            "お支払い確認日",
            "お支払い確認額（円）",
            "再振替日",
            "備考",
        ],
        ["2026-10", "1", "6600", "口座振替", "2026-10-27", "お支払い済み", "", "", "", "訂正"],
        ["2026-09", "1", "", "口座振替", "2026-10-27", "請求済", "", "", "", "取り消されました"],
        ["2026-08", "1", "-100", "'=1+1", "", "", "", "", "", ""],
    ]


def test_in_english(app: Flask, database: Database) -> None:
    publish_bills(database, a_bill(202609, total=5000), a_bill(202610, total=5330))
    visitor = logged_in(app, language="en")
    page = visitor.get("/statements")
    assert rows(page)[0] == [
        "October 2026",
        "¥5,330",
        "¥330 more than the last bill",
        "口座振替 Tuesday, 27 October 2026 Billed",
        "Details October 2026",
    ]
    assert page.root.first("html").attributes["lang"] == "en"
    assert "Statement October 2026" in page.follow("Details October 2026").text


def _with_two(database: Database) -> None:
    with database.writing() as connection:
        moved = account_customer.update().where(account_customer.c.customer_key == "70012")
        connection.execute(moved.values(account_id="account-of-tarou-2026"))
    publish_bills(database, a_bill(202610, total=5500), a_bill(202610, total=7700, customer_key="70012"))


def test_a_login_with_two_customers_chooses_and_every_link_keeps_the_choice(
    app: Flask, database: Database
) -> None:
    _with_two(database)
    visitor = logged_in(app)
    page = visitor.get("/statements")
    assert page.path == "/"
    assert "お客様番号の選択" in page.title
    assert visitor.get("/statements/2026-10").path == "/"
    assert visitor.get("/statements.csv").path == "/"
    assert visitor.get("/contract").path == "/"
    first, second = page.follow("お客様番号 0012345678"), page.follow("お客様番号 0000070012")
    assert "5,500円" in first.text
    assert "7,700円" in second.text
    for page, total in ((first, "5,500円"), (second, "7,700円")):
        chosen = page.path.partition("?")[2]
        listed = page.follow("ご利用料金")
        assert total in listed.text
        detail = listed.follow("詳細 2026年10月")
        assert total in detail.text
        english = visitor.get(_language_link(detail, "English"))
        assert english.status == 200
        assert chosen in english.path
        back = visitor.get(_language_link(english, "日本語")).follow("ご契約内容")
        back = back.follow("パスワードの変更").follow("お客様メニューリスト")
        assert total in back.text
        assert back.path == f"/?{chosen}"


def _language_link(page: Page, words: str) -> str:
    href = next(link.attributes["href"] or "" for link in page.root.all("a") if link.text() == words)
    return page.path.partition("?")[0] + href


@pytest.mark.parametrize("asked", ["x", "", "12345678", "あ", "a" * 500])
def test_a_customer_that_is_not_one_s_own_does_not_exist(app: Flask, database: Database, asked: str) -> None:
    _with_two(database)
    visitor = logged_in(app)
    for path in ("/", "/statements", "/statements/2026-10", "/contract"):
        assert visitor.get(path, query={"c": asked}).status == 404


def test_another_account_s_link_opens_nothing(app: Flask, database: Database) -> None:
    _with_two(database)
    page = logged_in(app).get("/")
    theirs = next(
        link.attributes["href"] or ""
        for link in page.root.all("a")
        if "?c=" in (link.attributes["href"] or "")
    )
    publish_customers(database, a_customer("70099"))
    an_account(database, "70099", login_id="jirou-2026")
    assert logged_in(app, "jirou-2026").get(theirs).status == 404
