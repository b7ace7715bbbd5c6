"""The console's gate: closed by default, apart from the logins of subscribers, and quick to close again."""

import pytest
from flask import Blueprint
from sqlalchemy import update

from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.store.schema import staff
from mypage.web.staff_gate import console
from mypage.web.staff_logins import roles
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import portal
from tests.staffing import a_member, at_desk, log_in
from tests.visitor import Visitor, form_values


def test_whoever_is_not_logged_in_is_led_to_the_login_and_back(database: Database) -> None:
    answer = Visitor(portal(database)).client.get("/staff/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/login")


def test_a_member_sees_the_console_in_japanese(database: Database) -> None:
    desk = at_desk(portal(database), database, Role.AGENT)
    desk.headers["Accept-Language"] = "en"
    page = desk.get("/staff/")
    assert page.status == 200
    assert "佐藤 さん（オペレーター）" in page.text
    assert page.root.first("html").attributes["lang"] == "ja"


def test_a_suspension_ends_the_next_request(database: Database) -> None:
    member = a_member(database, Role.AGENT)
    desk = at_desk(portal(database), database, member)
    assert desk.get("/staff/").status == 200
    with database.writing() as connection:
        connection.execute(update(staff).values(state="suspended"))
    assert desk.client.get("/staff/").headers["Location"] == "/staff/login"


def test_a_view_that_names_no_role_is_for_nobody(database: Database) -> None:
    app, wing = portal(database), console("wing")
    doors = Blueprint("forgotten", __name__)

    @doors.get("/staff/forgotten")
    def forgotten() -> str:
        return "what its author forgot to close"

    wing.register_blueprint(doors)
    app.register_blueprint(wing)
    for role in Role:
        page = at_desk(app, database, role).get("/staff/forgotten")
        assert page.status == 403
        assert f"{role.label}の役割では" in page.text
        assert "forgot" not in page.html
    assert Visitor(app).get("/staff/forgotten").path.startswith("/staff/login")
    with pytest.raises(ValueError, match="for somebody"):
        roles()


def test_what_goes_wrong_is_told_in_the_consoles_own_shell(database: Database) -> None:
    app = portal(database)
    desk = at_desk(app, database, Role.ADMIN)
    desk.headers["Accept-Language"] = "en"
    page = desk.get("/staff/nowhere")
    assert (page.status, "ページが見つかりません" in page.text) == (404, True)
    assert page.follow("ホームへ").path == "/staff/"
    typed = form_values(desk.get("/staff/people/invite").form_with("招待する"))
    page = desk.post("/staff/people/invite", {**typed, "name": "x" * 70_000})
    assert (page.status, "入力を短くして" in page.text) == (413, True)
    cookieless = Visitor(app)
    typed = form_values(cookieless.get("/staff/login").form_with("次へ"))
    cookieless.client.delete_cookie("form", domain="127.0.0.1")
    page = cookieless.post("/staff/login", typed)
    assert (page.status, "Cookie" in page.text) == (400, True)
    assert page.follow("画面を開き直す").path == "/staff/login"


def test_a_subscriber_who_is_logged_in_in_the_same_browser_is_nobody_here(database: Database) -> None:
    app = portal(database)
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    visitor = Visitor(app)
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    page = visitor.get("/staff/")
    assert page.path == "/staff/login"
    assert "タロウ" not in page.text
    log_in(app, a_member(database, Role.AGENT), visitor=visitor)
    assert "佐藤" in visitor.get("/staff/").text
    assert "タロウ 様" in visitor.get("/").text
    visitor.get("/staff/").submit("ログアウト")
    assert "タロウ 様" in visitor.get("/").text, "each log-out ends its own login only"
