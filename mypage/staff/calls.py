"""The note of a call: made and ended from whichever page of the customer the agent is on."""

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.domain.support_call import Verified
from mypage.domain.throttle import minutes_to_tell
from mypage.services import calls, customer_state, support_codes
from mypage.services.support_codes import Redeemed
from mypage.services.throttle import Waiting
from mypage.staff.call_forms import CallForm
from mypage.staff.customer_pages import back_to, state_or_404
from mypage.web.house import house, now
from mypage.web.staff_logins import required, roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("calls", __name__)


@doors.get("/staff/customers/<key>/call")
@roles(Role.AGENT, Role.ADMIN)
def call(key: str) -> ResponseReturnValue:
    """The note alone, for whoever comes here by itself."""
    return _page(key, CallForm())


def _again(key: str) -> ResponseReturnValue:
    return _page(key, CallForm())


@doors.post("/staff/customers/<key>/call")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(CallForm, along=("back",), again=_again)
def note(key: str) -> ResponseReturnValue:
    """Note with whom the agent speaks."""
    form = CallForm()
    caller, ways, name = form.who(), form.ways(), form.called()
    if form.errors or caller is None or not _code_is_theirs(form, ways, key):
        return _page(key, form)
    with house().database.writing() as connection:
        if not customer_state.is_key(key):
            abort(404)
        calls.note(
            connection,
            staff_id=required().staff_id,
            customer_key=key,
            caller=caller,
            verified=ways,
            name=name,
            now=now(),
        )
    return redirect(back_to(key, "call_did_note"), 303)


@doors.post("/staff/customers/<key>/call/end")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def end(key: str) -> ResponseReturnValue:
    """The caller hung up."""
    with house().database.writing() as connection:
        calls.end(connection, staff_id=required().staff_id, customer_key=key, now=now())
    return redirect(back_to(key, "call_did_end"), 303)


def _code_is_theirs(form: CallForm, ways: tuple[Verified, ...], key: str) -> bool:
    """Whether the number that was read out is this customer's: typed here, or into the search box of this call."""
    if Verified.CODE not in ways:
        return True
    typed = form.code.data or ""
    with house().database.writing() as connection:
        staff_id, settings, at = required().staff_id, house().settings, now()
        if support_codes.redeemed_lately(connection, staff_id=staff_id, customer_key=key, now=at):
            return True
        if not typed.strip():
            form.refuse(form.code, "call_code_empty")
            return False
        outcome = support_codes.redeem(
            connection, typed, staff_id=staff_id, settings=settings, now=at, customer_key=key
        )
    match outcome:
        case Redeemed():
            return True
        case Waiting():
            form.refuse(form.code, "support_code_staff_wait", minutes=minutes_to_tell(outcome.until - now()))
        case _:
            form.refuse(form.code, f"support_code_{outcome.reason}")
    return False


def _page(key: str, form: CallForm) -> ResponseReturnValue:
    with house().database.reading() as connection:
        state = state_or_404(connection, key)
        noted = calls.current(connection, staff_id=required().staff_id, customer_key=key, now=now())
    back = request.form.get("back") or f"/staff/customers/{key}"
    html = page("staff/acts/call.html", state=state, call=noted, form=form, errors=form.errors, back=back)
    return html, 400 if form.errors else 200
