"""A double click without JavaScript: the browser sends the form twice and shows the answer to the second one.

Either it had taken the cookies of the first answer by then, or that answer was lost with all it set. In both ways no
error is shown, and nothing happens twice.
"""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Table, func, select

from mypage.adapters.tokens import Tokens
from mypage.store.engine import Database
from mypage.store.schema import account, kept_form, outbox, registration, signup_draft
from tests.bills import PASSWORD, an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import SECRET_KEYS, move_clock, portal
from tests.signing_up import Person, trail
from tests.visitor import Page, Visitor

SCREEN_2 = {"login_id": "tarou.no.id", "password": "Himitsu12", "email": "t@example.jp", "nickname": "たろう"}
BOTH = pytest.mark.parametrize("lost", [False, True], ids=["answered", "lost"])


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    move_clock(file, timedelta())
    return file


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    publish_customers(database, a_customer(), a_customer("70012", phone="03-1234-5678"))
    an_account(database, "70012")
    return portal(database, clock)


def twice(page: Page, button: str, lost: bool, **typed: str) -> Page:
    """What the person sees after both clicks."""
    first = page.visitor
    if lost:
        first = copy.copy(page.visitor)
        first.client = copy.copy(page.visitor.client)
        first.client._cookies = dict(page.visitor.client._cookies or {})
    replace(page, visitor=first).submit(button, **typed)
    after = page.submit(button, **typed)
    assert not after.title.startswith("エラー："), after.text
    return after


def count(database: Database, table: Table) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


@BOTH
def test_the_signup(app: Flask, database: Database, clock: Path, lost: bool) -> None:
    page = twice(Visitor(app).get("/signup"), "認証", lost, **TAROU)
    assert page.path == "/signup/profile"
    page = twice(page, "確認する", lost, **SCREEN_2)
    assert page.path == "/signup/confirm"
    page = twice(page, "仮登録する", lost)
    assert page.path == "/signup/done"
    assert count(database, registration) == 1
    assert count(database, outbox) == 1
    assert count(database, signup_draft) <= 1, "the one of a browser that never was"
    move_clock(clock, timedelta(minutes=15))
    page = twice(page.visitor.get("/signup/done"), "メールを再送する", lost)
    assert page.path == "/signup/done?said=mail_resent"
    assert count(database, outbox) == 2
    page = page.follow("メールアドレスを訂正する")
    page = twice(page, "メールアドレスを訂正する", lost, email="u@example.jp")
    assert page.path == "/signup/done?said=address_corrected"
    assert count(database, outbox) == 3
    done = [action for (action,) in trail(database)]
    assert [done.count(f"registration.{deed}") for deed in ("made", "resent", "address_corrected")] == [
        1,
        1,
        1,
    ]

    person, now = Person(database), datetime.now(UTC) + timedelta(minutes=15)
    facts = person.token(signed_at=now)
    token = Tokens([SECRET_KEYS]).sign("activation", {"r": facts.registration_id, "s": facts.serial}, now)
    page = page.visitor.get(f"/signup/activate/{token}")
    page = twice(page, "本登録する", lost, password=SCREEN_2["password"])
    assert page.path == "/signup/complete"
    assert count(database, account) == 2
    page = twice(page, "そのままログイン", lost)
    # Whose login was lost on its way uses the password: the ticket opens nothing twice.
    assert page.path == ("/login" if lost else "/")
    assert [action for (action,) in trail(database)].count("login.done") == 1


@BOTH
def test_behind_the_login(app: Flask, database: Database, clock: Path, lost: bool) -> None:
    page = twice(Visitor(app).get("/login"), "ログイン", lost, login_id="tarou-2026", password=PASSWORD)
    assert page.path == "/"
    page = twice(page.follow("登録情報の変更"), "変更する", lost, nickname="たろう")
    assert page.path == "/profile?done=1"
    page = page.follow("パスワードの変更")
    move_clock(clock, timedelta(seconds=5))
    page = twice(page, "変更する", lost, old_password=PASSWORD, password="Another-2026")
    assert page.path.partition("?")[0] == ("/login" if lost else "/profile/password")
    done = [action for (action,) in trail(database)]
    assert done.count("nickname.changed") == 1
    assert done.count("password.changed") == 1
    if lost:
        page = page.submit("ログイン", login_id="tarou-2026", password="Another-2026")
    page = twice(page.visitor.get("/"), "ログアウト", lost)
    assert page.path == "/login?out=1"
    assert page.visitor.get("/").path == "/login"
    assert count(database, kept_form) == 0
