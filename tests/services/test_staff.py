"""Staff: what moves between two steps of a person, and the mail of an invitation that does not go out."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from mypage.domain.link import LinkState
from mypage.domain.mail import MailKind
from mypage.domain.second_factor import Method
from mypage.domain.staff import COMMAND_LINE, Role, StaffState
from mypage.services import (
    approvals,
    staff_directory,
    staff_invitation,
    staff_invitation_link,
    staff_login,
    staff_own,
    staff_people,
    staff_sessions,
)
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.login import Browser
from mypage.services.outbox import OutboxMessage
from mypage.services.staff_invitation import Invited, Shown, TokenFacts
from mypage.services.staff_people import Done, Not, Overtaken
from mypage.services.staff_sessions import StaffSession
from mypage.store.engine import Database
from mypage.store.schema import staff, staff_session
from mypage.store.schema import staff_invitation as invitations
from tests.portal import SECRET_KEYS
from tests.staffing import LIFETIME, Member, a_member

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
HERE = Browser("127.0.0.1", "a test", None)


def session_of(database: Database, member: Member, *, is_whole: bool = True) -> tuple[StaffSession, str]:
    """A session of theirs, and its secret."""
    with database.writing() as connection:
        secret = staff_sessions.start(
            connection,
            member.id,
            stamp="stamp-of-birth",
            lifetime=LIFETIME,
            address="127.0.0.1",
            browser="a test",
            replaces=None,
            is_whole=is_whole,
            now=NOW,
        )
        found = staff_sessions.current(connection, secret, lifetime=LIFETIME, now=NOW)
    assert found is not None
    return found, secret


def an_invitation(database: Database, *, by_mail: bool = True) -> Invited:
    with database.writing() as connection:
        return staff_invitation.invite(
            connection,
            name="鈴木",
            email="suzuki@example.jp",
            role=Role.AGENT,
            invited_by=COMMAND_LINE,
            role_given_by=COMMAND_LINE,
            by=COMMAND_LINE,
            by_mail=by_mail,
            now=NOW,
        )


def taken_up(database: Database, invited: Invited) -> str | Shown | None:
    token = TokenFacts(invited.serial, str(invited.payload["m"]), NOW)
    with database.writing() as connection:
        return staff_invitation.begin(
            connection,
            token,
            login_id="suzuki",
            password_hash="hash",
            lifetime=LIFETIME,
            browser=HERE,
            now=NOW,
        )


def change(database: Database, staff_id: str, **values: object) -> None:
    with database.writing() as connection:
        connection.execute(update(staff).where(staff.c.id == staff_id).values(**values))


def mail_of(invited: Invited) -> OutboxMessage:
    """The invitation's mail as a worker holds it."""
    return OutboxMessage(
        1,
        MailKind.STAFF_INVITATION,
        10,
        "suzuki@example.jp",
        "ja",
        {"name": "鈴木", "role": "x", "mark": invited.payload["m"]},
        None,
        None,
        None,
        invited.serial,
        "m",
        0,
        NOW,
    )


def test_an_invitation_whose_mail_never_goes_out_ends_and_the_list_says_so(database: Database) -> None:
    invited = an_invitation(database)
    mail = mail_of(invited)
    with database.writing() as connection:
        assert staff_invitation_link.lives(connection, mail)
        assert staff_invitation_link.payload(mail) == invited.payload
        staff_invitation_link.lock(connection, mail)
        staff_invitation_link.given_up(connection, mail, actor="worker", now=NOW)
        (listed,) = staff_directory.everybody(connection)
        assert listed.invitation is not None
        assert listed.invitation.is_refused
        # Ended: whatever the worker hears of the mail afterwards changes nothing.
        staff_invitation_link.lock(connection, mail)
        staff_invitation_link.handed_over(connection, mail, now=NOW)
        staff_invitation_link.given_up(connection, mail, actor="worker", now=NOW)
        assert not staff_invitation_link.lives(connection, mail)
        assert connection.scalars(select(invitations.c.handed_over_at)).all() == [None]
    shown = taken_up(database, invited)
    assert isinstance(shown, Shown)
    assert shown.link.state is LinkState.EXPIRED


