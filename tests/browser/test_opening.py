"""The pages of a login of which nothing may be shown yet, in a browser: the code of the letter, and the time to wait."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mypage.services import release
from mypage.store.engine import Database
from tests.bills import PASSWORD, a_bill, publish_bills
from tests.browser.person import Person
from tests.builders import a_customer, publish_customers
from tests.lettering import LETTER, LOGIN_ID, post_letters, sign_up
from tests.serving import ITS_OWN, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def address(database: Database, engine_url: str, tmp_path: Path) -> Iterator[str]:
    """`mypage web`, asking for letters, before this test's own database."""
    publish_customers(database, a_customer())
    publish_bills(database, a_bill(202610, total=5555))
    with serving(engine_url, tmp_path, public_url=ITS_OWN, **LETTER) as web:
        yield web.address


def log_in(person: Person) -> None:
    person.go("/login")
    person.type("アカウントID", LOGIN_ID)
    person.type("パスワード", PASSWORD)
    person.press("ログイン")


@pytest.mark.parametrize(("width", "javascript"), [(360, True), (1280, False)])
def test_every_state_of_the_letter(
    database: Database, chromium: Browser, address: str, tmp_path: Path, width: int, javascript: bool
) -> None:
    sign_up(database, datetime.now(UTC))
    person = Person(chromium, address, width=width, javascript=javascript)
    log_in(person)
    assert person.page.locator("h1").inner_text() == "確認コードの入力"
    assert person.sees("手紙は、これからお送りします。")
    for link in ("ご利用料金", "ご契約内容", "パスワードの変更"):
        assert person.page.get_by_role("link", name=link, exact=True).count() == 0
    post_letters(database, tmp_path, datetime.now(UTC))
    person.go("/statements")
    assert person.sees("に発送の手配をしました。")
    person.press("コードを確認する")
    assert person.page.title().startswith("エラー：")
    for _ in range(4):
        person.type("確認コード", "XXXXX-XXXXX")
        person.page.get_by_role("button", name="コードを確認する").click()
        person.page.wait_for_load_state()
    person.type("確認コード", "XXXXX-XXXXX")
    person.press("コードを確認する")
    assert person.sees("この手紙のコードは使えません")
    person.press("新しい手紙を依頼する")
    assert person.sees("新しい手紙のご依頼を受け付けました。")
    [row] = post_letters(database, tmp_path, datetime.now(UTC)).values()
    person.go("/statements")
    person.type("確認コード", row["確認コード"].lower())
    person.press("コードを確認する")
    assert person.page.locator("h1").inner_text() == "ご利用料金"
    assert person.sees("5,555円")
    person.leave()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_time_after_a_release_and_an_objection(
    database: Database, chromium: Browser, address: str, width: int
) -> None:
    now = datetime.now(UTC)
    deed = {"customer_key": "12345678", "acting_staff": "suzuki", "reason": "お申し出", "now": now}
    first = sign_up(database, now, proof="none")
    with database.writing() as connection:
        release.release_account(connection, account_id=first, **deed)  # type: ignore[arg-type]
    sign_up(database, now, proof="none")
    person = Person(chromium, address, width=width, javascript=True)
    log_in(person)
    assert person.page.locator("h1").inner_text() == "まだ表示できません"
    assert person.sees("から表示します")
    with database.writing() as connection:
        release.object_to_release(connection, **deed)  # type: ignore[arg-type]
    person.go("/statements")
    assert person.sees("このお客様番号のご登録について確認しています。")
    person.press("ログアウト")
    assert person.sees("ログアウトしました")
    person.leave()
