"""「請求確定のお知らせ」 in a browser: the link of the mail, and the switch of 登録情報の変更."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mypage.adapters.tokens import Tokens
from mypage.services import notice_choice
from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account
from tests.browser.person import Person
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS
from tests.serving import ITS_OWN, serving

pytestmark = pytest.mark.browser
# Where pictures of the screens go, for whoever wants to look at them.
_PICTURES = os.environ.get("NOTICE_PICTURES")
_EMAIL = "tarou@docomo.ne.jp"


@pytest.fixture
def address(database: Database, engine_url: str, tmp_path: Path) -> Iterator[str]:
    """`mypage web` before this test's own database."""
    publish_customers(database, a_customer())
    an_account(database, "12345678", email=_EMAIL)
    with serving(engine_url, tmp_path, public_url=ITS_OWN) as web:
        yield web.address


def _picture(person: Person, name: str) -> None:
    if _PICTURES:
        person.page.screenshot(path=f"{_PICTURES}/{name}.png", full_page=True)


def test_turned_off_by_the_link_of_the_mail_and_on_again_in_the_profile(
    chromium: Browser, address: str
) -> None:
    payload = notice_choice.payload("account-of-tarou-2026", _EMAIL)
    token = Tokens([SECRET_KEYS]).sign(notice_choice.PURPOSE, payload, datetime.now(UTC))
    reader = Person(chromium, address, width=360, javascript=False)
    reader.go(f"/notices/off/{token}")
    _picture(reader, "off-360")
    reader.press("お知らせを停止する")
    assert reader.sees("請求確定のお知らせを停止しました")
    _picture(reader, "off-done-360")
    # A link that was cut; axe looks at each of these pages.
    reader.page.goto(f"/notices/off/{token[:20]}")
    assert reader.sees("このURLは、途中で切れているか、正しくありません")
    reader.look()
    _picture(reader, "off-broken-360")
    reader.go("/profile")
    reader.type("アカウントID", "tarou-2026")
    reader.type("パスワード", PASSWORD)
    reader.press("ログイン")
    assert reader.path == "/profile"
    assert reader.sees("受け取らない")
    _picture(reader, "profile-360")
    reader.press("お知らせを受け取る")
    assert reader.sees("請求確定のお知らせをお送りします。")
    reader.leave()