def test_an_invitation_without_its_row_opens_nothing(database: Database) -> None:
    change(database, a_member(database).id, state=StaffState.INVITED.value)
    with database.reading() as connection:
        (listed,) = staff_directory.everybody(connection)
        assert listed.invitation is None
        assert staff_directory.admins_at_work(connection) == 0
    shown = taken_up(database, Invited("x", 77, {"m": "x"}))
    assert isinstance(shown, Shown)
    assert shown.link.state is LinkState.BROKEN


def test_the_mark_of_another_invitation_opens_nothing(database: Database) -> None:
    first, second = an_invitation(database), an_invitation(database)
    shown = taken_up(database, Invited("", first.serial, second.payload))
    assert isinstance(shown, Shown)
    assert shown.link.state is LinkState.BROKEN


def test_a_factor_that_comes_after_a_newer_invitation_joins_nobody(database: Database) -> None:
    invited = an_invitation(database, by_mail=False)
    begun = taken_up(database, invited)
    assert isinstance(begun, str)
    with database.writing() as connection:
        session = staff_sessions.current(connection, begun, lifetime=LIFETIME, now=NOW)
        assert session is not None
        member = connection.execute(select(staff)).mappings().one()
        staff_invitation.invite_again(
            connection, member, invited_by=COMMAND_LINE, by=COMMAND_LINE, by_mail=False, now=NOW
        )
        assert not staff_invitation.joins(connection, session, Method.APP, NOW)
        assert staff_sessions.current(connection, begun, lifetime=LIFETIME, now=NOW) is None


def test_a_factor_that_comes_after_a_suspension_opens_nothing(database: Database) -> None:
    agent = a_member(database)
    (first, _), (second, _) = (session_of(database, agent, is_whole=False) for _ in range(2))

    def complete(session: StaffSession) -> object:
        with database.writing() as connection:
            return staff_login.complete(
                connection, session, Method.APP, browser=HERE, lifetime=LIFETIME, now=NOW
            )

    assert complete(first) is not None
    assert complete(first) is None, "the same half session twice"
    change(database, agent.id, stamp="another")
    assert complete(second) is None


def test_a_session_of_a_state_that_it_does_not_fit_is_none(database: Database) -> None:
    agent = a_member(database)
    _, secret = session_of(database, agent)
    change(database, agent.id, state=StaffState.INVITED.value)
    with database.writing() as connection:
        assert staff_sessions.current(connection, secret, lifetime=LIFETIME, now=NOW) is None
        staff_sessions.end(connection, secret, NOW)
        staff_sessions.end(connection, secret, NOW)
        assert connection.scalars(select(staff_session.c.id_hash)).all() == []


def test_what_is_done_with_the_own_login_after_it_ended_is_not_done(database: Database) -> None:
    agent = a_member(database)
    session, _ = session_of(database, agent)
    with database.writing() as connection:
        attempt = staff_own.reserve(connection, session, secret=SECRET_KEYS, now=NOW)
        assert isinstance(attempt, staff_own.Attempt)
        assert staff_own.end_session(connection, session, session.id, NOW) == 0, (
            "this one ends by the log-out"
        )
    change(database, agent.id, stamp="another")
    with database.writing() as connection:
        assert not staff_own.confirm(
            connection, session, attempt, is_right=True, deed="codes", secret=SECRET_KEYS, now=NOW
        )
        changed = staff_own.change_password(
            connection, session, password_hash="x", browser=HERE, lifetime=LIFETIME, now=NOW
        )
        assert changed is None
        for _ in range(9):
            staff_own.reserve(connection, session, secret=SECRET_KEYS, now=NOW)
    gone = session._replace(staff_id="gone")
    with database.writing() as connection:
        staff_own.tell(connection, gone, "codes_made", NOW)
        with pytest.raises(LookupError):
            staff_own.reserve(connection, gone, secret=SECRET_KEYS, now=NOW)


