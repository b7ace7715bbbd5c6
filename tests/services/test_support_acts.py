"""Every act of staff in every state of a customer: it does what it says, or is refused with a sentence."""

import json

import pytest
from sqlalchemy import select

from mypage.domain import support_act
from mypage.domain.customer_state import Standing
from mypage.domain.support_act import SupportAct
from mypage.services import trail
from mypage.services.approvals import StaffRequest
from mypage.services.support_acts import Refused
from mypage.services.support_deeds import Done
from mypage.store.engine import Database
from mypage.store.schema import audit_event
from mypage.words.sentences import SENTENCES
from tests.acting import KEY, STATES, Desk, mails_since, newest_mail, state_of

A = SupportAct
# What staff can do in each state. All others are refused.
FITS: dict[str, set[SupportAct]] = {
    "none": set(),
    "waiting": {A.LIFT_WAITS},
    "provisional": {A.RESEND, A.CANCEL, A.CORRECT_ADDRESS},
    "expired": set(),
    "active": {A.CORRECT_ADDRESS, A.POST_CODE, A.SEND_PASSWORD_RESET, A.END_SESSIONS, A.SUSPEND, A.RELEASE},
    "suspended": {A.CORRECT_ADDRESS, A.POST_CODE, A.RESUME, A.RELEASE},
    "released": {A.OBJECT},
    "closed": {A.CORRECT_ADDRESS, A.POST_CODE, A.SEND_PASSWORD_RESET, A.SUSPEND, A.RELEASE, A.OBJECT},
    "objected": {A.CORRECT_ADDRESS, A.POST_CODE, A.SEND_PASSWORD_RESET, A.SUSPEND, A.RELEASE, A.SETTLE},
}
# Whom each mails: the address that is registered (old), the new one.
MAILS: dict[SupportAct, list[tuple[str, str]]] = {
    A.RESEND: [("provisional_registration", "old")],
    A.CANCEL: [("registration_cancelled", "old")],
    A.CORRECT_ADDRESS: [("address_corrected", "new@example.jp"), ("address_replaced", "old")],
    A.SEND_PASSWORD_RESET: [("password_reset", "old")],
    A.LIFT_WAITS: [],
    A.END_SESSIONS: [("sessions_ended", "old")],
    A.SUSPEND: [("account_suspended", "old")],
    A.RESUME: [("account_resumed", "old")],
    A.POST_CODE: [],
    A.RELEASE: [("registration_released", "old")],
    A.OBJECT: [("release_objected", "old")],
    A.SETTLE: [("release_settled", "old")],
}
AFTER = {
    A.CANCEL: Standing.NOT_REGISTERED,
    A.SUSPEND: Standing.SUSPENDED,
    A.RESUME: Standing.REGISTERED,
    A.RELEASE: Standing.NOT_REGISTERED,
}


@pytest.mark.parametrize("name", STATES)
def test_each_act_fits_where_it_says_something(database: Database, name: str) -> None:
    STATES[name](database)
    state = state_of(database)
    assert set(support_act.fitting(state)) == FITS[name]
    desk = Desk(database)
    desk.call_back()
    mails = newest_mail(database)
    for act in SupportAct:
        if act not in FITS[name]:
            refused = desk.do(act)
            assert isinstance(refused, Refused), (name, act, refused)
            assert refused.code in SENTENCES
            assert state_of(database) == state, "nothing was done"
    assert mails_since(database, mails) == []


# Each act in each state in which it does something else than in the states before.
_TRIED = {name: acts for name, acts in FITS.items() if name not in ("suspended", "closed", "objected")}
_TRIED |= {"suspended": {A.RESUME, A.RELEASE}, "closed": {A.OBJECT}, "objected": {A.SETTLE, A.RELEASE}}


@pytest.mark.parametrize(
    ("name", "act"), [(name, act) for name, acts in _TRIED.items() for act in sorted(acts, key=str)], ids=str
)
def test_an_act_does_what_it_says_once(database: Database, name: str, act: SupportAct) -> None:
    STATES[name](database)
    old, mark, mails = _address(database), state_of(database).mark, newest_mail(database)
    desk, colleague = Desk(database), Desk(database, "鈴木")
    desk.call_back()
    asked = desk.do(act)
    if support_act.needs(act, state_of(database)).approval:
        assert isinstance(asked, StaffRequest)
        assert state_of(database).mark == mark, "asking changes nothing"
        asked = colleague.approve(asked)
    assert isinstance(asked, Done), asked
    after = state_of(database)
    assert after.standing is AFTER.get(act, after.standing)
    wanted = MAILS[act]
    if name == "provisional" and act is A.CORRECT_ADDRESS:
        wanted = [("provisional_registration", "new@example.jp")]
    if name == "released":
        wanted = []
    assert mails_since(database, mails) == [(kind, old if to == "old" else to) for kind, to in wanted]
    assert type(desk.do(act, mark=mark)).__name__ == "Outdated", "the page from before does nothing twice"
    assert mails_since(database, mails)[len(wanted) :] == []
    facts = _done(database)
    assert [each["act"] for each in facts] == [act.word]
    assert (facts[0]["caller"], facts[0]["verified"]) == ("self", ["identity", "address"])
    assert facts[0]["asked_by"] == desk.member.id
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def _address(database: Database) -> str:
    from mypage.services import support_acts

    with database.reading() as connection:
        return support_acts.registered_address(connection, state_of(database)) or ""


def _done(database: Database) -> list[dict[str, object]]:
    query = select(audit_event.c.facts).where(
        audit_event.c.action == "act.done", audit_event.c.customer_key == KEY
    )
    with database.reading() as connection:
        return [json.loads(facts) for facts in connection.scalars(query)]
