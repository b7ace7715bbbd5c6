"""The console's gate: closed by default, apart from the logins of subscribers, and quick to close again."""

from sqlalchemy import update

from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.store.schema import staff
from tests.portal import portal
from tests.staffing import a_member, at_desk
from tests.visitor import Visitor


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
