"""Staff for tests: members of each role, and browsers in which they are logged in.

    agent = a_member(database, Role.AGENT)
    desk = at_desk(app, database, agent)            # a Visitor, logged in: no form was filled in
    page = desk.get("/staff/")

A second member of the same role has another name: ``a_member(database, Role.ADMIN, "鈴木")``. Each has held the role
for long and was invited by nobody of the others, unless the test says so (``role_given_by=…``, ``role_given_at=…``).
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import insert

from mypage.domain.staff import COMMAND_LINE, Role, StaffState, actor
from mypage.services import staff_sessions
from mypage.services.sessions import Lifetime
from mypage.store.engine import Database
from mypage.store.schema import staff
from mypage.web.house import EXTENSION
from tests.bills import LONG_AGO, PASSWORD, password_hash
from tests.visitor import Visitor

_NAMES = {Role.AGENT: "佐藤", Role.BILLING: "高橋", Role.ADMIN: "田中", Role.AUDITOR: "伊藤"}
LIFETIME = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


@dataclass(frozen=True)
class Member:
    """A member of staff; the password is :data:`tests.bills.PASSWORD`."""

    id: str
    role: Role
    name: str
    login_id: str
    password: str = PASSWORD

    @property
    def actor(self) -> str:
        """How they stand in the trail."""
        return actor(self.id)


def a_member(database: Database, role: Role = Role.AGENT, name: str = "", **facts: object) -> Member:
    """A member of staff who is at work."""
    called = name or _NAMES[role]
    member = Member(f"{role.word}-{called}", role, called, f"{role.word}-{called.encode().hex()}")
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
    return member


def at_desk(
    app: Flask, database: Database, who: Member | Role = Role.AGENT, *, address: str = "127.0.0.1"
) -> Visitor:
    """A browser in which that member (or a new one of that role) is logged in with both factors."""
    member = who if isinstance(who, Member) else a_member(database, who)
    with database.writing() as connection:
        secret = staff_sessions.start(
            connection,
            member.id,
            stamp="stamp-of-birth",
            lifetime=LIFETIME,
            address=address,
            browser="a test",
            replaces=None,
            is_whole=True,
            now=app.extensions[EXTENSION].clock.now(),
        )
    visitor = Visitor(app, headers={"X-Forwarded-For": address} if address != "127.0.0.1" else None)
    visitor.client.set_cookie("staff-session", secret, domain="127.0.0.1")
    return visitor
