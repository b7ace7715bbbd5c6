"""What staff may do for a caller, and what mends a failure: rules that can be read aloud."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mypage.domain import support_act, support_reason
from mypage.domain.approval import Colleague, RequestState, state_at, unfit
from mypage.domain.customer_state import CustomerState, Standing, Wait, WaitFor
from mypage.domain.identity import MissedItem
from mypage.domain.support_act import Needs, SupportAct
from mypage.domain.support_call import Verified, is_over, may_hand_over
from mypage.domain.support_reason import Reason
from mypage.words.causes import CAUSES
from mypage.words.sentences import SENTENCES

A = SupportAct
NOON = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
NOBODY = CustomerState(
    customer_key="12345678",
    current_key="12345678",
    keys=("12345678",),
    standing=Standing.NOT_REGISTERED,
)
PROVISIONAL = replace(NOBODY, standing=Standing.PROVISIONAL, registration_id="r", serial=1)
REGISTERED = replace(NOBODY, standing=Standing.REGISTERED, account_id="a")
SUSPENDED = replace(REGISTERED, standing=Standing.SUSPENDED)
WAITING = (Wait(WaitFor.LOGIN, NOON),)


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (replace(REGISTERED, web_registration=False), {A.CORRECT_ADDRESS, A.SEND_PASSWORD_RESET}),
        (replace(SUSPENDED, web_registration=False), {A.CORRECT_ADDRESS, A.RESUME}),
        (replace(PROVISIONAL, web_registration=False), {A.RESEND, A.CORRECT_ADDRESS}),
        (replace(PROVISIONAL, bars=(MissedItem.ENDED_TOO_LONG_AGO,)), {A.RESEND, A.CORRECT_ADDRESS}),
        (replace(REGISTERED, mail_refused=True), {A.SEND_PASSWORD_RESET}),
        (replace(NOBODY, waits=WAITING, web_registration=False), {A.LIFT_WAITS}),
    ],
    ids=[
        "kept from the web",
        "kept, suspended",
        "kept, provisional",
        "barred",
        "address dead",
        "kept, waits",
    ],
)
def test_what_opens_a_login_is_refused_to_whom_the_web_is_closed(
    state: CustomerState, refused: set[SupportAct]
) -> None:
    otherwise = replace(state, web_registration=True, bars=(), mail_refused=False)
    assert set(support_act.fitting(otherwise)) - set(support_act.fitting(state)) == refused


def test_what_only_takes_away_is_open_to_them() -> None:
    kept = replace(REGISTERED, web_registration=False, devices=1)
    assert set(support_act.fitting(kept)) == {A.END_SESSIONS, A.SUSPEND, A.RELEASE, A.POST_CODE}


@pytest.mark.parametrize(
    ("cause", "state", "act"),
    [
        ("A-04", replace(NOBODY, waits=WAITING), A.LIFT_WAITS),
        ("A-04", NOBODY, None),
        ("A-07", REGISTERED, A.SEND_PASSWORD_RESET),
        ("A-08", REGISTERED, A.RELEASE),
        ("C-01", PROVISIONAL, A.RESEND),
        ("C-01", REGISTERED, None),
        ("C-02", PROVISIONAL, A.CORRECT_ADDRESS),
        ("C-10", PROVISIONAL, A.CANCEL),
        ("D-01", REGISTERED, A.SEND_PASSWORD_RESET),
        ("D-01", SUSPENDED, A.RESUME),
        ("D-01", PROVISIONAL, A.RESEND),
        ("D-02", replace(REGISTERED, waits=WAITING), A.LIFT_WAITS),
        ("D-03", replace(REGISTERED, mail_refused=True), A.CORRECT_ADDRESS),
        ("D-04", replace(REGISTERED, second_factor=True), A.REMOVE_FACTOR),
        ("E-01", REGISTERED, None),
    ],
)
def test_the_act_that_mends_a_failure(cause: str, state: CustomerState, act: SupportAct | None) -> None:
    assert cause in CAUSES
    assert support_act.answer_to(cause, state) is act


def test_what_hands_an_account_over_needs_a_call_back_and_a_second_person() -> None:
    both = {act for act in SupportAct if support_act.needs(act, REGISTERED) == Needs(True, True)}
    assert both == {A.CORRECT_ADDRESS, A.RESTORE_ADDRESS, A.REMOVE_FACTOR, A.RELEASE, A.SETTLE}
    assert support_act.needs(A.CORRECT_ADDRESS, PROVISIONAL) == Needs()
    assert support_act.needs(A.SETTLE, replace(NOBODY, is_released=True, objected=True)) == Needs(True, True)
    assert {act for act in SupportAct if act.hands_over} == both | {A.RESUME}


def test_every_act_is_told_done_and_reasoned() -> None:
    for act in SupportAct:
        assert support_act.named(act.word) is act
        assert {f"act_tells_{act.word}", f"act_did_{act.word}"} <= SENTENCES.keys()
        assert support_reason.reasons(act)[-1] is Reason.OTHER
        assert act.undone_by is None or support_act.named(act.undone_by) is not None
    assert support_act.named("nonsense") is None
    assert support_reason.named("other") is Reason.OTHER


def test_an_approval_is_bound_to_what_matters() -> None:
    before = support_act.bound(REGISTERED, "tarou@example.jp")
    assert before == support_act.bound(replace(REGISTERED, devices=3, waits=WAITING), "tarou@example.jp")
    assert before == support_act.bound(replace(REGISTERED, versions=("another stamp",)), "tarou@example.jp")
    for other in (
        support_act.bound(SUSPENDED, "tarou@example.jp"),
        support_act.bound(replace(REGISTERED, account_id="b"), "tarou@example.jp"),
        support_act.bound(replace(REGISTERED, web_registration=False), "tarou@example.jp"),
        support_act.bound(REGISTERED, "other@example.jp"),
    ):
        assert other != before


@pytest.mark.parametrize(
    ("facts", "hours", "code"),
    [
        ({"staff_id": "asker"}, 48, "approver_is_asker"),
        ({"invited_by": "asker"}, 48, "approver_invited_by_asker"),
        ({"role_given_by": "asker"}, 48, "approver_role_by_asker"),
        ({}, 23.9, "approver_too_new"),
        ({}, 24, None),
        ({"invited_by": "third", "role_given_by": "third"}, 48, None),
    ],
)
def test_who_is_a_truly_different_second_person(
    facts: dict[str, str], hours: float, code: str | None
) -> None:
    given = {"staff_id": "approver", "invited_by": "cli", "role_given_by": "cli", **facts}
    approver = Colleague(**given, role_given_at=NOON - timedelta(hours=hours))
    assert unfit(approver, Colleague("asker", "cli", "cli", NOON), NOON) == code
    assert code is None or code in SENTENCES


@pytest.mark.parametrize("brought", [("approver", "cli"), ("cli", "approver")])
def test_nobody_approves_what_their_own_puppet_asks(brought: tuple[str, str]) -> None:
    approver = Colleague("approver", "cli", "cli", NOON - timedelta(hours=48))
    assert unfit(approver, Colleague("asker", *brought, NOON), NOON) == "approver_brought_asker"
    assert "approver_brought_asker" in SENTENCES


def test_a_request_ends_by_itself() -> None:
    assert state_at(RequestState.WAITING, NOON, NOON - timedelta(seconds=1)) is RequestState.WAITING
    assert state_at(RequestState.WAITING, NOON, NOON) is RequestState.EXPIRED
    assert state_at(RequestState.APPROVED, NOON, NOON) is RequestState.APPROVED


def test_a_call_ends_half_an_hour_after_its_last_use() -> None:
    assert not is_over(NOON, None, NOON + timedelta(minutes=29))
    assert is_over(NOON, None, NOON + timedelta(minutes=30))
    assert is_over(NOON, NOON, NOON)
    assert not may_hand_over([Verified.CODE])
    assert may_hand_over([Verified.CODE, Verified.ADDRESS])
