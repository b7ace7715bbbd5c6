"""Changing the password as a person with a browser does."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from mypage.store.engine import Database
from mypage.store.schema import account, outbox
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.visitor import Page, Visitor

NEW = "Aki-8-no-sora"
HEAD = "現在のパスワードが一致しません。"


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    move_clock(file, timedelta())
    return file


@pytest.fixture
def app(database: Database, clock_file: Path) -> Flask:
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    return portal(database, clock_file)


def logged_in(app: Flask, password: str = PASSWORD) -> Visitor:
    visitor = Visitor(app)
    page = visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=password)
    assert page.path == "/", page.text
    return visitor


def change(visitor: Visitor, old: str = PASSWORD, new: str = NEW) -> Page:
    return visitor.get("/profile/password").submit("変更する", old_password=old, password=new)


def test_the_new_one_holds_everywhere_and_other_devices_are_out(app: Flask, database: Database) -> None:
    here, phone = logged_in(app), logged_in(app)
    page = change(here)
    assert page.path == "/profile/password?done=1"
    assert "パスワードを変更しました" in page.text
    assert here.get("/").path == "/", "this device stays logged in"
    assert phone.get("/").path == "/login"
    refused = Visitor(app).get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert refused.status == 400
    logged_in(app, NEW)
    with database.reading() as connection:
        assert connection.execute(select(outbox.c.kind)).scalars().all() == ["password_changed"]


def test_what_is_wrong_is_told_at_once_and_nothing_is_echoed(app: Flask, database: Database) -> None:
    visitor = logged_in(app)
    page = change(visitor, old="Wrong-1", new="tarou-2026")
    assert page.status == 400
    assert HEAD in page.text
    assert "アカウントIDと同じパスワードはお使いになれません。" in page.text
    assert "Wrong-1" not in page.html
    page = change(visitor, old="", new="")
    assert "現在のパスワードを入力してください。" in page.text
    assert "パスワードを入力してください。" in page.text
    page = change(visitor, new=PASSWORD)
    assert "現在のパスワードと同じです。" in page.text
    assert HEAD not in page.text
    logged_in(app)


def test_who_found_an_open_session_cannot_guess_for_long(app: Flask, clock_file: Path) -> None:
    visitor = logged_in(app)
    for _ in range(4):
        assert HEAD in change(visitor, old="guess").text
    page = change(visitor)
    assert page.status == 429
    assert "約1分後に" in page.text
    assert page.headers["Retry-After"] == "60"
    move_clock(clock_file, timedelta(seconds=61))
    assert change(visitor).path == "/profile/password?done=1"


def test_a_session_that_ended_while_typing_leads_back_to_the_form(app: Flask, database: Database) -> None:
    visitor = logged_in(app)
    page = visitor.get("/profile/password")
    with database.writing() as connection:
        connection.execute(update(account).values(stamp="rotated"))
    page = page.submit("変更する", old_password=PASSWORD, password=NEW)
    assert page.path == "/login?next=%2Fprofile%2Fpassword"
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.path == "/profile/password"


def test_the_strict_profile(database: Database, clock_file: Path) -> None:
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    strict = portal(database, clock_file, password_profile="strict")
    page = change(logged_in(strict))
    assert page.status == 400
    assert "15文字以上で入力してください。" in page.text
    assert change(page.visitor, new="四季の歌を毎日ひとつ口ずさむこと").path == "/profile/password?done=1"
