"""お困りのとき as a person with a browser has it, logged in or not."""

import logging

import pytest
from flask import Flask

from mypage.app import create_app
from mypage.config.load import load
from mypage.domain.help_search import LONGEST
from mypage.shown.help import path_of
from mypage.store.engine import Database
from mypage.words.catalogue import LANGUAGES
from mypage.words.causes import CAUSES
from mypage.words.help.life_events import LIFE_EVENTS
from mypage.words.help.page import NextStep
from mypage.words.help.pages import CAUSE_PAGES
from tests.bills import PASSWORD, a_bill, an_account, publish_bills
from tests.builders import a_customer, publish_customers
from tests.html import Element
from tests.portal import environment, portal
from tests.visitor import Page, Visitor

PATHS = ["/help", *map(path_of, (*CAUSES, *LIFE_EVENTS))]


def help_app(url: str = "sqlite:////there/is/no/such.sqlite", **settings: str) -> Flask:
    """A portal whose database is away: the help needs none."""
    return create_app(load(environment(url, **settings)))


@pytest.fixture(scope="module")
def app() -> Flask:
    return help_app()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def main(page: Page) -> Element:
    return page.root.first("main")


def links(page: Page) -> list[str]:
    return [each.attributes["href"] or "" for each in main(page).all("a")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_can_be_read_by_everybody(app: Flask, language: str) -> None:
    visitor = Visitor(app, headers={"Accept-Language": language})
    for path in PATHS:
        page = visitor.get(path)
        assert (page.status, page.path) == (200, path)
        assert page.root.first("html").attributes["lang"] == language
        assert "{" not in page.text, "a fact that nobody filled in"
        assert "0120-000-000" in main(page).text()
        assert not links(page) or all(link.startswith(("/", "#", "tel:")) for link in links(page))


def test_the_list_leads_to_every_page(visitor: Visitor) -> None:
    page = visitor.get("/help")
    assert {*PATHS} - {"/help"} <= {*links(page)}
    headings = [each.text() for each in main(page).all("h2")]
    for group in ("ご本人の確認", "IDとパスワードなどを決める", "メール", "ログイン", "画面", "こちらの都合"):
        assert group in headings


@pytest.mark.parametrize("code", CAUSE_PAGES)
def test_the_page_of_a_cause(visitor: Visitor, code: str) -> None:
    page, cause = visitor.get(f"/help/{code.lower()}"), CAUSE_PAGES[code]
    assert page.root.first("h1").text() == CAUSES[code]
    assert page.title.startswith(CAUSES[code])
    assert code in main(page).text()
    assert len(main(page).first("ol").all("li")) == len(cause.steps)
    for step in cause.next_steps:
        assert page_of(step) in links(page)
    for related in cause.related:
        assert path_of(related) in links(page)
    assert len(main(page).all("figure")) == (code in ("A-01", "A-03", "A-05"))


def page_of(step: NextStep) -> str:
    return "tel:0120-000-000" if step.path == "tel:" else step.path


def test_every_next_step_is_a_page_that_is_there(database: Database) -> None:
    visitor = Visitor(portal(database))
    for path in {step.path for cause in CAUSE_PAGES.values() for step in cause.next_steps} - {"tel:"}:
        assert visitor.get(path).status == 200


@pytest.mark.parametrize("asked", ["A-03", "a03", "A3", "Ａ－０３", "a 03"])
def test_the_address_of_a_cause_is_read_forgivingly(visitor: Visitor, asked: str) -> None:
    page = visitor.get(f"/help/{asked}")
    assert (page.path, page.status) == ("/help/a-03", 200)


def test_an_address_with_a_slash_behind_it_or_of_a_life_event_in_capitals(visitor: Visitor) -> None:
    assert visitor.get("/help/").status == 200
    assert visitor.get("/help/Moving").path == "/help/moving"


@pytest.mark.parametrize("asked", ["a-99", "g-01", "nothing", "a" * 3000, "%00", "..%2f..", "a-03/b"])
def test_a_page_that_is_not_there_leads_on(visitor: Visitor, asked: str) -> None:
    page = visitor.get(f"/help/{asked}")
    assert page.status == 404
    assert any(each.attributes.get("href") == "/help" for each in page.root.all("a"))


def test_the_search_finds_and_keeps_what_was_typed(visitor: Visitor) -> None:
    page = visitor.get("/help").submit("さがす", q="めーるが こない")
    assert page.title.startswith("さがした結果")
    assert links(page)[0] == "/help/c-01"
    field = page.root.by_id("q")
    assert field is not None
    assert field.attributes["value"] == "めーるが こない"
    assert page.follow("メールが届かない C-01").path == "/help/c-01"


@pytest.mark.parametrize("typed", ["a03", "Ａ－０３", " A-03 ", "a-3"])
def test_a_code_that_is_typed_opens_its_page(visitor: Visitor, typed: str) -> None:
    assert visitor.get("/help").submit("さがす", q=typed).path == "/help/a-03"


def test_a_code_that_nobody_knows_is_searched_for_like_any_word(visitor: Visitor) -> None:
    page = visitor.get("/help").submit("さがす", q="Z-99")
    assert page.path == "/help"
    assert "見つかりませんでした" in page.text


def test_nothing_found_says_so_and_shows_window_and_list(visitor: Visitor) -> None:
    page = visitor.get("/help").submit("さがす", q="ラーメン")
    assert "見つかりませんでした" in page.text
    assert "0120-000-000" in page.text
    assert {*PATHS} - {"/help"} <= {*links(page)}


def test_whoever_wants_to_call_is_led_to_the_window(visitor: Visitor) -> None:
    page = visitor.get("/help").submit("さがす", q="オペレーターと話したい")
    assert links(page)[0] == "/help#contact"
    assert visitor.get("/help").root.by_id("contact") is not None


def test_an_empty_search_is_the_list(visitor: Visitor) -> None:
    for typed in ("", "　 "):
        page = visitor.get("/help").submit("さがす", q=typed)
        assert "さがした結果" not in page.text
        assert "見つかりませんでした" not in page.text


@pytest.mark.parametrize(
    "typed", ['"><script>alert(1)</script>', "{{ 7 * 7 }}", "あ" * 5000, "\x00\x1b", "%"]
)
def test_rubbish_is_answered_calmly(visitor: Visitor, typed: str) -> None:
    page = visitor.get("/help", query={"q": typed})
    assert page.status == 200
    assert "<script>alert" not in page.html
    field = page.root.by_id("q")
    assert field is not None
    assert field.attributes["value"] == typed[:LONGEST].strip()


def test_what_was_typed_goes_into_no_log(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        visitor.get("/help", query={"q": "ヒミツノナヤミ 090-1234-5678"})
    assert "ヒミツ" not in caplog.text
    assert "1234" not in caplog.text


def test_facts_are_those_of_the_settings() -> None:
    visitor = Visitor(
        help_app(
            mail_from="mypage@cable.example.net",
            customer_number_label="ご契約番号",
            customer_number_example="AB-0001",
            password_profile="strict",
            months_after_end="0",
            session_idle="15",
        )
    )
    assert "cable.example.net" in visitor.get("/help/c-01").text
    assert "「ご契約番号」の欄" in visitor.get("/help/a-05").text
    assert "AB-0001" in visitor.get("/help/a-05").text
    assert "15文字以上で決めてください" in visitor.get("/help/b-02").text
    assert "解約された方は、登録できません" in visitor.get("/help/a-06").text
    assert "15分の間操作がない" in visitor.get("/help/d-05").text


def test_every_carrier_and_mail_service_has_its_steps(visitor: Visitor) -> None:
    page = visitor.get("/help/c-01")
    headings = " ".join(each.text() for each in page.root.all("h3"))
    for name in (
        *("ドコモ", "au", "UQ mobile", "povo", "ソフトバンク", "ワイモバイル", "LINEMO", "楽天モバイル"),
        *("Gmail", "Yahoo!メール", "iCloud"),
    ):
        assert name in headings
    assert page.text.count("example.jp") >= 6


def test_what_a_carrier_calls_its_settings_is_marked_as_japanese(visitor: Visitor) -> None:
    page = visitor.get("/help/c-01?lang=en")
    marked = [each.text() for each in main(page).all("span") if each.attributes.get("lang") == "ja"]
    assert "受信リスト設定" in marked
    assert "Add “example.jp” to" in page.text
    assert "<span lang" not in main(visitor.get("/help/c-01?lang=ja")).first("ol").text()


def test_the_operators_text_has_paragraphs_and_links() -> None:
    text = "お電話ください。\\nくわしくは、次のページをご覧ください。\\nhttps://www.example.jp/moving?from=mypage"
    page = Visitor(help_app(help_moving=text)).get("/help/moving?lang=en")
    assert "お電話ください。" in [each.text() for each in page.root.all("p")]
    theirs = [each for each in main(page).all("a") if "external" in (each.attributes.get("rel") or "")]
    assert [each.attributes["href"] for each in theirs] == ["https://www.example.jp/moving?from=mypage"]
    said = [each.text() for each in page.root.all("span") if each.attributes.get("lang") == "ja"]
    assert "お電話ください。" in said, "an English page says what is Japanese"


def test_beside_a_form_the_way_back_takes_the_place_of_an_empty_one(visitor: Visitor) -> None:
    assert "/signup" in links(visitor.get("/help/a-03"))
    beside = visitor.get("/help/a-03?apart=1")
    assert "/signup" not in links(beside)
    assert "もとの画面は、そのまま残っています" in beside.text
    # What takes nothing away stays.
    assert "/signup/done" in links(visitor.get("/help/c-01?apart=1"))


def test_it_is_found_from_the_login_and_from_everywhere(visitor: Visitor) -> None:
    for path in ("/login", "/signup", "/recover/id", "/nowhere"):
        page = visitor.get(path)
        footer = [
            each for each in page.root.first("footer").all("a") if each.attributes.get("href") == "/help"
        ]
        assert [each.attributes.get("target") for each in footer] == ["_blank"]
        assert "新しい画面で開きます" in footer[0].text()
    assert "/help" in links(visitor.get("/login"))


@pytest.mark.parametrize(
    ("path", "button", "typed", "code"),
    [
        ("/signup", "認証", {}, "A-09"),
        ("/signup", "認証", {"customer_number": "taro@example.jp", "phone": "1", "name_kana": "ア"}, "A-05"),
        ("/signup", "認証", {"customer_number": "1", "phone": "0312345678", "name_kana": "ア"}, "A-03"),
    ],
)
def test_an_error_is_two_taps_from_its_answer(
    database: Database, path: str, button: str, typed: dict[str, str], code: str
) -> None:
    visitor = Visitor(portal(database))
    page = visitor.get(path).submit(button, **typed)
    (link,) = [
        each for each in page.root.all("a") if f"/help/{code.lower()}" in (each.attributes["href"] or "")
    ]
    assert (link.attributes["target"], link.attributes["rel"]) == ("_blank", "noopener")
    assert "新しい画面で開きます" in link.text()
    answer = visitor.get(link.attributes["href"] or "")
    assert answer.root.first("h1").text() == CAUSES[code]


@pytest.mark.parametrize(
    ("path", "cookies", "code"),
    [
        ("/signup/activate/cut", True, "C-04"),
        ("/login", False, "E-01"),
        ("/login", True, "E-02"),
    ],
)
def test_dead_links_and_old_forms_lead_to_their_answer(
    database: Database, path: str, cookies: bool, code: str
) -> None:
    visitor = Visitor(portal(database))
    if cookies:
        visitor.get("/login")
    page = visitor.get(path) if "activate" in path else visitor.post(path, {"login_id": "a"})
    assert f"/help/{code.lower()}?apart=1" in links(page)


def test_a_page_that_could_not_be_shown_leads_to_help_that_can(app: Flask) -> None:
    visitor = Visitor(app)
    visitor.client.set_cookie("session", "any", domain="127.0.0.1")
    away = visitor.get("/statements")
    assert away.status == 503
    (link,) = [each for each in links(away) if each.startswith("/help/")]
    assert visitor.get(link).root.first("h1").text() == CAUSES["F-02"]
    assert visitor.get("/help", query={"q": "エラー"}).status == 200


def test_a_postgresql_that_is_away_is_no_reason_not_to_help() -> None:
    visitor = Visitor(help_app("postgresql://nobody@127.0.0.1:9/nowhere"))
    visitor.client.set_cookie("session", "any", domain="127.0.0.1")
    assert visitor.get("/help/f-02").status == 200


def log_in(app: Flask) -> Visitor:
    visitor = Visitor(app)
    assert visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD).path == "/"
    return visitor


def test_with_a_login_it_is_a_page_of_the_menu(database: Database) -> None:
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    publish_bills(database, a_bill(202610))
    visitor = log_in(portal(database))
    for path in PATHS:
        page = visitor.get(path)
        (current,) = [
            each for each in page.root.first("nav").all("a") if each.attributes.get("aria-current") == "page"
        ]
        assert current.text() == "お困りのとき"
        assert "ログアウト" in page.text
    menu = visitor.get("/")
    assert [each for each in menu.root.first("main").all("a") if each.attributes.get("href") == "/help"]


def test_a_login_with_two_customers_keeps_its_choice(database: Database) -> None:
    publish_customers(database, a_customer(), a_customer("70012", name_kana="ヤマダ　ハナコ"))
    an_account(database, "12345678", "70012")
    publish_bills(database, a_bill(202610), a_bill(202610, customer_key="70012"))
    visitor = log_in(portal(database))
    statements = next(each for each in links(visitor.get("/")) if each.startswith("/?c="))
    which = statements.removeprefix("/")
    page = visitor.get(f"/help{which}").submit("さがす", q="メールが来ない")
    assert f"/help/c-01{which}" in links(page)
    page = visitor.get(f"/help/c-01{which}")
    assert f"/help/c-02{which}" in links(page)
    assert f'href="/statements{which}"' in page.html
    # A choice that is not theirs (an old address) is no reason to refuse help.
    assert visitor.get("/help/c-01?c=another").status == 200
    assert "?c=" not in "".join(links(visitor.get("/help/c-01")))
