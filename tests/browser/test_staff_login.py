"""Staff come in with a browser: a passkey that a real Chromium makes, and an authenticator app without JavaScript."""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession

from mypage.adapters import authenticator
from mypage.adapters.tokens import Tokens
from mypage.domain.second_factor import step_of
from mypage.services import staff_first
from mypage.services.staff_invitation import PATH, PURPOSE
from mypage.store.engine import Database
from tests.browser.conftest import ROOT, Portal, wait_for
from tests.browser.person import Person
from tests.portal import SECRET_KEYS, environment

pytestmark = pytest.mark.browser
PASSWORD = "ashita-mo-harere-ba-ii"


@pytest.fixture
def address(engine_url: str) -> Iterator[str]:
    """`mypage web` at an address with a name: browsers bind passkeys to no number."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = f"http://localhost:{port}"
    chosen = environment(engine_url, port=str(port), public_url=found, web_workers="1")
    running = subprocess.Popen(
        [sys.executable, "-m", "mypage", "web"], cwd=ROOT, env={**os.environ, **chosen}
    )
    wait_for(lambda: _answers(f"http://127.0.0.1:{port}/readyz"), seconds=30)
    yield found
    running.terminate()
    running.wait(timeout=15)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - a server of ours
            return bool(answer.status == 200)
    except OSError:
        return False


def invited(database: Database) -> str:
    """The path of a first administrator's invitation."""
    now = datetime.now(UTC)
    with database.writing() as connection:
        made = staff_first.invite(connection, name="田中 花子", email="hanako@example.jp", now=now)
    assert made is not None
    return PATH + Tokens((SECRET_KEYS,)).sign(PURPOSE, made.payload, now)


def plug_in(person: Person) -> tuple[CDPSession, str]:
    """Give the browser an authenticator that always finds its owner there."""
    devtools = person.context.new_cdp_session(person.page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def test_a_passkey_of_a_real_browser(chromium: Browser, database: Database, address: str) -> None:
    person = Person(chromium, address, width=1280, javascript=True)
    devtools, key = plug_in(person)
    person.go(invited(database))
    person.type("アカウントID", "hanako")
    person.type("パスワード", PASSWORD)
    person.press("次へ")
    assert person.path == "/staff/factor/new"
    person.type("パスキーの名前", "窓口のパソコン")
    person.press("パスキーを登録する")
    person.page.wait_for_selector("ol.codes")
    (held,) = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert person.page.locator("ol.codes li").count() == 10
    person.press("保管しました")
    assert person.sees("田中 花子")
    # Back to the codes: they are shown once.
    person.back()
    assert person.page.locator("ol.codes li").count() == 0
    person.press("ログアウト")
    person.type("アカウントID", "hanako")
    person.type("パスワード", PASSWORD)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/staff/factor")
    # Somebody else's authenticator first: the page says what to do, and nothing is sent.
    devtools, key = plug_in(person)
    posts = person.posts
    person.page.get_by_role("button", name="パスキーを使う").click()
    person.page.get_by_text("パスキーで確認できませんでした").wait_for()
    assert person.posts == posts
    person.look()
    devtools.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": held})
    person.press("パスキーを使う")
    person.page.wait_for_url("**/staff/")
    assert person.sees("田中 花子")
    person.go("/staff/me")
    assert person.sees("窓口のパソコン")
    person.leave()


def log_in(person: Person, member: dict[str, str], step: int = 0) -> None:
    """With the authenticator app, by keyboard alone."""
    person.go("/staff/login")
    person.type("アカウントID", member["login_id"])
    person.type("パスワード", member["password"])
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/staff/factor")
    person.look()
    code = authenticator.code_at(member["totp_secret"], step_of(datetime.now(UTC)) + step)
    person.type("認証アプリの6桁のコード", code)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/staff/")


def members(portal: Portal) -> dict[str, dict[str, str]]:
    staff: Any = portal.facts["staff"]
    return {each["login_id"]: each for each in staff}


def test_an_administrator_without_javascript(portal: Portal, person: Callable[..., Person]) -> None:
    someone = person(width=768, javascript=False)
    log_in(someone, members(portal)["sample-admin"])
    for path in ("/staff/people", "/staff/people/invite", "/staff/me", "/staff/me/app", "/staff/me/password"):
        someone.go(path)
    someone.go("/staff/people")
    someone.press("佐藤 美咲")
    someone.press("役割を変更する")
    someone.page.get_by_label("料金担当").check()
    someone.press("変更する")
    assert someone.sees("ほかの管理者の承認を待っています")
    other = person(width=1280)
    log_in(other, members(portal)["sample-admin-2"])
    other.go("/staff/people")
    other.press("役割の変更")
    other.type("承認しない理由", "本人に確かめます")
    other.press("承認しない")
    assert other.sees("承認されませんでした")
    other.go("/dev/authenticator")
    assert other.sees("sample-agent-2")
