"""A form from an old page (E-02) and a browser that refuses cookies (E-01): nothing is done, nothing typed is lost."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from mypage.store.engine import Database
from mypage.store.schema import audit_event, registration
from tests.bills import PASSWORD, an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import SECRET_KEYS, move_clock, portal
from tests.visitor import Page, Visitor

OLD = "画面が古くなっていたため、まだ送信されていません"
NEW_KEY = "sign-with-this-newer-key-in-tests-only-0123456789"
SCREEN_2 = {"login_id": "tarou.no.id", "password": "Himitsu12", "email": "t@example.jp", "nickname": "たろう"}


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


@pytest.fixture
def rotated(database: Database, clock: Path) -> Flask:
    """The same portal after its key was replaced, the old one forgotten at once."""
    return portal(database, clock, secret_keys=NEW_KEY)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def value(page: Page, field: str) -> str | None:
    element = page.root.by_id(field)
    assert element is not None, page.text
    return element.attributes.get("value")


def count(database: Database) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(audit_event)) or 0


def test_the_login_is_shown_again_with_the_id_and_one_press_leads_on(
    visitor: Visitor, rotated: Flask, database: Database
) -> None:
    page = visitor.get("/login?next=/profile")
    visitor.client.application = rotated
    before = count(database)
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.status == 400
    assert OLD in page.text
    assert "E-02" in page.text
    assert value(page, "login_id") == "tarou-2026"
    assert PASSWORD not in page.html
    assert count(database) == before, "nothing was tried"
    assert page.submit("ログイン", password=PASSWORD).path == "/profile"


def test_a_rotation_that_keeps_the_old_key_is_noticed_by_nobody(
    visitor: Visitor, database: Database, clock: Path
) -> None:
    page = visitor.get("/login")
    visitor.client.application = portal(database, clock, secret_keys=f"{NEW_KEY},{SECRET_KEYS}")
    assert page.submit("ログイン", login_id="tarou-2026", password=PASSWORD).path == "/"


def test_the_signup_goes_on_at_each_screen(visitor: Visitor, rotated: Flask, app: Flask) -> None:
    def age(page: Page) -> Page:
        """The page, made before the last change of keys."""
        now_used = visitor.client.application
        visitor.client.application = rotated if now_used is app else app
        return page

    page = age(visitor.get("/signup")).submit("認証", **TAROU)
    assert OLD in page.text
    assert [value(page, field) for field in TAROU] == list(TAROU.values())
    page = age(page.submit("認証")).submit("確認する", **SCREEN_2)
    assert OLD in page.text
    assert value(page, "nickname") == "たろう"
    assert value(page, "password") is None
    page = age(page).submit("IDチェック")
    assert OLD in page.text
    assert value(page, "login_id") == "tarou.no.id"
    page = age(page.submit("確認する", password=SCREEN_2["password"])).submit("仮登録する")
    assert page.path == "/signup/confirm?said=form_old"
    assert OLD in page.text
    page = age(page.submit("仮登録する"))
    assert page.path == "/signup/done"
    page = page.submit("メールを再送する")
    assert page.path == "/signup/done?said=form_old"
    assert OLD in page.text
    page = age(page.follow("メールアドレスを訂正する")).submit(
        "メールアドレスを訂正する", email="n@example.jp"
    )
    assert OLD in page.text
    assert value(page, "email") == "n@example.jp"
    assert page.submit("メールアドレスを訂正する").path == "/signup/done?said=address_corrected"


def test_the_link_s_pages_go_on(visitor: Visitor, rotated: Flask) -> None:
    page = visitor.get("/signup/activate/cut")
    visitor.client.application = rotated
    page = page.submit("URLを開く", rest="the rest")
    assert OLD in page.text
    assert value(page, "rest") == "the rest"
    assert 'name="beginning" value="cut"' in page.html
    page = visitor.post("/signup/activate/cut", {"password": "x"})
    assert (page.path, page.status) == ("/signup/activate/cut", 400)
    assert OLD in page.text
    assert visitor.post("/signup/complete", {}).path == "/login"


def logged_in(visitor: Visitor) -> Page:
    return visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)


def forget_the_token(visitor: Visitor) -> None:
    """What a token that is too old, or a key that is gone, looks like, while everything else goes on."""
    visitor.client.set_cookie("form", "old", domain="127.0.0.1")


def test_a_form_behind_the_login_is_shown_with_what_was_typed(visitor: Visitor, database: Database) -> None:
    logged_in(visitor)
    page = visitor.get("/profile")
    forget_the_token(visitor)
    page = page.submit("変更する", nickname="たろう")
    assert page.path == "/profile?said=form_old"
    assert "先ほど入力された内容を表示しています" in page.text
    assert value(page, "nickname") == "たろう"
    assert page.submit("変更する").path == "/profile?done=1"


def test_after_the_session_it_waits_behind_the_login(visitor: Visitor, clock: Path) -> None:
    logged_in(visitor)
    page = visitor.get("/profile")
    forget_the_token(visitor)
    move_clock(clock, timedelta(days=1))
    page = page.submit("変更する", nickname="たろう")
    assert page.path == "/login?next=%2Fprofile"
    assert "D-05" in page.text
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert value(page, "nickname") == "たろう"


def test_without_its_mark_the_form_is_shown_as_it_stands(visitor: Visitor, rotated: Flask) -> None:
    logged_in(visitor)
    page = visitor.get("/profile")
    visitor.client.application = rotated
    page = page.submit("変更する", nickname="たろう")
    assert OLD in page.text
    assert value(page, "nickname") == "タロウ"


def test_another_account_s_old_form_is_not_shown(visitor: Visitor, database: Database) -> None:
    an_account(database, "12345678", login_id="hanako-2026", email="hanako@example.jp")
    logged_in(visitor)
    page = visitor.get("/profile")
    visitor.get("/").submit("ログアウト")
    visitor.get("/login").submit("ログイン", login_id="hanako-2026", password=PASSWORD)
    forget_the_token(visitor)
    page = page.submit("変更する", nickname="ひみつ")
    assert OLD in page.text
    assert "ひみつ" not in page.html


def test_an_old_logout_button_leads_to_a_new_one(visitor: Visitor) -> None:
    page = logged_in(visitor)
    forget_the_token(visitor)
    page = page.submit("ログアウト")
    assert page.path == "/?said=form_old"
    assert OLD in page.text
    assert page.submit("ログアウト").path == "/login?out=1"


def test_screen_2_after_both_its_token_and_its_draft(visitor: Visitor, clock: Path) -> None:
    page = visitor.get("/signup").submit("認証", **TAROU)
    forget_the_token(visitor)
    move_clock(clock, timedelta(days=1))
    page = page.submit("確認する", **SCREEN_2)
    assert page.path == "/signup"
    assert "D-05" in page.text
    page = page.submit("認証", **TAROU)
    assert value(page, "nickname") == "たろう"


def test_a_form_that_was_open_since_last_week_is_no_old_form(visitor: Visitor, clock: Path) -> None:
    page = visitor.get("/login")
    # As an age, which goes before a date that the device's clock would misread.
    assert f"Max-Age={30 * 24 * 60 * 60};" in page.headers["Set-Cookie"]
    move_clock(clock, timedelta(days=7))
    assert page.submit("ログイン", login_id="tarou-2026", password=PASSWORD).path == "/"


@pytest.mark.parametrize(
    "path", ["/login", "/signup", "/signup/profile", "/profile", "/logout", "/login/forget"]
)
def test_without_any_cookie_the_page_says_how_to_allow_them(
    app: Flask, path: str, database: Database
) -> None:
    page = Visitor(app).post(path, {"login_id": "hanako", "nickname": "はなこ"}, follow=False)
    assert page.status == 400
    assert "E-01" in page.text
    assert "Cookie" in page.text
    assert "すべてのCookieをブロック" in page.text
    assert page.follow("画面を開き直す").status == 200
    with database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(registration)) == 0


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_is_not_shown_as_ours(app: Flask, site: str) -> None:
    visitor = Visitor(app, headers={"Sec-Fetch-Site": site})
    visitor.get("/login")
    page = visitor.post("/login", {"login_id": "their-text", "password": "x"})
    assert page.status == 400
    assert "their-text" not in page.html
    assert "何も変更されていません。" in page.text
