"""The call-back to the master's telephone, from the form of the act that needs it; or the code of a posted letter."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from mypage.domain import letter
from mypage.domain.staff import Role
from mypage.services import call_backs, calls
from mypage.services.call_backs import NoLetter, Wrong
from mypage.staff import act_page
from mypage.staff.call_forms import CallBackForm, ProofForm
from mypage.web.house import house, now
from mypage.web.pages import path
from mypage.web.staff_logins import roles
from mypage.web.typed import typed_in

doors = Blueprint("call_backs", __name__)


def _again(key: str, word: str) -> ResponseReturnValue:
    return act_page.show(act_page.looked_at(key, act_page.named(word)))


@doors.post("/staff/customers/<key>/acts/<word>/number")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def number(key: str, word: str) -> ResponseReturnValue:
    """[表示する]: the master's numbers whole, to be dialled."""
    shown = act_page.looked_at(key, act_page.named(word))
    if shown.call is not None:
        with house().database.writing() as connection:
            for each in shown.numbers:
                call_backs.show_number(connection, shown.call, each.place, now=now())
    return act_page.show(shown, numbers_shown=shown.call is not None)


@doors.post("/staff/customers/<key>/acts/<word>/call-back")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(CallBackForm, again=_again)
def call_back(key: str, word: str) -> ResponseReturnValue:
    """Somebody was reached at the master's number."""
    wanted, filled = act_page.named(word), CallBackForm()
    with house().database.writing() as connection:
        shown = act_page.read(connection, key, wanted)
        chosen = next((each for each in shown.numbers if str(each.place) == filled.number.data), None)
        reached = calls.caller_named(filled.reached.data or "")
        if chosen is None:
            filled.refuse(filled.number, "call_back_number_empty")
        if reached is None:
            filled.refuse(filled.reached, "call_back_reached_empty")
        if shown.call is not None and chosen is not None and reached is not None:
            call_backs.reach(connection, shown.call, chosen, reached, now=now())
            return redirect(path("staff.acts.form", key=key, word=word, said="call_did_call_back"), 303)
    return act_page.show(act_page.looked_at(key, wanted), back_form=filled)


@doors.post("/staff/customers/<key>/acts/<word>/proof")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ProofForm, again=_again)
def proof(key: str, word: str) -> ResponseReturnValue:
    """The caller reads out the code of the letter."""
    wanted, filled = act_page.named(word), ProofForm()
    typed = filled.proof.data or ""
    if not letter.is_complete(typed):
        filled.refuse(filled.proof, "call_proof_incomplete" if typed.strip() else "call_proof_empty")
        return act_page.show(act_page.looked_at(key, wanted), proof_form=filled)
    with house().database.writing() as connection:
        shown = act_page.read(connection, key, wanted)
        outcome = shown.call and call_backs.prove(
            connection, shown.call, shown.state, typed, settings=house().settings, now=now()
        )
    if shown.call is None:
        return act_page.show(act_page.looked_at(key, wanted), proof_form=filled)
    match outcome:
        case Wrong(tries_left):
            filled.refuse(filled.proof, "call_proof_wrong", tries=tries_left)
        case NoLetter():
            filled.refuse(filled.proof, "call_proof_none")
        case None:
            return redirect(path("staff.acts.form", key=key, word=word, said="call_did_prove"), 303)
    return act_page.show(act_page.looked_at(key, wanted), proof_form=filled)
