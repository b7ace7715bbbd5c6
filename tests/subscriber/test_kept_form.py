"""The session ended while somebody was typing (D-05): they log in and go on where they were, and nobody else does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mypage.store.engine import Database
from mypage.store.schema import account, kept_form
from mypage.subscriber import signup
from mypage.web import typed
from mypage.works.clean_up import clean_up
from tests.bills import PASSWORD, an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.signing_up import NOON, settings, trail
from tests.visitor import Page, Visitor

OUT = "入力の途中でログアウトされました"
BACK = "先ほど入力された内容を表示しています"
SCREEN_2 = {
    "login_id": "tarou.no.id",
    "password": "Himitsu12",
    "email": "taro@example.jp",
    "nickname": "たろう",
}


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    move_clock(file, timedelta())
    return file


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    publish_customers(
        database, a_customer(), a_customer("70012"), a_customer("70013", name_kana="ヤマダ　ハナコ")
    )
    an_account(database, "70012")
    an_account(database, "70013", login_id="hanako-2026", email="hanako@example.jp")
    return portal(database, clock)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    log_in(visitor.get("/login"))
    return visitor


def log_in(page: Page, login_id: str = "tarou-2026") -> Page:
    return page.submit("ログイン", login_id=login_id, password=PASSWORD)


def kept(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(kept_form)) or 0


def value(page: Page, field: str) -> str | None:
    element = page.root.by_id(field)
    assert element is not None, page.text
    return element.attributes.get("value")


@pytest.fixture
def left(visitor: Visitor, clock: Path) -> Page:
    """The login page after the form of somebody whose session had ended."""
    page = visitor.get("/profile")
    move_clock(clock, timedelta(minutes=31))
    page = page.submit("変更する", nickname="<たろう>")
    assert page.path == "/login?next=%2Fprofile"
    return page


def test_one_goes_on_at_the_same_form_with_what_was_typed(left: Page, database: Database) -> None:
    assert OUT in left.text
    assert "もう一度ログインすると、入力の続きから始められます。" in left.text
    assert "D-05" in left.text
    assert "<たろう>" not in left.text, "nothing of it before the login"
    page = log_in(left)
    assert page.path == "/profile"
    assert BACK in page.text
    assert value(page, "nickname") == "<たろう>"
    assert BACK in left.visitor.get("/profile").text, "a reload loses nothing"
    assert BACK not in left.visitor.get("/").text
    page = page.submit("変更する", nickname="たろう")
    assert page.path == "/profile?done=1"
    assert BACK not in page.text
    assert kept(database) == 0
    facts = ("form.kept", "account-of-tarou-2026", None, '{"cause":"D-05","form":"/profile"}')
    assert facts in trail(database, "action", "account_id", "customer_key", "facts")


def test_what_is_wrong_with_it_is_told_then(left: Page) -> None:
    page = log_in(left).submit("変更する")
    assert page.status == 400
    assert "ニックネームに使えない文字があります。" in page.text


def test_another_account_sees_nothing_of_it_and_it_is_gone(left: Page, database: Database) -> None:
    page = log_in(left, "hanako-2026")
    assert page.path == "/profile"
    assert BACK not in page.text
    assert value(page, "nickname") == "タロウ"
    assert kept(database) == 0
    page.submit("ログアウト")
    page = log_in(left.visitor.get("/login?next=/profile"))
    assert BACK not in page.text


@pytest.mark.parametrize("logged_in", [False, True])
def test_it_can_be_deleted(left: Page, database: Database, logged_in: bool) -> None:
    page = log_in(left) if logged_in else left
    after = page.submit("入力内容を消す")
    assert after.path == ("/profile" if logged_in else "/login?next=%2Fprofile")
    assert OUT not in after.text
    assert BACK not in after.text
    assert kept(database) == 0
    assert page.submit("入力内容を消す").path in ("/", "/login"), "twice does no harm"
    if not logged_in:
        assert value(log_in(after), "nickname") == "タロウ"


def test_it_is_kept_for_half_an_hour(left: Page, clock: Path) -> None:
    move_clock(clock, timedelta(minutes=62))
    assert OUT not in left.visitor.get("/login").text
    assert BACK not in log_in(left).text


def test_the_worker_removes_what_nobody_came_back_for(left: Page, database: Database) -> None:
    assert clean_up(settings(), database, NOON - timedelta(days=400))["kept_forms"] == 0
    assert clean_up(settings(), database, NOON + timedelta(days=40_000))["kept_forms"] == 1


def test_a_logout_leaves_nothing(left: Page, database: Database) -> None:
    page = log_in(left)
    page.submit("ログアウト")
    assert kept(database) == 0


def test_without_a_word_typed_there_is_nothing_to_keep(
    visitor: Visitor, clock: Path, database: Database
) -> None:
    profile, password = visitor.get("/profile"), visitor.get("/profile/password")
    move_clock(clock, timedelta(minutes=31))
    for page in (
        profile.submit("変更する", nickname="  "),
        password.submit("変更する", old_password=PASSWORD, password="Another-2026"),
    ):
        assert page.path.startswith("/login?next=%2Fprofile")
        assert OUT not in page.text
        assert "ログインが必要です" in page.text
    assert kept(database) == 0


@pytest.mark.parametrize("how", ["forgotten", "stamp"])
def test_however_the_session_ended(visitor: Visitor, database: Database, clock: Path, how: str) -> None:
    page = visitor.get("/profile")
    if how == "forgotten":
        move_clock(clock, timedelta(minutes=45))
        clean_up(settings(), database, NOON + timedelta(days=40_000))
    else:
        with database.writing() as connection:
            connection.execute(update(account).values(stamp="rotated"))
    page = log_in(page.submit("変更する", nickname="たろう"))
    assert value(page, "nickname") == "たろう"
    assert BACK in page.text


def test_a_form_without_its_mark_or_with_a_strange_one_is_not_kept(
    visitor: Visitor, database: Database, clock: Path
) -> None:
    page = visitor.get("/profile")
    move_clock(clock, timedelta(minutes=31))
    for mark in ("", "x", "eyJhIjoiYSJ9.aaaa.bbbb", "é", "x" * 5000):
        page.submit("変更する", nickname="たろう", whose=mark)
    assert kept(database) == 0


def test_a_form_of_another_account_changes_nothing(visitor: Visitor, database: Database) -> None:
    tarou = visitor.get("/profile")
    visitor.get("/").submit("ログアウト")
    log_in(visitor.get("/login"), "hanako-2026")
    page = tarou.submit("変更する", nickname="たろう")
    assert page.path == "/profile?said=other_login"
    assert "別のアカウントでログインし直されていたため" in page.text
    assert value(page, "nickname") == "タロウ"
    assert "nickname.changed" not in [action for (action,) in trail(database)]
    assert kept(database) == 0


def test_a_new_login_in_another_tab_is_enough(left: Page, database: Database, clock: Path) -> None:
    """The form of the first tab, still open, is as good as before."""
    visitor = left.visitor
    log_in(visitor.get("/login"))
    first = visitor.get("/profile")
    move_clock(clock, timedelta(minutes=70))
    log_in(visitor.get("/login"))
    assert first.submit("変更する", nickname="たろう").path == "/profile?done=1"


def test_which_customer_was_looked_at_is_kept_too(app: Flask, database: Database, clock: Path) -> None:
    publish_customers(database, a_customer("80001"), a_customer("80002"))
    an_account(database, "80001", "80002", login_id="several", email="s@example.jp")
    visitor = Visitor(app)
    page = log_in(visitor.get("/login"), "several").follow("お客様番号 0000080002")
    page = page.follow("登録情報の変更")
    wanted = page.path
    move_clock(clock, timedelta(minutes=31))
    page = log_in(page.submit("変更する", nickname="たろう"), "several")
    assert page.path == wanted
    assert value(page, "nickname") == "たろう"
    assert BACK not in visitor.get("/profile").text, "the form of one customer is not the other's"


def test_every_closed_form_takes_part(app: Flask) -> None:
    """Who adds a form behind the login says which fields it has, and shows it at the address that takes it."""
    forms = []
    for rule in app.url_map.iter_rules():
        with app.test_request_context("/"):
            closed = rule.endpoint.partition(".")[0] in (
                "profile",
                "password",
                "menu",
                "statements",
                "contract",
            )
        if "POST" in (rule.methods or ()) and closed:
            assert "GET" in (rule.methods or ()), f"{rule} has no page of its own"
            forms.append(rule.rule)
            assert app.view_functions[rule.endpoint] in typed._DECLARED, f"{rule} does not say what is typed"
    assert sorted(forms) == ["/profile", "/profile/password"]


# The signup: screen 2 after its draft has died.


def screen_2(visitor: Visitor) -> Page:
    page = visitor.get("/signup").submit("認証", **TAROU)
    assert page.path == "/signup/profile"
    return page


@pytest.mark.parametrize("button", ["確認する", "IDチェック"])
def test_screen_2_is_there_again_once_the_customer_is_proven_anew(
    app: Flask, database: Database, clock: Path, button: str
) -> None:
    page = screen_2(Visitor(app))
    move_clock(clock, timedelta(minutes=50))
    clean_up(settings(), database, NOON + timedelta(days=40_000))
    page = page.submit(button, **SCREEN_2)
    assert page.path == "/signup"
    assert "お手続きが途中で中断されました" in page.text
    assert "D-05" in page.text
    assert SCREEN_2["login_id"] not in page.html
    page = page.submit("認証", **TAROU)
    assert page.path == "/signup/profile"
    assert BACK in page.text
    assert [value(page, field) for field in SCREEN_2] == ["tarou.no.id", None, "taro@example.jp", "たろう"]
    page = page.submit("確認する", password=SCREEN_2["password"])
    assert page.path == "/signup/confirm"
    assert page.submit("仮登録する").path == "/signup/done"
    assert kept(database) == 0
    facts = ("form.kept", None, "12345678", '{"cause":"D-05","form":"/signup/profile"}')
    assert facts in trail(database, "action", "account_id", "customer_key", "facts")


def test_another_customer_of_the_same_browser_sees_nothing_of_screen_2(
    app: Flask, database: Database, clock: Path
) -> None:
    publish_customers(database, a_customer("90001", name_kana="スズキ　イチロウ"))
    page = screen_2(Visitor(app))
    move_clock(clock, timedelta(minutes=31))
    page = page.submit("確認する", **SCREEN_2)
    page = page.submit("認証", **{**TAROU, "customer_number": "90001", "name_kana": "スズキイチロウ"})
    assert page.path == "/signup/profile"
    assert BACK not in page.text
    assert SCREEN_2["login_id"] not in page.html
    assert kept(database) == 0


def test_screen_2_can_be_deleted(app: Flask, database: Database, clock: Path) -> None:
    page = screen_2(Visitor(app))
    move_clock(clock, timedelta(minutes=31))
    page = page.submit("確認する", **SCREEN_2).submit("入力内容を消す")
    assert page.path == "/signup"
    assert kept(database) == 0
    assert value(page.submit("認証", **TAROU), "login_id") == ""


def test_whoever_is_registered_already_is_told_that(app: Flask, clock: Path) -> None:
    page = screen_2(Visitor(app))
    page.submit("確認する", **SCREEN_2).submit("仮登録する")
    move_clock(clock, timedelta(minutes=31))
    assert page.submit("確認する", **SCREEN_2).path == "/signup/done"


def test_passwords_are_never_among_what_may_be_kept() -> None:
    fields: Callable[..., Any] = typed._DECLARED[signup.choose].fields.__contains__
    assert [fields(name) for name in SCREEN_2] == [True, False, True, True]
