"""The number that a caller reads out identifies for looking and for sending again, and never hands an account over."""

from dataclasses import replace

import pytest

from mypage.domain.support_act import SupportAct, fitting
from mypage.domain.support_call import Verified, may_hand_over
from mypage.services.support_acts import Refused, outlook
from mypage.services.support_deeds import Done, Hindered
from mypage.store.engine import Database
from tests.acting import STATES, Desk, mails_since, newest_mail, state_of

ONLY = (Verified.CODE,)
# By hand, so that an act that is added later is thought about.
HANDS_OVER = {
    SupportAct.CORRECT_ADDRESS,
    SupportAct.RESTORE_ADDRESS,
    SupportAct.RESUME,
    SupportAct.REMOVE_FACTOR,
    SupportAct.RELEASE,
    SupportAct.SETTLE,
}
IDENTIFIES_FOR = {
    SupportAct.RESEND,
    SupportAct.CANCEL,
    SupportAct.SEND_PASSWORD_RESET,
    SupportAct.LIFT_WAITS,
    SupportAct.END_SESSIONS,
    SupportAct.SUSPEND,
    SupportAct.POST_CODE,
    SupportAct.OBJECT,
}
NEVER_ENOUGH = "act_code_only"


def test_every_act_is_one_or_the_other() -> None:
    assert {act for act in SupportAct if act.hands_over} == HANDS_OVER
    assert {act for act in SupportAct if not act.hands_over} == IDENTIFIES_FOR
    assert not may_hand_over(ONLY)
    assert not may_hand_over(())
    for other in set(Verified) - {Verified.CODE}:
        assert may_hand_over((Verified.CODE, other))


@pytest.mark.parametrize("act", [SupportAct.RESTORE_ADDRESS, SupportAct.REMOVE_FACTOR], ids=str)
def test_nor_where_something_is_left_to_restore_or_to_remove(database: Database, act: SupportAct) -> None:
    STATES["active"](database)
    state = replace(state_of(database), former_address=True, second_factor=True)
    desk = Desk(database)
    assert outlook(act, state, desk.call(verified=ONLY)) == NEVER_ENOUGH
    assert outlook(act, state, Desk(database, "鈴木").call()) == "act_call_back_needed"


@pytest.mark.parametrize("name", STATES)
def test_alone_it_hands_nothing_over_in_any_state(database: Database, name: str) -> None:
    STATES[name](database)
    state = state_of(database)
    for act in HANDS_OVER & set(fitting(state)):
        desk, mails = Desk(database, f"{name}-{act.word}"), newest_mail(database)
        desk.call(verified=ONLY)
        assert desk.do(act) == Refused(NEVER_ENOUGH), act
        # Nor with a call-back: who was reached is noted for what that person is asked, not for who called.
        desk.call_back()
        desk.call(verified=ONLY)
        assert desk.do(act) == Refused(NEVER_ENOUGH), act
        assert state_of(database).standing is state.standing
        assert mails_since(database, mails) == []
    for act in (SupportAct.RESEND, SupportAct.SEND_PASSWORD_RESET):
        if act in fitting(state):
            desk = Desk(database, f"{name}-{act.word}")
            desk.call(verified=ONLY)
            assert isinstance(desk.do(act), Done | Hindered), act
