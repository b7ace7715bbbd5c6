"""Staff for tests: members of each role, and browsers in which they are logged in.

    agent = a_member(database, Role.AGENT)
    desk = at_desk(app, database, agent)            # a Visitor, logged in: no form was filled in
    page = desk.get("/staff/")
    page = log_in(app, agent)                       # the same through the real forms

A second member of the same role has another name: ``a_member(database, Role.ADMIN, "鈴木")``. Each has held the role
for long and was invited by nobody of the others, unless the test says so (``role_given_by=…``, ``role_given_at=…``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy import insert

from mypage.adapters import authenticator
from mypage.adapters.sealing import Sealer
from mypage.domain.second_factor import step_of
from mypage.domain.staff import COMMAND_LINE, Role, StaffState, actor
from mypage.services import second_factor, staff_sessions
from mypage.services.sessions import Lifetime
from mypage.store import second_factor as stored_factors
from mypage.store.engine import Database
from mypage.store.schema import staff
from mypage.web.house import EXTENSION
from tests.bills import LONG_AGO, PASSWORD, password_hash
from tests.portal import FACTOR_KEYS
from tests.visitor import Page, Visitor

_NAMES = {Role.AGENT: "佐藤", Role.BILLING: "高橋", Role.ADMIN: "田中", Role.AUDITOR: "伊藤"}
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


@dataclass(frozen=True)
class Member:
    """A member of staff; the password is :data:`tests.bills.PASSWORD`, ``secret`` is what their app holds."""

    id: str
    role: Role
    name: str
    login_id: str
    password: str = PASSWORD
    secret: str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

    def code(self, moment: datetime, step: int = 0) -> str:
        """What their app shows then, or some steps of thirty seconds earlier or later."""
        return authenticator.code_at(self.secret, step_of(moment) + step)

    @property
    def actor(self) -> str:
        """How they stand in the trail."""
        return actor(self.id)


def a_member(database: Database, role: Role = Role.AGENT, name: str = "", **facts: object) -> Member:
    """A member of staff who is at work; ``facts`` are columns, and ``apart``, which tells namesakes apart."""
    called, apart = name or _NAMES[role], facts.pop("apart", "")
    member = Member(
        f"{role.word}-{called}{apart}", role, called, f"{role.word}-{called.encode().hex()}{apart}"
    )
    row: dict[str, object] = {
        "id": member.id,
        "login_id": member.login_id,
        "login_key": member.login_id.casefold(),
        "password_hash": password_hash(),
        "password_changed_at": LONG_AGO,
        "name": called,
        "email": f"{role.word}@example.jp",
        "role": role.word,
        "role_given_by": COMMAND_LINE,
        "role_given_at": LONG_AGO,
        "invited_by": COMMAND_LINE,
        "state": StaffState.ACTIVE.value,
        "stamp": "stamp-of-birth",
        "created_at": LONG_AGO,
        **facts,
    }
    with database.writing() as connection:
        connection.execute(insert(staff).values(**row))
        whose = staff_sessions.owner(member.id)
        sealed = Sealer((FACTOR_KEYS,)).seal(member.secret, second_factor.app_context(whose))
        stored_factors.put_app(connection, whose, sealed=sealed, last_step=0, now=LONG_AGO)
    return member


def at_desk(
    app: Flask,
    database: Database,
    who: Member | Role = Role.AGENT,
    *,
    address: str = "127.0.0.1",
    stamp: str = "stamp-of-birth",
) -> Visitor:
    """A browser in which that member (or a new one of that role) is logged in with both factors."""
    member = who if isinstance(who, Member) else a_member(database, who)
    with database.writing() as connection:
        secret = staff_sessions.start(
            connection,
            member.id,
            stamp=stamp,
            lifetime=LIFETIME,
            address=address,
            browser="a test",
            replaces=None,
            is_whole=True,
            now=now_of(app),
        )
    visitor = Visitor(app, headers={"X-Forwarded-For": address} if address != "127.0.0.1" else None)
    visitor.client.set_cookie("staff-session", secret, domain="127.0.0.1")
    return visitor


def now_of(app: Flask) -> datetime:
    """The portal's clock."""
    moment: datetime = app.extensions[EXTENSION].clock.now()
    return moment


def log_in(app: Flask, member: Member, *, step: int = 0, visitor: Visitor | None = None) -> Page:
    """Log in through the forms; the first page of the console. Each ``step`` (-1, 0, 1) is good for one login."""
    page = (visitor or Visitor(app)).get("/staff/login")
    page = page.submit("次へ", login_id=member.login_id, password=member.password)
    page = page.submit("ログイン", code=member.code(now_of(app), step))
    assert page.path == "/staff/", page.text
    return page


def enrolled(
    app: Flask, link: str, login_id: str | None, password: str = "ashita-mo-harere-ba-ii"
) -> Visitor:
    """A browser in which somebody has taken up the invitation with an authenticator app; None: they have an id."""
    visitor = Visitor(app)
    typed = {"password": password} if login_id is None else {"login_id": login_id, "password": password}
    page = visitor.get(link).submit("次へ", **typed)
    assert page.path == "/staff/factor/new", page.text
    page = page.submit(
        "認証アプリを登録する",
        code=authenticator.code_at(secret_on(page), step_of(now_of(app))),
    )
    assert page.title.startswith("回復コード"), page.text
    return visitor


def secret_on(page: Page) -> str:
    """The secret for an authenticator app that a page offers, as it is typed in by hand."""
    return page.root.first("details").all("p")[-1].text().replace(" ", "")