def test_an_approval_does_exactly_what_still_fits(database: Database) -> None:
    one, two = (a_member(database, Role.ADMIN, name) for name in ("田中", "山本"))
    agent = a_member(database, Role.AGENT, "鈴木")
    asker, approver = (session_of(database, each)[0] for each in (one, two))

    def approve(request: object) -> object:
        assert isinstance(request, StaffRequest)
        with database.writing() as connection:
            return staff_people.approve(
                connection, request.id, by=approver, secret=SECRET_KEYS, now=NOW + timedelta(minutes=1)
            )

    with database.writing() as connection:
        foreign = approvals.ask(
            connection,
            kind="release",
            subject="12345678",
            facts={},
            mark="",
            staff_id=one.id,
            life=timedelta(hours=1),
            now=NOW,
        )
        lost = staff_people.ask_reset(connection, agent.id, "x", by=asker, now=NOW)
        given = staff_people.change_role(connection, agent.id, Role.BILLING, by=asker, now=NOW)
        unknown = approvals.ask(
            connection,
            kind=staff_people.RESET,
            subject="nobody",
            facts={"reason": "x"},
            mark="",
            staff_id=one.id,
            life=timedelta(hours=1),
            now=NOW,
        )
        assert isinstance(staff_people.suspend(connection, agent.id, "x", by=asker, now=NOW), Done)
        for deed in (
            staff_people.resume(connection, one.id, by=asker, now=NOW),
            staff_people.resume(connection, "nobody", by=asker, now=NOW),
            staff_people.suspend(connection, "nobody", "x", by=asker, now=NOW),
            staff_people.change_role(connection, "nobody", Role.AGENT, by=asker, now=NOW),
            staff_people.ask_reset(connection, "nobody", "x", by=asker, now=NOW),
            staff_people.invite_again(connection, "nobody", by=asker, now=NOW),
        ):
            assert isinstance(deed, Not)
    assert approve(foreign) == Settled(None), "an act for a customer is not decided among administrators"
    assert approve(lost) == Overtaken("staff_not_active")
    assert isinstance(approve(given), StaffRequest), "a role may be given to somebody who is suspended"
    assert approve(unknown) == Overtaken("staff_unknown")
    with database.writing() as connection:
        last = staff_people.ask_reset(connection, two.id, "x", by=asker, now=NOW)
    assert approve(last) == Unfit("approver_is_subject")
    with database.writing() as connection:
        late = staff_people.change_role(connection, agent.id, Role.ADMIN, by=asker, now=NOW)
    change(database, one.id, role=Role.AGENT.word)
    assert approve(late) == Overtaken("staff_asker_gone")


def test_nobody_approves_what_somebody_asked_who_is_suspended_now(database: Database) -> None:
    one, two = (a_member(database, Role.ADMIN, name) for name in ("田中", "山本"))
    agent = a_member(database, Role.AGENT, "鈴木")
    boss, other = (session_of(database, each)[0] for each in (one, two))
    with database.writing() as connection:
        asked = [
            approvals.ask(
                connection,
                kind=kind,
                subject="12345678",
                facts={},
                mark="",
                staff_id=staff_id,
                life=timedelta(hours=1),
                now=NOW,
            )
            for kind, staff_id in (("release", agent.id), ("suspend", agent.id), ("release-2", one.id))
        ]
        given = staff_people.change_role(connection, agent.id, Role.BILLING, by=other, now=NOW)
        assert isinstance(given, StaffRequest)
        assert isinstance(staff_people.suspend(connection, agent.id, "x", by=boss, now=NOW), Done)
        states = [
            found.state.value
            for each in asked
            if isinstance(each, StaffRequest) and (found := approvals.find(connection, each.id, now=NOW))
        ]
        assert states == ["withdrawn", "withdrawn", "waiting"]
        assert isinstance(staff_people.suspend(connection, two.id, "x", by=boss, now=NOW), Done)
        settled = staff_people.approve(connection, given.id, by=boss, secret=SECRET_KEYS, now=NOW)
        assert isinstance(settled, Settled)
        assert settled.request is not None
        assert settled.request.state.value == "withdrawn"


def test_the_last_administrator_stays_one_whoever_asks(database: Database) -> None:
    """Only a session that outlived its own role could ask: the rule does not rest on the door alone."""
    admin = a_member(database, Role.ADMIN, "田中")
    agent, _ = session_of(database, a_member(database, Role.AGENT, "鈴木"))
    with database.writing() as connection:
        for deed in (
            staff_people.suspend(connection, admin.id, "x", by=agent, now=NOW),
            staff_people.change_role(connection, admin.id, Role.AGENT, by=agent, now=NOW),
            staff_people.ask_reset(connection, admin.id, "x", by=agent, now=NOW),
        ):
            assert deed == Not("staff_last_admin")


def test_whoever_is_unknown_has_no_name(database: Database) -> None:
    with database.reading() as connection:
        assert staff_directory.names(connection, ["nobody"]) == {COMMAND_LINE: "コマンド"}
        assert staff_directory.member(connection, "nobody") is None
