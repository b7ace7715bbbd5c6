"""The sample's authenticator apps, readable by nobody but the machine's own browser, and never outside the demo."""

from pathlib import Path

from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.portal import portal
from tests.staffing import a_member
from tests.visitor import Page, Visitor


def code_of(page: Page, login_id: str) -> str:
    (row,) = [each for each in page.root.all("tr") if login_id in each.text()]
    return row.all("td")[-1].text()


def test_a_newcomer_logs_in_without_a_telephone_as_often_as_they_like(
    database: Database, tmp_path: Path
) -> None:
    app = portal(database, demo="true", mailbox=str(tmp_path))
    agent = a_member(database, Role.AGENT)
    for _ in range(2):
        visitor = Visitor(app)
        code = code_of(visitor.get("/dev/authenticator"), agent.login_id)
        page = visitor.get("/staff/login").submit("次へ", login_id=agent.login_id, password=agent.password)
        assert page.submit("ログイン", code=code).path == "/staff/"


def test_nobody_else_sees_it(database: Database, tmp_path: Path) -> None:
    app = portal(database, demo="true", mailbox=str(tmp_path))
    assert Visitor(app, headers={"X-Forwarded-For": "203.0.113.5"}).get("/dev/authenticator").status == 404
    assert Visitor(app, base_url="http://my.example.jp").get("/dev/authenticator").status == 404
    assert Visitor(portal(database)).get("/dev/authenticator").status == 404


def test_an_app_whose_key_is_gone_is_left_out(database: Database, tmp_path: Path) -> None:
    agent = a_member(database, Role.AGENT)
    other = "another-key-that-opens-nothing-0123456789"
    app = portal(database, demo="true", mailbox=str(tmp_path), factor_keys=other)
    assert agent.login_id not in Visitor(app).get("/dev/authenticator").text
