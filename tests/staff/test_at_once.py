"""What several people do at the same moment: the database decides, and nothing is done twice."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import select

from mypage.domain.staff import Role, StaffState
from mypage.services import staff_first
from mypage.store.engine import Database
from mypage.store.schema import audit_event, staff, staff_session
from tests.portal import portal
from tests.staffing import a_member, at_desk, now_of
from tests.together import at_the_same_time
from tests.visitor import Page, Visitor


def test_one_code_is_one_login_in_however_many_browsers(database: Database) -> None:
    app = portal(database)
    agent = a_member(database, Role.AGENT)
    pages = [
        Visitor(app).get("/staff/login").submit("次へ", login_id=agent.login_id, password=agent.password)
        for _ in range(4)
    ]
    code = agent.code(now_of(app))

    def send(page: Page) -> Callable[[], Page]:
        return lambda: page.submit("ログイン", code=code)

    after = at_the_same_time([send(page) for page in pages])
    assert sorted(page.path for page in after) == ["/staff/", *["/staff/factor"] * 3]
    with database.reading() as connection:
        whole = connection.scalars(
            select(staff_session.c.proven_at).where(staff_session.c.proven_at.is_not(None))
        )
        assert len(whole.all()) == 1
        logged_in = select(audit_event.c.seq).where(audit_event.c.action == "staff.logged_in")
        assert len(connection.scalars(logged_in).all()) == 1


def test_two_administrators_who_suspend_each_other_leave_one(database: Database) -> None:
    app = portal(database)
    pair = [a_member(database, Role.ADMIN, name) for name in ("田中", "山本")]
    forms = [
        at_desk(app, database, one).get(f"/staff/people/{other.id}/suspend")
        for one, other in (pair, reversed(pair))
    ]

    def send(page: Page) -> Callable[[], Page]:
        return lambda: page.submit("停止する", reason="争い")

    at_the_same_time([send(page) for page in forms])
    with database.reading() as connection:
        states = connection.scalars(select(staff.c.state).order_by(staff.c.state)).all()
    assert list(states) == [StaffState.ACTIVE, StaffState.SUSPENDED]


def test_of_commands_at_once_two_make_an_administrator(database: Database) -> None:
    at = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)

    def invite(number: int) -> Callable[[], bool]:
        def deed() -> bool:
            with database.writing() as connection:
                address = f"admin-{number}@example.jp"
                return staff_first.invite(connection, name="管理者", email=address, now=at) is not None

        return deed

    assert sorted(at_the_same_time([invite(number) for number in range(5)])) == [
        False,
        False,
        False,
        True,
        True,
    ]
