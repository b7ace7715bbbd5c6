"""The main job, as a newcomer plays it: from the notice in the hand to the line items of a bill."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route

from tests.browser.conftest import Portal, wait_for
from tests.browser.person import Person

pytestmark = pytest.mark.browser
PASSWORD = "Sakura2026"


def fill_identity(visitor: Person, portal: Portal) -> None:
    who = portal.identity()
    visitor.type("お客様番号", who.customer_number)
    visitor.type("電話番号", who.phone)
    visitor.type("お名前(カナ)", who.name_kana)


def link_in_mailbox(visitor: Person, address: str) -> str:
    """The link of the newest mail to ``address``, once the worker has handed it over."""
    found: list[str] = []

    def arrived() -> bool:
        visitor.page.goto("/dev/mailbox")
        text = visitor.page.locator("body").inner_text()
        after = text.split(address, 1)[-1] if address in text else ""
        found[:] = re.findall(r"http://127\.0\.0\.1:\d+/signup/activate/\S+", after)
        return bool(found)

    wait_for(arrived)
    visitor.look()
    return found[0]


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
@pytest.mark.parametrize("width", [360, 1280])
def test_from_the_notice_to_the_bill(
    portal: Portal, person: Callable[..., Person], width: int, javascript: bool
) -> None:
    visitor = person(width=width, javascript=javascript)
    login_id = f"hanako{width}{'js' if javascript else 'no'}"
    address = f"{login_id}@example.com"

    visitor.go("/login")
    visitor.press("初めてログインされる方")
    fill_identity(visitor, portal)
    visitor.press("認証")

    visitor.type("アカウントID", login_id)
    visitor.press("IDチェック")
    visitor.type("パスワード", PASSWORD)
    visitor.type("メールアドレス", address)
    visitor.type("ニックネーム", "はなこ")
    visitor.press("確認する")
    assert visitor.sees(login_id)
    assert not visitor.sees(PASSWORD)
    visitor.press("仮登録する")
    assert visitor.sees("仮登録が完了しました。")
    assert visitor.sees(address)

    visitor.go(link_in_mailbox(visitor, address).removeprefix(portal.address))
    visitor.type("パスワード", "Sakura2027")
    visitor.press("本登録する")
    assert not visitor.sees("本登録が完了しました。")
    visitor.type("パスワード", PASSWORD)
    visitor.press("本登録する")
    assert visitor.sees("本登録が完了しました。")
    visitor.press("そのままログイン")
    assert visitor.sees("お客様メニューリスト")
    assert visitor.sees("はなこ")

    visitor.page.get_by_role("main").get_by_role("link", name=re.compile("ご利用料金")).first.click()
    visitor.look()
    assert visitor.page.locator("h1").inner_text() == "ご利用料金"
    assert visitor.page.get_by_role("link", name=re.compile("詳細")).count() in range(1, 16)
    visitor.page.get_by_role("link", name=re.compile("詳細")).first.click()
    visitor.look()
    assert visitor.sees("円")
    visitor.go("/contract")
    assert visitor.sees("内容に誤りがある場合や変更・解約は、お電話で承ります。")

    visitor.press("ログアウト")
    visitor.page.go_back()
    visitor.page.wait_for_load_state()
    assert not visitor.sees("内容に誤りがある場合"), "Back after logout shows nothing"


def test_the_sample_account_changes_its_password(portal: Portal, person: Callable[..., Person]) -> None:
    accounts = portal.facts["accounts"]
    assert isinstance(accounts, list)
    account = accounts[0]
    visitor, elsewhere = person(width=360), person(width=1280)
    for each in (visitor, elsewhere):
        each.go("/login")
        each.type("アカウントID", account["login_id"])
        each.type("パスワード", account["password"])
        each.press("ログイン")
        assert each.sees("お客様メニューリスト")
    visitor.go("/profile/password")
    visitor.type("現在のパスワード", account["password"])
    visitor.type("新しいパスワード", "Momiji2026")
    visitor.press("変更する")
    visitor.go("/statements")
    assert visitor.page.locator("h1").inner_text() == "ご利用料金", "the one who changed it stays in"
    elsewhere.go("/statements")
    assert elsewhere.page.locator("h1").inner_text() == "ログイン", "everybody else is out"


@pytest.mark.parametrize("width", [320, 1280])
def test_errors_are_told_beside_the_field_and_at_the_top(person: Callable[..., Person], width: int) -> None:
    visitor = person(width=width)
    visitor.go("/signup")
    visitor.type("お客様番号", "090-1234-5678")
    visitor.press("認証")
    assert visitor.page.title().startswith("エラー：")
    summary = visitor.page.get_by_role("alert")
    assert summary.get_by_role("link").count() >= 2
    assert visitor.page.get_by_label(re.compile("お客様番号")).first.input_value() == "090-1234-5678"
    summary.get_by_role("link").first.click()
    assert visitor.page.evaluate("document.activeElement.tagName") == "INPUT"


def test_english_is_spoken_to_the_end(person: Callable[..., Person]) -> None:
    visitor = person(locale="en-US")
    for path in ("/login", "/signup"):
        visitor.go(path)
        assert visitor.page.locator("html").get_attribute("lang") == "en"
        visible = visitor.page.locator("main").inner_text()
        assert not re.search(r"[ぁ-ん]{3,}", visible), visible


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_keyboard_alone_reaches_the_main_button(person: Callable[..., Person], path: str) -> None:
    visitor = person()
    visitor.go(path)
    reached = []
    for _ in range(40):
        visitor.page.keyboard.press("Tab")
        reached.append(
            visitor.page.evaluate("document.activeElement.innerText || document.activeElement.name")
        )
    assert any(words in ("ログイン", "認証") for words in map(str, reached)), reached


@pytest.mark.parametrize("path", ["/login", "/signup"])
def test_letters_of_twice_the_size_fit_a_narrow_screen(person: Callable[..., Person], path: str) -> None:
    visitor = person(width=320)
    # What a person's own minimum letter size does: the root grows, and all lengths in rem with it.
    visitor.context.route("**/mypage.css*", lambda route: _with_large_letters(route))
    visitor.go(path)
    size = visitor.page.evaluate("getComputedStyle(document.documentElement).fontSize")
    assert size == "32px"
    visitor.look()


def _with_large_letters(route: Route) -> None:
    css = route.fetch()
    route.fulfill(response=css, body=css.text() + "\nhtml { font-size: 200% !important; }")
