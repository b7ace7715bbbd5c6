"""What one member of staff asks and another approves: once, in time, by a truly different person, in the same state."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from mypage.domain import support_act
from mypage.domain.approval import RequestState
from mypage.domain.customer_state import Standing
from mypage.domain.staff import Role
from mypage.domain.support_act import SupportAct
from mypage.domain.support_call import Verified
from mypage.domain.support_reason import Reason
from mypage.services import approvals, customer_state, signup_mail, support_acts
from mypage.services.approvals import AlreadyAsked, Settled, StaffRequest, Unfit
from mypage.services.support_acts import Asked, Outdated, Overtaken, Refused
from mypage.services.support_deeds import Done
from mypage.store import registrations, second_factor, staff_requests
from mypage.store.engine import Database
from mypage.store.schema import account, account_customer, audit_event, registration
from mypage.works.clean_up import clean_up
from tests.acting import (
    HOUR,
    KEY,
    Desk,
    active,
    change_staff,
    closed,
    keep_from_web,
    mails_since,
    newest_mail,
    objected,
    provisional,
    state_of,
)
from tests.bills import LONG_AGO
from tests.builders import a_customer, publish_customers, take_back
from tests.signing_up import NOON
from tests.together import at_the_same_time

A = SupportAct
DAY = 24 * HOUR


def found(database: Database, request: StaffRequest, now: Any = NOON) -> StaffRequest:
    with database.reading() as connection:
        again = approvals.find(connection, request.id, now=now)
    assert again is not None
    return again


def email_of(database: Database) -> str:
    with database.reading() as connection:
        return str(connection.scalar(select(account.c.email)))


def change_account(database: Database, **values: Any) -> None:
    with database.writing() as connection:
        connection.execute(update(account).values(**values))


def test_a_second_person_makes_it_happen_and_both_stand_in_the_trail(database: Database) -> None:
    active(database)
    asker, approver = Desk(database), Desk(database, "鈴木", Role.ADMIN)
    request = asker.ask(A.CORRECT_ADDRESS, note="機種変更")
    assert (request.state, request.expires_at) == (RequestState.WAITING, NOON + DAY)
    assert request.facts["email"] == "new@example.jp"
    assert request.facts["call_back"] == {"number": 1, "reached": "self", "at": NOON.isoformat()}
    assert asker.approve(request) == Unfit("approver_is_asker")
    assert email_of(database) != "new@example.jp"
    assert isinstance(approver.approve(request), Done)
    assert email_of(database) == "new@example.jp"
    approved = found(database, request)
    assert (approved.state, approved.decided_by) == (RequestState.APPROVED, approver.member.id)
    again = approver.approve(request)
    assert isinstance(again, Settled)
    assert again.request == approved
    with database.reading() as connection:
        rows = connection.execute(
            select(audit_event.c.action, audit_event.c.actor, audit_event.c.facts)
            .where(
                audit_event.c.action.in_(("request.asked", "request.refused", "request.approved", "act.done"))
            )
            .order_by(audit_event.c.seq)
        ).all()
    assert [(action, actor) for action, actor, _ in rows] == [
        ("request.asked", asker.member.actor),
        ("request.refused", asker.member.actor),
        ("request.approved", approver.member.actor),
        ("act.done", approver.member.actor),
    ]
    facts = json.loads(rows[-1].facts)
    assert (facts["asked_by"], facts["request_id"], facts["call_back"]) == (
        asker.member.id,
        request.id,
        "phone 1",
    )
    assert not any("example.jp" in row.facts for row in rows), "addresses are details"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"invited_by": "asker"}, "approver_invited_by_asker"),
        ({"role_given_by": "asker"}, "approver_role_by_asker"),
        ({"role_given_at": NOON - 23 * HOUR}, "approver_too_new"),
        ({}, "approver_asker_gone"),
    ],
    ids=["invited", "role", "new", "asker suspended"],
)
def test_a_puppet_does_not_count_nor_does_whoever_was_suspended(
    database: Database, facts: dict[str, Any], code: str
) -> None:
    active(database)
    asker, puppet = Desk(database), Desk(database, "人形")
    if facts:
        named = {name: asker.member.id if value == "asker" else value for name, value in facts.items()}
        change_staff(database, puppet.member.id, **named)
    request = asker.ask(A.RELEASE)
    change_staff(database, asker.member.id, state="active" if facts else "suspended")
    assert puppet.approve(request) == Unfit(code)
    assert state_of(database).standing is Standing.REGISTERED
    assert found(database, request).state is RequestState.WAITING
    change_staff(database, puppet.member.id, invited_by="cli", role_given_by="cli", role_given_at=LONG_AGO)
    change_staff(database, asker.member.id, state="active")
    assert isinstance(puppet.approve(request), Done)


def test_of_a_kind_and_customer_one_waits_until_it_ends(database: Database) -> None:
    active(database)
    asker, colleague = Desk(database), Desk(database, "鈴木")
    request = asker.ask(A.RELEASE)
    colleague.call_back()
    assert colleague.do(A.RELEASE) == AlreadyAsked(request)
    other = colleague.do(A.CORRECT_ADDRESS, now=NOON + timedelta(minutes=1))
    assert isinstance(other, StaffRequest), "another act may be asked"
    with database.reading() as connection:
        assert [each.id for each in approvals.waiting(connection, now=NOON)] == [request.id, other.id]
        assert approvals.count_waiting(connection, now=NOON) == 2
        assert len(approvals.of_customer(connection, KEY, now=NOON)) == 2
    late = NOON + DAY + timedelta(minutes=1)
    assert found(database, request, late).state is RequestState.EXPIRED
    with database.reading() as connection:
        assert approvals.waiting(connection, now=late) == []
    expired = colleague.approve(request, late)
    assert isinstance(expired, Settled)
    assert expired.request is not None
    assert expired.request.state is RequestState.EXPIRED
    assert colleague.ask(A.RELEASE, now=late).id != request.id


def test_it_is_withdrawn_by_its_asker_and_declined_by_others(database: Database) -> None:
    active(database)
    asker, other = Desk(database), Desk(database, "鈴木")

    def withdraw(desk: Desk, request: StaffRequest) -> Any:
        with database.writing() as connection:
            return approvals.withdraw(connection, request.id, staff_id=desk.member.id, now=NOON)

    def decline(desk: Desk, request: StaffRequest) -> Any:
        with database.writing() as connection:
            return approvals.decline(
                connection, request.id, staff_id=desk.member.id, reply="折り返しの相手が不明", now=NOON
            )

    first = asker.ask(A.RELEASE)
    assert withdraw(other, first) == Unfit("request_of_another")
    assert withdraw(asker, first).state is RequestState.WITHDRAWN
    assert decline(other, first) == Settled(found(database, first))
    with database.writing() as connection:
        # Asked anew by a third at the same moment: what has ended so stays as it ended.
        approvals.supersede(connection, first.id, staff_id=other.member.id, reason="act_changed", now=NOON)
    assert found(database, first).state is RequestState.WITHDRAWN
    second = asker.ask(A.RELEASE)
    assert decline(asker, second) == Unfit("approver_is_asker")
    assert decline(other, second).reply == "折り返しの相手が不明"
    assert isinstance(withdraw(asker, second), Settled)
    assert isinstance(other.approve(second), Settled)
    with database.writing() as connection:
        answers = approvals.answers(connection, asker.member.id, now=NOON)
        assert {each.id: each.state.value for each in answers} == {
            first.id: "withdrawn",
            second.id: "declined",
        }
        assert approvals.answers(connection, other.member.id, now=NOON) == []
        approvals.see_answers(connection, asker.member.id, answers, now=NOON)
        seen = approvals.answers(connection, asker.member.id, now=NOON)
        assert all(each.seen_at == NOON for each in seen)
        approvals.see_answers(connection, asker.member.id, seen, now=NOON + HOUR)
        assert approvals.find(connection, "nothing", now=NOON) is None
        assert approvals.withdraw(connection, "nothing", staff_id="x", now=NOON) == Settled(None)
    assert other.approve(replace(first, id="nothing")) == Settled(None)


CHANGES: dict[str, tuple[Callable[[Database], object], str]] = {
    "suspended": (lambda db: change_account(db, state="suspended"), "act_changed"),
    "address": (lambda db: change_account(db, email="moved@example.jp"), "act_changed"),
    "telephone": (lambda db: publish_customers(db, a_customer(phone="0748-99-9999")), "act_changed"),
    "kept from the web": (keep_from_web, "act_kept_from_web"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changed_meanwhile_must_be_asked_again(database: Database, name: str) -> None:
    active(database)
    asker, approver = Desk(database), Desk(database, "鈴木")
    request = asker.ask(A.CORRECT_ADDRESS)
    change, code = CHANGES[name]
    change(database)
    mails, before = newest_mail(database), email_of(database)
    assert approver.approve(request) == Overtaken(code)
    assert (email_of(database), mails_since(database, mails)) == (before, [])
    ended = found(database, request)
    assert (ended.state, ended.reply) == (RequestState.OVERTAKEN, code)


def test_whoever_logs_out_or_changes_the_password_keeps_nobody_from_it(database: Database) -> None:
    account_id = active(database)
    asker, approver = Desk(database), Desk(database, "鈴木")
    request = asker.ask(A.RELEASE)
    change_account(database, stamp="another", password_hash="another")
    with database.writing() as connection:
        connection.execute(update(account_customer).values(matched_batch_id=1))
    assert approver.do(A.LIFT_WAITS) == Refused("act_no_waits")
    assert isinstance(approver.approve(request), Done)
    with database.reading() as connection:
        assert connection.scalar(select(account.c.state).where(account.c.id == account_id)) == "released"


def test_a_customer_who_is_gone_ends_the_request(database: Database) -> None:
    objected(database)
    asker, approver = Desk(database), Desk(database, "鈴木")
    request = asker.ask(A.SETTLE)
    take_back(database, 1)
    with database.writing() as connection:
        connection.execute(account_customer.delete())
        connection.execute(registration.delete())
    assert approver.approve(request) == Overtaken("act_changed")


def test_an_address_is_restored_within_72_hours_and_all_devices_end(database: Database) -> None:
    active(database)
    old = email_of(database)
    asker, approver = Desk(database), Desk(database, "鈴木")
    assert isinstance(approver.approve(asker.ask(A.CORRECT_ADDRESS)), Done)
    assert state_of(database).former_address
    assert not state_of(database, now=NOON + 72 * HOUR).former_address
    assert state_of(database).devices == 1, "the correction ends no session"
    mails = newest_mail(database)
    request = asker.ask(A.RESTORE_ADDRESS)
    assert request.facts["email"] == old
    assert isinstance(approver.approve(request), Done)
    assert email_of(database) == old
    assert (state_of(database).devices, state_of(database).former_address) == (0, False)
    assert mails_since(database, mails) == [
        ("address_restored", old),
        ("address_replaced", "new@example.jp"),
    ]


@pytest.mark.parametrize("state", [active, provisional])
def test_the_same_address_is_no_correction(database: Database, state: Callable[[Database], object]) -> None:
    state(database)
    desk = Desk(database)
    desk.call_back()
    with database.reading() as connection:
        email = support_acts.registered_address(connection, state_of(database))
    assert desk.do(A.CORRECT_ADDRESS, email=email) == Refused("act_same_address")


def test_a_second_factor_is_removed_with_all_sessions(database: Database) -> None:
    account_id = active(database)
    with database.writing() as connection:
        second_factor.put_app(
            connection, customer_state.factor_owner(account_id), sealed="sealed", last_step=0, now=NOON
        )
    asker, approver = Desk(database), Desk(database, "鈴木")
    assert A.REMOVE_FACTOR in support_act.fitting(state_of(database))
    mails = newest_mail(database)
    assert isinstance(approver.approve(asker.ask(A.REMOVE_FACTOR)), Done)
    assert (state_of(database).second_factor, state_of(database).devices) == (False, 0)
    assert [kind for kind, _ in mails_since(database, mails)] == ["second_factor_removed"]


def test_what_is_lacking_is_said_before_anything_is_done(database: Database) -> None:
    active(database)
    desk = Desk(database)
    assert desk.do(A.SUSPEND) == Refused("act_call_needed")
    desk.call(verified=(Verified.CODE,))
    assert desk.do(A.RELEASE) == Refused("act_code_only")
    assert isinstance(desk.do(A.SEND_PASSWORD_RESET), Done), "enough for sending to the registered address"
    desk.call(now=NOON + HOUR)
    assert desk.do(A.RELEASE, now=NOON + HOUR) == Refused("act_call_back_needed")
    assert desk.do(A.SUSPEND, now=NOON + 2 * HOUR) == Refused("act_call_needed"), "the call is over"
    assert isinstance(desk.do(A.SUSPEND, mark="a page from before"), Outdated)
    for key in ("99999999", "no key"):
        asked = Asked(
            act=A.SUSPEND, customer_key=key, staff_id=desk.member.id, mark="", reason=Reason.OTHER, note="x"
        )
        with database.writing() as connection:
            outcome = support_acts.do(connection, asked, settings=desk.settings, now=NOON)
        assert isinstance(outcome, Outdated)


def test_the_limits_of_mails_bind_staff_too(database: Database) -> None:
    active(database)
    desk = Desk(database)
    for minute in range(5):
        at = NOON + timedelta(minutes=minute)
        desk.call(now=at)
        assert isinstance(desk.do(A.SEND_PASSWORD_RESET, now=at), Done)
    desk.call(now=NOON + HOUR)
    assert desk.do(A.SEND_PASSWORD_RESET, now=NOON + HOUR) == Refused("act_recovery_limited", NOON + DAY)
    take_back(database, 1)
    assert desk.do(A.SEND_PASSWORD_RESET, now=NOON + HOUR) == Refused("act_recovery_kept_from_web")


def test_a_provisional_mail_is_sent_again_within_the_public_limits(database: Database) -> None:
    provisional(database)
    desk = Desk(database)
    desk.call()
    assert isinstance(desk.do(A.RESEND), Done)
    assert desk.do(A.RESEND) == Refused("act_resend_too_soon", NOON + timedelta(minutes=1))
    for number in (1, 2):
        at = NOON + number * timedelta(minutes=2)
        desk.call(now=at)
        assert isinstance(desk.do(A.CORRECT_ADDRESS, now=at, email=f"new{number}@example.jp"), Done)
    late = NOON + timedelta(minutes=10)
    desk.call(now=late)
    refused = desk.do(A.CORRECT_ADDRESS, now=late, email="new3@example.jp")
    assert isinstance(refused, Refused)
    assert refused.code == "act_signup_addresses"


def test_what_cannot_be_done_at_the_approval_ends_the_request(database: Database) -> None:
    provisional(database)
    with database.writing() as connection:
        connection.execute(update(registration).values(made_by="somebody"))
    asker, approver = Desk(database), Desk(database, "鈴木")
    asker.call()
    request = asker.do(A.CORRECT_ADDRESS)
    assert isinstance(request, StaffRequest), "a telephone signup's link needs no password"
    to = signup_mail.destination("new@example.jp", secret=asker.settings.secret_keys[0])
    with database.writing() as connection:
        for number in range(5):
            row = {
                "customer_key": f"{number + 1}",
                "at": NOON,
                "serial": 1,
                "destination": to,
                "replaces": False,
            }
            registrations.add_mail(connection, row)
    assert approver.approve(request) == Overtaken("act_signup_mails")
    assert found(database, request).reply == "act_signup_mails"


def test_an_objection_closes_the_next_account_and_is_settled_by_two(database: Database) -> None:
    closed(database)
    asker, approver = Desk(database), Desk(database, "鈴木")
    asker.call()
    assert isinstance(asker.do(A.OBJECT), Done)
    assert state_of(database).objected
    request = asker.ask(A.SETTLE)
    mails = newest_mail(database)
    assert isinstance(approver.approve(request), Done)
    state = state_of(database)
    assert (state.objected, state.shown_from is not None) == (False, True)
    assert mails_since(database, mails) == [("release_settled", "next@example.jp")]


def test_two_who_approve_at_once_do_it_once(database: Database) -> None:
    active(database)
    asker, desks = Desk(database), [Desk(database, name) for name in ("鈴木", "高橋", "田中")]
    request, mails = asker.ask(A.RELEASE), newest_mail(database)
    outcomes = at_the_same_time([lambda desk=desk: desk.approve(request) for desk in desks])  # type: ignore[misc]
    assert sorted(type(each).__name__ for each in outcomes) == ["Done", "Settled", "Settled"]
    assert len(mails_since(database, mails)) == 1


def test_what_is_long_settled_is_forgotten(database: Database) -> None:
    active(database)
    asker, approver = Desk(database), Desk(database, "鈴木")
    assert isinstance(approver.approve(asker.ask(A.CORRECT_ADDRESS)), Done)
    waiting = asker.ask(A.RELEASE)
    removed = clean_up(asker.settings, database, NOON + 20 * HOUR)
    assert (removed["requests"], removed["calls"], removed["former_addresses"]) == (0, 0, 0)
    assert found(database, waiting, NOON + 20 * HOUR).state is RequestState.WAITING
    removed = clean_up(asker.settings, database, NOON + 31 * DAY)
    assert (removed["requests"], removed["calls"], removed["former_addresses"]) == (2, 1, 1)
    with database.reading() as connection:
        assert staff_requests.by_id(connection, waiting.id) is None
