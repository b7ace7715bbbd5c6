"""Staff of the sample, one of each role and a second administrator: invited and enrolled through everybody's deeds.

The deeds lie some days back, so that the administrators have held their role long enough to approve.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mypage.adapters import authenticator, passwords
from mypage.adapters.sealing import Sealer
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.domain.second_factor import Method, step_of
from mypage.domain.staff import Role
from mypage.services import (
    second_factor_enrolment,
    staff_directory,
    staff_first,
    staff_invitation,
    staff_people,
    staff_sessions,
)
from mypage.services.approvals import StaffRequest
from mypage.services.login import Browser
from mypage.services.sessions import Lifetime
from mypage.services.staff_invitation import TokenFacts
from mypage.services.staff_sessions import StaffSession
from mypage.store import outbox, shift, staff_invitations
from mypage.store.engine import Database

PASSWORD = "Sample-desk-2026-tsubame"  # noqa: S105 - opens the sample only; it is printed on the screen
_BROWSER = Browser("127.0.0.1", "", None)
_DAY = timedelta(days=1)
_MANY = 100


class Person(NamedTuple):
    """Who is made: login id, name, role."""

    login_id: str
    name: str
    role: Role


_FIRST = (
    Person("sample-admin", "田中 花子", Role.ADMIN),
    Person("sample-admin-2", "山本 健", Role.ADMIN),
)
_OTHERS = (
    Person("sample-agent", "佐藤 美咲", Role.AGENT),
    Person("sample-agent-2", "鈴木 大輔", Role.AGENT),
    Person("sample-auditor", "伊藤 誠", Role.AUDITOR),
    Person("sample-billing", "高橋 由美", Role.BILLING),
)


class StaffAreWrong(Exception):
    """One of the sample's deeds was refused."""


def make_sample_staff(
    database: Database, environment: Mapping[str, str], now: datetime
) -> Sequence[Mapping[str, str]]:
    """Make them; for each what is printed, with the secret of the authenticator app for machines."""
    settings = load(environment)
    made = [_first(database, settings, person, now - 3 * _DAY) for person in _FIRST]
    sessions = [each.session for each in made]
    made += [_invited(database, settings, person, sessions, now - _DAY) for person in _OTHERS]
    _silence(database)
    return [
        {
            "login_id": each.person.login_id,
            "password": PASSWORD,
            "role": each.person.role.word,
            "name": each.person.name,
            "totp_secret": each.secret,
        }
        for each in made
    ]


def _silence(database: Database) -> None:
    """What staff were told days ago is past: today's list of mails that were not sent is not to begin with it."""
    with database.writing() as connection:
        for row in shift.mail_list(connection, (outbox.WAITING,), limit=_MANY, offset=0):
            outbox.settle(connection, row["id"], state=outbox.VOID)


class _Made(NamedTuple):
    person: Person
    session: StaffSession
    secret: str


def _first(database: Database, settings: Settings, person: Person, now: datetime) -> _Made:
    with database.writing() as connection:
        staff_first.invite(connection, name=person.name, email=_address(person), now=now)
    return _comes(database, settings, person, now)


def _invited(
    database: Database, settings: Settings, person: Person, admins: Sequence[StaffSession], now: datetime
) -> _Made:
    asker, approver = admins
    with database.writing() as connection:
        asked = staff_people.invite(
            connection, name=person.name, email=_address(person), role=person.role, by=asker, now=now
        )
        if isinstance(asked, StaffRequest):
            staff_people.approve(connection, asked.id, by=approver, secret=settings.secret_keys[0], now=now)
    return _comes(database, settings, person, now)


def _comes(database: Database, settings: Settings, person: Person, now: datetime) -> _Made:
    """Take the invitation up, with an authenticator app. Raises :class:`StaffAreWrong` where it is refused."""
    sealer, secret = Sealer(settings.factor_keys), authenticator.new_secret()
    lifetime = Lifetime(idle=settings.session_idle, absolute=settings.session_absolute)
    password_hash = passwords.hashed(PASSWORD)
    with database.writing() as connection:
        members = [each for each in staff_directory.everybody(connection) if each.email == _address(person)]
        row = staff_invitations.newest(connection, members[0].id) if members else None
        if row is None:
            raise StaffAreWrong(person.login_id)
        begun = staff_invitation.begin(
            connection,
            TokenFacts(row["serial"], row["mark"], now),
            login_id=person.login_id,
            password_hash=password_hash,
            lifetime=lifetime,
            browser=_BROWSER,
            now=now,
        )
        if not isinstance(begun, str):
            raise StaffAreWrong(person.login_id)
        session = staff_sessions.current(connection, begun, lifetime=lifetime, now=now)
        if session is None:
            raise StaffAreWrong(person.login_id)
        code = authenticator.code_at(secret, step_of(now))
        second_factor_enrolment.add_app(
            connection, session.owner, secret, code, sealer=sealer, actor=session.actor, now=now
        )
        second_factor_enrolment.new_codes(connection, session.owner, actor=session.actor, now=now)
        if not staff_invitation.joins(connection, session, Method.APP, now):
            raise StaffAreWrong(person.login_id)
        staff_sessions.end(connection, begun, now)
    return _Made(person, session, secret)


def _address(person: Person) -> str:
    return f"{person.login_id}@example.com"
