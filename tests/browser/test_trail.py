"""The trail before a real browser: an auditor on a PC, and on a tablet without JavaScript."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from mypage.domain.staff import Role
from mypage.services import release
from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account
from tests.browser.conftest import Portal
from tests.browser.desks import at_console
from tests.browser.person import Person

pytestmark = pytest.mark.browser
_LOGIN_ID = "somebody-else-1"


def released(portal: Portal, somebody: Person) -> str:
    """Somebody registers another person's contract, looks at it, and is found out; the customer's key."""
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    key = portal.identity().key
    account_id = an_account(database, key, login_id=_LOGIN_ID)
    somebody.go("/login")
    somebody.type("アカウントID", _LOGIN_ID)
    somebody.type("パスワード", PASSWORD)
    somebody.press("ログイン")
    somebody.go("/statements")
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key=key,
            account_id=account_id,
            acting_staff="sample",
            reason="別の方の登録",
            now=datetime.now(UTC),
        )
    database.close()
    return key


def test_an_auditor_asks_the_trail_and_makes_the_papers_of_a_release(
    portal: Portal, person: Callable[..., Person]
) -> None:
    key = released(portal, person(width=360))
    auditor = at_console(portal, person(width=1280), Role.AUDITOR, "監査の人")
    auditor.go("/staff/")
    auditor.press("操作履歴")
    assert auditor.sees("新しいものから")
    auditor.page.select_option("#action", "batch.published")
    auditor.press("調べる")
    assert auditor.sees("料金データを公開した")
    auditor.page.locator("tbody th a").first.click()
    auditor.arrive()
    auditor.look()
    assert auditor.sees("照合の値")
    tablet = at_console(portal, person(width=768, javascript=False), Role.AUDITOR, "監査の別の人")
    tablet.go("/staff/trail?action=login.done")
    tablet.page.locator("tbody th a").first.click()
    tablet.arrive()
    tablet.press("表示する")
    assert tablet.sees("接続元のアドレス")
    tablet.go("/staff/trail")
    tablet.page.fill("#customer", "山田")
    tablet.press("調べる")
    assert tablet.sees("お名前や電話番号では探せません")
    assert tablet.path == "/staff/trail"
    auditor.go(f"/staff/trail/looks/{key}")
    assert auditor.sees("明細が表示されたログイン")
    auditor.go("/staff/trail/releases")
    auditor.page.locator("tbody th a").first.click()
    auditor.arrive()
    auditor.press("監督官庁への報告を作る")
    assert auditor.sees("127.0.0.1")
    auditor.back()
    auditor.press("お客様へのお知らせを作る")
    assert auditor.sees("マイページの会員登録を解除したことのお知らせ")
    # On one sheet, without the console around it.
    auditor.page.emulate_media(media="print")
    assert not auditor.page.get_by_role("button", name="ログアウト").is_visible()
    assert auditor.page.pdf(format="A4").count(b"/Type /Page\n") == 1
