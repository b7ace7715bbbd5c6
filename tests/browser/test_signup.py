"""The signup's less lucky ways, seen in a browser: each state of each screen, back, reload and double click."""

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Portal
from tests.browser.person import Person
from tests.browser.test_story import PASSWORD, fill_identity, link_in_mailbox

pytestmark = pytest.mark.browser


def to_profile(visitor: Person, portal: Portal) -> None:
    """Screen 1 with a right identity."""
    visitor.go("/signup")
    fill_identity(visitor, portal)
    visitor.press("認証")
    assert visitor.page.url.endswith("/signup/profile")


def to_confirm(visitor: Person, portal: Portal, login_id: str, email: str) -> None:
    """Screens 1 and 2."""
    to_profile(visitor, portal)
    visitor.type("アカウントID", login_id)
    visitor.type("パスワード", PASSWORD)
    visitor.type("メールアドレス", email)
    visitor.type("ニックネーム", "はなこ")
    visitor.press("確認する")
    assert visitor.page.url.endswith("/signup/confirm")


@pytest.mark.parametrize(("width", "javascript"), [(360, True), (1280, False)])
def test_every_state_of_the_screens(
    portal: Portal, person: Callable[..., Person], width: int, javascript: bool
) -> None:
    visitor, name = person(width=width, javascript=javascript), f"state{width}{javascript:d}"
    visitor.go("/signup")
    assert visitor.sees("お客様番号の表記見本")
    for _ in range(5):
        visitor.type("お客様番号", f"99{width}{javascript:d}")
        visitor.type("電話番号", f"03{width:04}000{javascript:d}")
        visitor.type("お名前(カナ)", "ドコニモ　イナイ")
        visitor.press("認証")
    assert visitor.sees("約1分後に、もう一度お試しください。")

    to_profile(visitor, portal)
    visitor.type("アカウントID", "ab")
    visitor.type("メールアドレス", "taro")
    visitor.press("確認する")
    assert visitor.page.title().startswith("エラー：")
    visitor.type("アカウントID", f"{name}-a")
    visitor.press("IDチェック")
    visitor.page.get_by_text("このアカウントIDはお使いになれます。").wait_for()
    visitor.look()
    visitor.press("利用規約")

    to_confirm(visitor, portal, f"{name}-b", f"{name}@gmial.com")
    assert visitor.sees("「gmail.com」のお間違いではありませんか？")
    visitor.press("入力画面に戻る")
    visitor.type("パスワード", PASSWORD)
    visitor.press("確認する")
    visitor.press("仮登録する")
    assert visitor.sees("仮登録が完了しました。")
    visitor.press("メールを再送する")
    assert visitor.sees("メールをお送りしたばかりです。")
    visitor.press("メールアドレスを訂正する")
    visitor.type("メールアドレス", "taro")
    visitor.press("メールアドレスを訂正する")
    assert visitor.page.title().startswith("エラー：")
    older = link_in_mailbox(visitor, f"{name}@gmial.com").removeprefix(portal.address)
    visitor.go("/signup/email")
    visitor.type("メールアドレス", f"{name}@example.com")
    visitor.press("メールアドレスを訂正する")
    assert visitor.sees("メールアドレスを訂正し、新しい宛先にメールをお送りしました。")

    link = link_in_mailbox(visitor, f"{name}@example.com").removeprefix(portal.address)
    visitor.go("/signup/done")
    assert visitor.sees("まで")
    visitor.go(older)
    assert visitor.sees("新しいメールをご覧ください")
    visitor.go(link[:-4])
    visitor.press("URLを開く")
    assert visitor.page.title().startswith("エラー：")
    visitor.type("URLの続き", link[-4:])
    visitor.press("URLを開く")
    visitor.press("本登録する")
    assert visitor.page.title().startswith("エラー：")
    visitor.type("パスワード", "Sakura9999")
    visitor.press("本登録する")
    assert visitor.sees("仮登録のパスワードをお忘れの場合は、最初からお手続きください")
    visitor.type("パスワード", PASSWORD)
    visitor.press("本登録する")
    assert visitor.sees("本登録が完了しました。")
    visitor.press("そのままログイン")
    assert visitor.sees("お客様メニューリスト")
    visitor.go(link)
    assert visitor.sees("すでに本登録がお済みです")


def test_a_taken_id_is_answered_with_free_ones_to_take(portal: Portal, person: Callable[..., Person]) -> None:
    first, second = person(), person(width=360)
    to_confirm(first, portal, "wanted-by-two", "one@example.com")
    first.press("仮登録する")
    to_profile(second, portal)
    second.type("アカウントID", "Wanted-By-Two")
    second.press("IDチェック")
    take = second.page.get_by_role("button", name=re.compile("を使う$")).first
    take.wait_for()
    second.look()
    take.click()
    chosen = second.page.get_by_label(re.compile("アカウントID")).first.input_value()
    assert chosen.lower().startswith("wanted-by-two")
    assert chosen.lower() != "wanted-by-two"


def test_back_reload_and_double_click_make_one_registration(
    portal: Portal, person: Callable[..., Person]
) -> None:
    visitor = person()
    to_confirm(visitor, portal, "doubleclick", "double@example.com")
    visitor.page.reload()
    visitor.look()
    visitor.page.get_by_role("button", name="仮登録する").dblclick()
    visitor.page.wait_for_url("**/signup/done")
    visitor.page.reload()
    assert visitor.sees("double@example.com")
    visitor.page.go_back()
    visitor.page.wait_for_load_state()
    visitor.look()
    again = visitor.page.get_by_role("button", name="仮登録する")
    if again.count():
        again.click()
        visitor.page.wait_for_load_state()
    assert visitor.sees("仮登録が完了しました。")
    link_in_mailbox(visitor, "double@example.com")
    assert visitor.page.locator("body").inner_text().count("double@example.com") == 1
