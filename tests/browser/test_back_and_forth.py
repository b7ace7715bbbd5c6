"""Back, reload and double click at every step (E-02): no error page, and nothing happens twice."""

import re
from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Browser

from mypage.store.schema import account, audit_event, outbox, registration
from tests.browser.conftest import Portal, wait_for
from tests.browser.person import Person
from tests.browser.test_story import PASSWORD, link_in_mailbox

pytestmark = pytest.mark.browser
PROOF: Final = ("お客様番号", "電話番号", "お名前(カナ)")


def fill_profile(visitor: Person, name: str) -> None:
    """Screen 2."""
    visitor.type("アカウントID", name)
    visitor.type("パスワード", PASSWORD)
    visitor.type("メールアドレス", f"{name}@example.com")
    visitor.type("ニックネーム", "はなこ")


def value(visitor: Person, label: str) -> str:
    """What stands in a field."""
    return visitor.page.get_by_label(re.compile(rf"^\s*{re.escape(label)}")).first.input_value()


@pytest.mark.parametrize("javascript", [True, False], ids=["with-javascript", "without-javascript"])
def test_back_and_reload_at_each_step(
    portal: Portal, person: Callable[..., Person], remembering: Browser, javascript: bool
) -> None:
    visitor = person(width=360, javascript=javascript, browser=remembering)
    who, name = portal.identity(), f"backandforth{javascript:d}"
    visitor.go("/signup")

    def prove() -> None:
        for label, text in zip(PROOF, (who.customer_number, who.phone, who.name_kana), strict=True):
            visitor.type(label, text)
        visitor.press("認証", look=False)
        assert visitor.path == "/signup/profile"

    visitor.press("認証", look=False)
    visitor.reload()
    assert visitor.page.title().startswith("エラー：")
    if not javascript:
        # There the browser itself asks whether to send again what was refused.
        visitor.go("/signup")
    prove()
    visitor.reload()
    visitor.back()
    assert visitor.path == "/signup"
    assert not visitor.page.title().startswith("エラー：")
    prove()

    if javascript:
        visitor.press("確認する", look=False)
        visitor.reload()
        assert visitor.page.title().startswith("エラー：")
    fill_profile(visitor, name)
    visitor.press("確認する", look=False)
    assert visitor.path == "/signup/confirm"
    visitor.reload()
    visitor.back()
    assert visitor.path == "/signup/profile"
    assert value(visitor, "メールアドレス") == f"{name}@example.com"
    visitor.type("パスワード", PASSWORD)
    visitor.press("確認する", look=False)
    visitor.press("仮登録する", look=False)
    assert visitor.path == "/signup/done"
    visitor.reload()
    visitor.back()
    if not javascript:
        # The browser showed the page from its memory, as it was.
        visitor.press("仮登録する", look=False)
    assert visitor.path == "/signup/done", "what is done is not done again"
    link = link_in_mailbox(visitor, f"{name}@example.com").removeprefix(portal.address)

    visitor.go(link)
    visitor.type("パスワード", "Wrong2026")
    visitor.press("本登録する", look=False)
    visitor.reload()
    assert visitor.page.title().startswith("エラー：")
    visitor.type("パスワード", PASSWORD)
    visitor.press("本登録する", look=False)
    assert visitor.path == "/signup/complete"
    visitor.reload()
    if javascript:
        visitor.back()
    else:
        visitor.go(link)
    assert visitor.sees("すでに本登録がお済みです")
    visitor.go("/signup/complete")
    visitor.press("そのままログイン", look=False)
    assert visitor.sees("お客様メニューリスト")
    visitor.back()
    assert visitor.path in ("/signup/complete", "/")
    assert not visitor.page.title().startswith("エラー：")
    visitor.back(-1)
    assert visitor.sees("お客様メニューリスト")

    assert portal.count(registration, login_id=name) == 1
    assert portal.count(account, login_id=name) == 1
    assert portal.count(outbox, recipient=f"{name}@example.com", kind="provisional_registration") == 1
    assert portal.count(audit_event, customer_key=who.key, action="activation.done") == 1


def test_a_double_click_on_every_button_sends_once(portal: Portal, person: Callable[..., Person]) -> None:
    """Without JavaScript the second of two clicks is answered like the first: tests/subscriber/test_double_click.py."""
    visitor, who, name = person(), portal.identity(), "doubled"
    address = f"{name}@example.com"
    visitor.go("/signup")
    for label, text in zip(PROOF, (who.customer_number, who.phone, who.name_kana), strict=True):
        visitor.type(label, text)
    assert visitor.double_click("認証") == 1
    assert visitor.path == "/signup/profile"
    fill_profile(visitor, name)
    assert visitor.double_click("確認する") == 1
    assert visitor.path == "/signup/confirm"
    assert visitor.double_click("仮登録する") == 1
    assert visitor.path == "/signup/done"
    wait_for(lambda: portal.count(outbox, recipient=address, state="handed_over") == 1)
    portal.move_clock(15 * 60)
    visitor.page.goto("/signup/done")
    assert visitor.double_click("メールを再送する") == 1
    assert visitor.sees("メールを再送しました。")
    wait_for(lambda: portal.count(outbox, recipient=address, state="handed_over") == 2)
    visitor.page.goto(link_in_mailbox(visitor, address))
    visitor.type("パスワード", PASSWORD)
    assert visitor.double_click("本登録する") == 1
    assert visitor.path == "/signup/complete"
    assert visitor.double_click("そのままログイン") == 1
    assert visitor.sees("お客様メニューリスト")
    visitor.page.goto("/profile")
    visitor.type("ニックネーム", "はなはな")
    assert visitor.double_click("変更する") == 1
    assert visitor.path == "/profile?done=1"
    visitor.page.goto("/profile/password")
    visitor.type("現在のパスワード", PASSWORD)
    visitor.type("新しいパスワード", "Momiji2026")
    assert visitor.double_click("変更する") == 1
    assert visitor.path == "/profile/password?done=1"
    assert visitor.double_click("ログアウト") == 1
    assert visitor.sees("ログアウトしました")
    visitor.type("アカウントID", name)
    visitor.type("パスワード", "Momiji2026")
    assert visitor.double_click("ログイン") == 1
    assert visitor.sees("お客様メニューリスト")
    assert portal.count(registration, login_id=name) == 1
    assert portal.count(account, login_id=name) == 1
    assert portal.count(audit_event, customer_key=who.key, action="registration.resent") == 1
