"""Back after the logout, or after the session's end, shows nothing: the next person at the PC.

The browser here is one as people have it, which keeps pages in its memory and shows them when one goes back.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Portal
from tests.browser.person import Person

pytestmark = pytest.mark.browser
PAGES = ("/", "/statements", "/contract", "/profile", "/profile/password")


def log_in(visitor: Person, portal: Portal) -> str:
    """With the sample's account; its nickname."""
    accounts = portal.facts["accounts"]
    assert isinstance(accounts, list)
    account = accounts[0]
    visitor.page.goto("/login")
    for label, name in (("アカウントID", "login_id"), ("パスワード", "password")):
        visitor.type(label, account[name])
    visitor.press("ログイン", look=False)
    assert visitor.sees("お客様メニューリスト")
    return str(visitor.page.locator(".lead").first.inner_text())


def look_at_everything(visitor: Person) -> list[str]:
    """What is personal on the pages that were opened one after the other."""
    seen = []
    for path in PAGES:
        visitor.page.goto(path)
        seen.append(visitor.page.locator("main").inner_text())
    return seen


def went_back(visitor: Person, steps: int) -> list[str]:
    """What stands on the screen on each step back."""
    shown = []
    for _ in range(steps):
        visitor.back()
        shown.append(f"{visitor.path} {visitor.page.locator('body').inner_text()}")
    return shown


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_back_after_the_logout(
    portal: Portal, person: Callable[..., Person], remembering: Browser, javascript: bool
) -> None:
    visitor = person(javascript=javascript, browser=remembering)
    nickname = log_in(visitor, portal)
    look_at_everything(visitor)
    visitor.press("ログアウト", look=False)
    for shown in went_back(visitor, len(PAGES)):
        assert "ログアウト" not in shown.replace("自動でログアウト", ""), shown
        assert nickname not in shown
        assert shown.startswith("/login"), shown


def test_back_after_the_session_s_end(
    portal: Portal, person: Callable[..., Person], remembering: Browser
) -> None:
    """Nothing has changed in the browser: only the server knows that half an hour is over."""
    visitor = person(browser=remembering)
    nickname = log_in(visitor, portal)
    look_at_everything(visitor)
    visitor.page.goto("/terms")
    portal.move_clock(31 * 60)
    for shown in went_back(visitor, len(PAGES)):
        assert shown.startswith("/login"), shown
        assert nickname not in shown


def test_a_page_from_the_memory_is_blank_until_it_is_asked_for_again(
    portal: Portal, person: Callable[..., Person], remembering: Browser
) -> None:
    visitor = person(browser=remembering)
    log_in(visitor, portal)
    visitor.page.goto("/contract")
    visitor.page.evaluate(
        "addEventListener('pageshow', event => sessionStorage.setItem('seen', JSON.stringify("
        "[event.persisted, document.documentElement.hidden, getComputedStyle(document.documentElement).display])))"
    )
    visitor.page.goto("/terms")
    visitor.back()
    seen = visitor.page.evaluate("sessionStorage.getItem('seen')")
    assert seen == '[true,true,"none"]', "kept in the memory, shown blank"
    assert visitor.sees("ご契約内容")
    assert visitor.page.evaluate("document.documentElement.hidden") is False, "and asked for again"


def test_screens_of_the_signup_do_not_stay_either(
    portal: Portal, person: Callable[..., Person], remembering: Browser
) -> None:
    visitor, who = person(browser=remembering), portal.identity()
    visitor.page.goto("/signup")
    typed: dict[str, Any] = {
        "お客様番号": who.customer_number,
        "電話番号": who.phone,
        "お名前(カナ)": who.name_kana,
    }
    for label, text in typed.items():
        visitor.type(label, text)
    visitor.press("認証", look=False)
    for label, text in (
        ("アカウントID", "leaves.the.pc"),
        ("パスワード", "Sakura2026"),
        ("メールアドレス", "leaves@example.com"),
        ("ニックネーム", "はなこ"),
    ):
        visitor.type(label, text)
    visitor.press("確認する", look=False)
    visitor.page.goto("/login")
    portal.move_clock(31 * 60)
    for shown in went_back(visitor, 2):
        assert shown.startswith("/signup?said=draft_expired"), shown
        assert who.phone not in shown
        assert "leaves@example.com" not in shown
