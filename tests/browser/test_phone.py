"""The telephone, in a browser: the number that is read out, and a signup by staff for somebody who cannot do it alone."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from mypage.domain.staff import Role
from mypage.domain.support_code import groups
from mypage.services import support_codes
from mypage.services.support_codes import Redeemed
from mypage.store.engine import Database
from tests.bills import PASSWORD, an_account
from tests.browser.person import Person
from tests.builders import TAROU, a_customer, publish_customers
from tests.first_try.story import TAROU_KEY
from tests.portal import portal
from tests.serving import ITS_OWN, serving
from tests.signing_up import Person as Newcomer
from tests.signing_up import settings
from tests.staffing import a_member, at_desk

pytestmark = pytest.mark.browser
# Where pictures of the screens go, for whoever wants to look at them.
_PICTURES = os.environ.get("PHONE_PICTURES")


@pytest.fixture
def address(database: Database, engine_url: str, tmp_path: Path) -> Iterator[str]:
    """`mypage web` before this test's own database, with somebody registered and somebody who is not."""
    publish_customers(database, a_customer(), a_customer("70012"), a_customer("70013"))
    an_account(database, "70012")
    an_account(database, "70013", login_id="hanako-2026")
    with serving(engine_url, tmp_path, public_url=ITS_OWN) as web:
        yield web.address


def picture(person: Person, name: str) -> None:
    """Keep what is seen, where somebody asked for it."""
    if _PICTURES:
        person.page.screenshot(path=Path(_PICTURES) / f"{name}.png", full_page=True)


def digits(person: Person) -> str:
    """The number as it is seen."""
    return re.sub(r"\s", "", person.page.locator(".spoken-digits > [aria-hidden]").inner_text())


def redeem(database: Database, typed: str) -> object:
    """A member of staff types it."""
    with database.writing() as connection:
        return support_codes.redeem(
            connection, typed, staff_id="sato", settings=settings(), now=datetime.now(UTC)
        )


def test_a_number_is_read_out_counted_down_and_used(
    database: Database, chromium: Browser, address: str
) -> None:
    for width, javascript, login_id in ((320, True, "tarou-2026"), (1280, False, "hanako-2026")):
        person = Person(chromium, address, width=width, javascript=javascript)
        person.page.clock.install()
        person.go("/login")
        person.type("アカウントID", login_id)
        person.type("パスワード", PASSWORD)
        person.press("ログイン", look=False)
        _read_out(database, person, width, javascript=javascript)
        person.leave()


def _read_out(database: Database, person: Person, width: int, *, javascript: bool) -> None:
    person.press("お電話用の確認番号")
    picture(person, f"code-none-{width}")
    person.press("確認番号を発行する")
    number = digits(person)
    heard = person.page.locator(".spoken-digits").aria_snapshot()
    assert "、".join(" ".join(group) for group in groups(number)) in heard, heard
    assert number[:3] not in heard, "what is seen is not heard as three hundred and something"
    assert person.page.locator(".spoken-left").count() == int(javascript)
    picture(person, f"code-live-{width}")
    if javascript:
        assert re.search(r"あと (9:5\d|10:00)", person.page.locator(".spoken-left").inner_text())
        person.page.clock.run_for(5000)
        assert digits(person) == number, "it stands still while it is read out"
        assert isinstance(redeem(database, number), Redeemed)
        person.page.clock.run_for(8000)
        person.page.get_by_text("確認番号は使われました").wait_for()
    else:
        assert isinstance(redeem(database, number), Redeemed)
        person.go("/support-code")
        assert person.sees("確認番号は使われました")
    person.look()
    picture(person, f"code-used-{width}")
    person.press("新しい番号を発行する")
    assert digits(person) != number


def test_staff_sign_a_caller_up_and_the_caller_chooses_the_password(
    database: Database, chromium: Browser, address: str
) -> None:
    desks = {"佐藤": 768, "鈴木": 1280}
    people = [_at_work(database, chromium, address, name, width) for name, width in desks.items()]
    agent, colleague = people
    agent.go("/staff/signup")
    agent.press("確認する")
    assert agent.page.title().startswith("エラー：")
    agent.page.get_by_role("radio", name="本人").check()
    agent.type("お客様番号", TAROU["customer_number"])
    agent.type("電話番号", "0748621235")
    agent.type("お名前(カナ)", TAROU["name_kana"])
    agent.press("確認する")
    assert agent.sees("一致しなかった項目（スタッフ用）：電話番号")
    picture(agent, "signup-missed")
    agent.type("電話番号", TAROU["phone"])
    agent.press("確認する")
    agent.type("アカウントID", "tarou-phone")
    agent.page.get_by_role("button", name="IDチェック").click()
    agent.page.get_by_text("このアカウントIDはお使いになれます。").wait_for()
    agent.type("メールアドレス", "taro@gmial.com")
    agent.type("ニックネーム", "タロウ")
    picture(agent, "signup-profile")
    agent.press("内容を復唱する")
    agent.press("taro@gmail.com に直す")
    picture(agent, "signup-confirm")
    agent.press("二人目に承認を依頼する")
    assert agent.page.title().startswith("エラー：")
    agent.page.get_by_role("checkbox").check()
    agent.press("二人目に承認を依頼する")
    assert agent.sees("承認を待っています")
    colleague.go(agent.path)
    colleague.press("表示する")
    assert colleague.sees("taro@gmail.com")
    picture(colleague, "signup-request")
    colleague.press("承認して登録する")
    assert colleague.sees("承認し、仮登録のメールをお送りしました。")
    subscriber = Person(chromium, address, width=360, javascript=True)
    subscriber.go(Newcomer(database).link(TAROU_KEY, signed_at=datetime.now(UTC)))
    picture(subscriber, "activate")
    subscriber.press("本登録する")
    assert subscriber.page.title().startswith("エラー：")
    subscriber.type("お客様番号", TAROU["customer_number"])
    subscriber.type("電話番号", TAROU["phone"])
    subscriber.type("パスワード", "Himitsu12")
    subscriber.press("本登録する")
    assert subscriber.path == "/signup/complete"
    agent.go("/staff/signup")
    agent.page.get_by_role("radio", name="本人").check()
    agent.type("お客様番号", TAROU["customer_number"])
    agent.type("電話番号", TAROU["phone"])
    agent.type("お名前(カナ)", TAROU["name_kana"])
    agent.press("確認する")
    assert agent.page.locator("h1").inner_text() == "すでに会員登録がお済みです"
    picture(agent, "signup-already")
    for each in (*people, subscriber):
        each.leave()


def _at_work(database: Database, chromium: Browser, address: str, name: str, width: int) -> Person:
    """A member of staff who is logged in."""
    visitor = at_desk(portal(database), database, a_member(database, Role.AGENT, name))
    cookie = visitor.client.get_cookie("staff-session", "127.0.0.1")
    assert cookie is not None
    person = Person(chromium, address, width=width, javascript=True)
    person.context.add_cookies([{"name": "staff-session", "value": cookie.value, "url": address}])
    return person
