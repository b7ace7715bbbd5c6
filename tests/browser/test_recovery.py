"""Id and password forgotten, and an address that bounced, as people with a browser see it."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from mypage.store import accounts
from mypage.store.engine import Database
from tests.browser.conftest import Portal, wait_for
from tests.browser.person import Person

pytestmark = pytest.mark.browser
ADDRESS = "sample-tarou@example.com"
RESET, CONFIRMATION = r"/recover/password/[\w.-]{20,}", r"/recover/address/[\w.-]{20,}"


def sample(portal: Portal) -> dict[str, str]:
    """The demo's own account; its password is reset to the one that it has."""
    accounts = portal.facts["accounts"]
    assert isinstance(accounts, list)
    return dict(accounts[0])


def in_mailbox(visitor: Person, wanted: str, seen: Sequence[str] = ()) -> str:
    """What matches in the newest mail that holds it, once there is one that was not seen before."""
    found: list[str] = []

    def arrived() -> bool:
        found[:] = re.findall(wanted, visitor.context.request.get("/dev/mailbox").text())
        return bool(found) and found[0] not in seen

    wait_for(arrived)
    return found[0]


def test_both_are_forgotten_on_the_phone(portal: Portal, person: Callable[..., Person]) -> None:
    who, visitor = sample(portal), person(width=360)
    visitor.go("/login")
    visitor.press("アカウントIDをお忘れの方")
    visitor.type("メールアドレス", "sample-tarou")
    visitor.press("メールを送る")
    assert visitor.page.title().startswith("エラー：")
    visitor.type("メールアドレス", ADDRESS)
    visitor.press("メールを送る")
    assert visitor.sees("お申し込みを受け付けました")
    visitor.page.reload()
    visitor.look()
    assert in_mailbox(visitor, r"ご登録のアカウントID<br>\s+([\w-]+)") == who["login_id"]
    visitor.go("/recover/password")
    visitor.type("アカウントID", who["login_id"])
    visitor.press("メールを送る")
    assert visitor.sees("お申し込みを受け付けました")
    link = in_mailbox(visitor, RESET)
    visitor.go(link[:-4])
    visitor.type("URLの続き", link[-4:])
    visitor.press("URLを開く")
    visitor.type("アカウントID", "somebody")
    visitor.type("新しいパスワード", "short")
    visitor.press("再設定する")
    assert visitor.page.title().startswith("エラー：")
    visitor.type("アカウントID", who["login_id"])
    visitor.type("新しいパスワード", who["password"])
    visitor.page.get_by_role("button", name="再設定する").dblclick()
    visitor.page.wait_for_load_state()
    wait_for(lambda: "/recover/password/" not in visitor.page.url or visitor.sees("すでにお済みです"))
    visitor.look()
    visitor.go(link)
    assert visitor.sees("パスワードの再設定は、すでにお済みです")
    visitor.press("ログイン")
    visitor.type("アカウントID", who["login_id"])
    visitor.type("パスワード", who["password"])
    visitor.press("ログイン")
    assert visitor.sees("お客様メニューリスト")


def test_a_dead_address_and_the_newest_link_without_scripts(
    portal: Portal, person: Callable[..., Person]
) -> None:
    who, visitor = sample(portal), person(width=1280, javascript=False)
    links: list[str] = []
    for _ in range(2):
        visitor.go("/recover/password")
        visitor.type("アカウントID", who["login_id"])
        visitor.press("メールを送る")
        links.append(in_mailbox(visitor, RESET, links))
    visitor.go(links[0])
    assert visitor.sees("新しいメールをご覧ください")
    visitor.go(links[1])
    visitor.type("アカウントID", who["login_id"])
    visitor.type("新しいパスワード", who["password"])
    visitor.press("再設定する")
    assert visitor.sees("パスワードを再設定しました")

    # The demo's mail server refuses nobody: this is what the worker writes when one does.
    database = Database(f"sqlite:///{portal.folder / 'mypage.sqlite'}")
    with database.writing() as connection:
        assert accounts.refuse_mail(connection, ADDRESS, datetime.now(UTC))
    database.close()
    visitor.type("アカウントID", who["login_id"])
    visitor.type("パスワード", who["password"])
    visitor.press("ログイン")
    assert visitor.sees("メールが届いていません")
    visitor.press("確認メールを送る")
    assert visitor.sees("届いていません")
    link = in_mailbox(visitor, CONFIRMATION)
    visitor.go("/recover/address")
    visitor.go(link[:-4])
    visitor.go(link)
    visitor.press("受け取りを確認する")
    assert visitor.sees("メールアドレスを確認しました")
    visitor.go(link)
    assert visitor.sees("このURLは、すでにお使いになりました")
    visitor.press("お客様メニューリストへ")
    assert not visitor.sees("メールが届いていません")
