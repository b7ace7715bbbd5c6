"""A token of the API, made and revoked at the screen with the keyboard and the mouse."""

import re
from collections.abc import Callable

import pytest

from mypage.domain.staff import Role
from tests.bills import PASSWORD
from tests.browser.conftest import Portal
from tests.browser.desks import at_console
from tests.browser.person import Person

pytestmark = pytest.mark.browser


def test_a_token_is_made_shown_once_and_revoked(portal: Portal, person: Callable[..., Person]) -> None:
    billing = at_console(portal, person(width=768), Role.BILLING, "料金")
    billing.go("/staff/api-tokens")
    billing.press("APIトークンを作る")
    billing.press("トークンを作る")
    assert billing.sees("確認のため、いまのパスワードを入力してください")
    billing.type("名前", "夜間バッチ")
    billing.page.get_by_label("請求", exact=True).check()
    billing.page.get_by_label("ファイルを渡して検査する").check()
    billing.page.get_by_label("エラーの一覧を読む").check()
    billing.type("いまのパスワード", PASSWORD)
    billing.press("トークンを作る")
    text = billing.page.locator(".token").inner_text()
    assert text.startswith("mpb_")
    billing.press("控えました")
    assert not billing.sees(text)
    assert billing.sees("利用できます")
    admin = at_console(portal, person(width=1280), Role.ADMIN, "管理")
    admin.go("/staff/api-tokens")
    admin.page.get_by_role("link", name=re.compile("夜間バッチ")).click()
    admin.arrive()
    admin.press("取り消す")
    assert admin.sees("取り消し済み")
