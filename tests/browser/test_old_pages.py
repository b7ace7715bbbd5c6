"""Old pages, two tabs, refused cookies, wrong clocks (D-05, E-01, E-02, E-05), seen in a browser."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from mypage.store.schema import account, audit_event, kept_form, registration
from tests.browser.conftest import Portal
from tests.browser.person import Person
from tests.browser.test_back_and_forth import PROOF, fill_profile, value
from tests.browser.test_story import PASSWORD, link_in_mailbox

pytestmark = pytest.mark.browser
OLD = "画面が古くなっていたため、まだ送信されていません"
BACK = "先ほど入力された内容を表示しています"


def prove(visitor: Person, who: Any) -> None:
    """Screen 1."""
    visitor.page.goto("/signup")
    for label, text in zip(PROOF, (who.customer_number, who.phone, who.name_kana), strict=True):
        visitor.type(label, text)
    visitor.press("認証", look=False)
    assert visitor.path == "/signup/profile"


def register(visitor: Person, portal: Portal, name: str) -> None:
    """The whole signup; at its end the person is logged in."""
    prove(visitor, portal.identity())
    fill_profile(visitor, name)
    visitor.press("確認する", look=False)
    visitor.press("仮登録する", look=False)
    visitor.page.goto(link_in_mailbox(visitor, f"{name}@example.com"))
    visitor.type("パスワード", PASSWORD)
    visitor.press("本登録する", look=False)
    visitor.press("そのままログイン", look=False)
    assert visitor.sees("お客様メニューリスト")


def log_in(visitor: Person, name: str, *, look: bool = False) -> None:
    """From the login page."""
    visitor.type("アカウントID", name)
    visitor.type("パスワード", PASSWORD)
    visitor.press("ログイン", look=look)


@pytest.fixture(scope="module")
def registered(portal: Portal, module_person: Callable[..., Person]) -> tuple[str, str]:
    """Two accounts."""
    for name in ("old.pages.one", "old.pages.two"):
        register(module_person(), portal, name)
    return "old.pages.one", "old.pages.two"


def test_what_was_typed_when_the_session_ended_is_there_after_the_login(
    portal: Portal, person: Callable[..., Person], registered: tuple[str, str]
) -> None:
    one, other = registered
    visitor = person(width=360)
    visitor.page.goto("/login")
    log_in(visitor, one)
    visitor.page.goto("/profile")
    visitor.type("ニックネーム", "まだ途中")
    portal.move_clock(26 * 60 * 60)
    visitor.press("変更する")
    assert visitor.sees("入力の途中でログアウトされました")
    log_in(visitor, one, look=True)
    assert visitor.path == "/profile"
    assert visitor.sees(BACK)
    assert value(visitor, "ニックネーム") == "まだ途中"
    portal.move_clock(27 * 60 * 60)
    visitor.press("変更する", look=False)
    log_in(visitor, other)
    assert visitor.path == "/profile"
    assert not visitor.sees(BACK)
    assert value(visitor, "ニックネーム") == "はなこ", "another account sees nothing of it"
    assert portal.count(kept_form) == 0
    assert portal.count(account, nickname="まだ途中") == 0


def test_screen_2_is_there_again_after_its_half_hour(portal: Portal, person: Callable[..., Person]) -> None:
    visitor, who = person(width=360, javascript=False), portal.identity()
    prove(visitor, who)
    fill_profile(visitor, "interrupted")
    portal.move_clock(45 * 60)
    visitor.press("確認する")
    assert visitor.sees("お手続きが途中で中断されました")
    prove(visitor, who)
    visitor.look()
    assert visitor.sees(BACK)
    assert value(visitor, "アカウントID") == "interrupted"
    assert value(visitor, "パスワード") == ""
    visitor.type("パスワード", PASSWORD)
    visitor.press("確認する", look=False)
    assert visitor.path == "/signup/confirm"
    assert portal.count(audit_event, customer_key=who.key, action="form.kept") == 1


def test_a_form_from_an_old_page_leads_on_in_one_step(
    portal: Portal, person: Callable[..., Person], registered: tuple[str, str]
) -> None:
    """Its token is not good any more: a key that was replaced and forgotten, a cookie that is gone."""
    visitor = person(width=360)

    def age() -> None:
        visitor.context.add_cookies([{"name": "form", "value": "of.another.key", "url": portal.address}])

    visitor.page.goto("/login")
    age()
    log_in(visitor, registered[0], look=True)
    assert visitor.sees(OLD)
    assert value(visitor, "アカウントID") == registered[0]
    visitor.type("パスワード", PASSWORD)
    visitor.press("ログイン", look=False)
    assert visitor.sees("お客様メニューリスト")
    visitor.page.goto("/profile")
    visitor.type("ニックネーム", "あたらしい")
    age()
    visitor.press("変更する", look=False)
    assert value(visitor, "ニックネーム") == "あたらしい"
    visitor.press("変更する", look=False)
    assert visitor.path == "/profile?done=1"
    age()
    visitor.press("ログアウト", look=False)
    visitor.press("ログアウト", look=False)

    who = portal.identity()
    visitor.page.goto("/signup")
    for label, text in zip(PROOF, (who.customer_number, who.phone, who.name_kana), strict=True):
        visitor.type(label, text)
    age()
    visitor.press("認証", look=False)
    assert visitor.sees(OLD)
    visitor.press("認証", look=False)
    fill_profile(visitor, "aged.form")
    age()
    visitor.page.get_by_role("button", name="IDチェック").click()
    visitor.page.get_by_text(OLD).wait_for()
    assert value(visitor, "メールアドレス") == "aged.form@example.com"
    visitor.type("パスワード", PASSWORD)
    visitor.press("確認する", look=False)
    age()
    visitor.press("仮登録する")
    assert visitor.sees(OLD)
    assert portal.count(registration, login_id="aged.form") == 0
    visitor.press("仮登録する", look=False)
    assert visitor.path == "/signup/done"


def test_two_tabs(portal: Portal, person: Callable[..., Person], registered: tuple[str, str]) -> None:
    visitor, one, other = person(), portal.identity(), portal.identity()
    first = visitor.page
    prove(visitor, one)
    fill_profile(visitor, "tab.of.one")
    second = visitor.page = visitor.context.new_page()
    prove(visitor, other)
    fill_profile(visitor, "tab.of.other")

    visitor.page = first
    first.get_by_role("button", name="確認する").click()
    expect(first.get_by_text("別の画面で入力された内容を表示しています。")).to_be_visible()
    visitor.look()
    assert value(visitor, "アカウントID") == "", "what is shown is the latest, and nothing of it is of one"
    visitor.page = second
    second.get_by_role("button", name="確認する").click()
    second.wait_for_url("**/signup/confirm")
    first.goto("/signup/confirm")
    first.get_by_role("button", name="仮登録する").click()
    first.wait_for_url("**/signup/done")
    second.get_by_role("button", name="仮登録する").click()
    second.wait_for_url("**/signup/done")
    assert portal.count(registration, customer_key=other.key) == 1
    assert portal.count(registration, customer_key=one.key) == 0
    assert portal.count(audit_event, customer_key=other.key, action="registration.made") == 1

    first.goto("/login")
    visitor.page = first
    log_in(visitor, registered[0])
    first.goto("/profile")
    second.goto("/")
    second.get_by_role("button", name="ログアウト").click()
    second.wait_for_url("**/login?out=1")
    visitor.page = second
    log_in(visitor, registered[1])
    visitor.page = first
    visitor.type("ニックネーム", "まちがい")
    first.get_by_role("button", name="変更する").click()
    expect(first.get_by_text("別のアカウントでログインし直されていたため")).to_be_visible()
    visitor.look()
    assert portal.count(account, nickname="まちがい") == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_refused_cookies_are_told_with_how_to_allow_them(
    portal: Portal, playwright: Playwright, program: dict[str, Any], tmp_path: Path, javascript: bool
) -> None:
    """In a Chromium that blocks all cookies, as its settings say."""
    (tmp_path / "Default").mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(blocked), encoding="ascii")
    with playwright.chromium.launch_persistent_context(
        tmp_path,
        **program,
        base_url=portal.address,
        locale="ja-JP",
        java_script_enabled=javascript,
        viewport={"width": 360, "height": 740},
    ) as context:
        visitor = Person.of(context, portal.address, javascript=javascript)
        for path, button in (("/login", "ログイン"), ("/signup", "認証")):
            visitor.page.goto(path)
            visitor.press(button, look=javascript)
            assert visitor.sees("Cookie（クッキー）を受け付けていないため")
            assert visitor.sees("E-01")
            assert visitor.sees("すべてのCookieをブロック")
            visitor.press("画面を開き直す", look=False)
            assert visitor.path == path
        assert context.cookies() == []
        visitor.leave()


@pytest.mark.parametrize(
    ("days", "zone"), [(2, "America/New_York"), (-2, "Pacific/Kiritimati")], ids=["ahead", "behind"]
)
def test_the_device_s_clock_plays_no_role(
    portal: Portal, person: Callable[..., Person], registered: tuple[str, str], days: int, zone: str
) -> None:
    wrong, right = person(width=360, timezone_id=zone), person(width=360)
    wrong.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=days))
    shown = []
    for visitor in (wrong, right):
        visitor.page.goto("/login")
        log_in(visitor, registered[0])
        texts = []
        for path in ("/", "/statements", "/contract"):
            visitor.page.goto(path)
            texts.append(visitor.page.locator("main").inner_text())
        shown.append(texts)
    assert shown[0] == shown[1]
    name = f"clock{days % 10}"
    prove(wrong, portal.identity())
    fill_profile(wrong, name)
    # Set right between two clicks: the second one is a new one all the same.
    assert wrong.double_click("確認する") == 1
    wrong.page.clock.set_fixed_time(datetime.now(UTC) - timedelta(days=3))
    wrong.press("仮登録する", look=False)
    link = link_in_mailbox(wrong, f"{name}@example.com")
    wrong.page.goto("/signup/done")
    until = re.search(r"本登録の期限\s+(.+まで)", wrong.page.locator("main").inner_text())
    assert until
    tomorrow = datetime.now(UTC) + timedelta(hours=24 + 9)
    assert f"{tomorrow.month}月{tomorrow.day}日" in until[1]
    wrong.page.goto(link)
    wrong.type("パスワード", PASSWORD)
    wrong.press("本登録する", look=False)
    assert wrong.sees("本登録が完了しました。")


def test_an_outage_costs_nobody_what_they_typed(portal: Portal, person: Callable[..., Person]) -> None:
    visitor, who = person(width=360), portal.identity()
    visitor.sees_an_outage = True
    visitor.page.goto("/signup")
    for label, text in zip(PROOF, (who.customer_number, who.phone, who.name_kana), strict=True):
        visitor.type(label, text)
    with portal.locked():
        visitor.press("認証")
        assert visitor.sees("ただいま混み合っています")
        assert visitor.sees("送信された内容は、受け付けていません。")
        visitor.press("もう一度送信する", look=False)
        assert visitor.sees("ただいま混み合っています")
    # Nobody waits for a second behind those who waited in vain.
    visitor.page.wait_for_timeout(1100)
    visitor.press("もう一度送信する", look=False)
    assert visitor.path == "/signup/profile"
