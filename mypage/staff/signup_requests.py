"""A signup on the telephone that waits for a second member of staff: approved, declined or withdrawn here."""

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue

from mypage.domain import masking
from mypage.domain.approval import RequestState
from mypage.domain.signup_mail import Limit
from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import (
    approvals,
    calls,
    customer_state,
    phone_signup,
    phone_signup_requests,
    staff_directory,
)
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.phone_signup import Hindered
from mypage.services.registration_mail import Registered
from mypage.staff.request_forms import ReplyForm
from mypage.staff.request_page import STATES
from mypage.staff.signup_forms import LANGUAGES
from mypage.web.house import house, now
from mypage.web.pages import path
from mypage.web.staff_logins import required, roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in
from mypage.words.filters import moment_ja
from mypage.words.sentences import sentence

doors = Blueprint("signup_requests", __name__)
_PATH = "/staff/signup/requests/<request_id>"


@doors.get(_PATH)
@roles(Role.AGENT, Role.ADMIN)
def request_page(request_id: str) -> ResponseReturnValue:
    """What was asked. Who opened it stands in the trail of its customer: the one thing that a GET writes."""
    return _opened(request_id)


@doors.post(f"{_PATH}/reveal")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=lambda request_id: _opened(request_id))
def reveal(request_id: str) -> ResponseReturnValue:
    """[表示する]: the mail address, which an approver has to see."""
    return _opened(request_id, shows_all=True)


def _opened(request_id: str, form: ReplyForm | None = None, *, shows_all: bool = False) -> str:
    """The page, which comes again where ``form`` was not taken: each time somebody looks at a customer."""
    with house().database.writing() as connection:
        found = phone_signup_requests.find(connection, request_id, now=now())
        if found is None:
            abort(404)
        action = Action.REQUEST_REVEALED if shows_all else Action.REQUEST_OPENED
        phone_signup_requests.note_look(connection, found, action, staff_id=required().staff_id, now=now())
    return _page(request_id, form, shows_all=shows_all)


def _again(request_id: str) -> ResponseReturnValue:
    return _opened(request_id)


@doors.post(f"{_PATH}/approve")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def approve(request_id: str) -> ResponseReturnValue:
    """[承認して登録する]: the mail goes out."""
    form = ReplyForm(formdata=None)
    with house().database.writing() as connection:
        outcome = phone_signup_requests.approve(
            connection, request_id, staff_id=required().staff_id, settings=house().settings, now=now()
        )
    match outcome:
        case Registered():
            return redirect(path("staff.signup_requests.request_page", request_id=request_id), 303)
        case Limit(code=code, until=until):
            form.tell(code, until=moment_ja(until))
        case Hindered(code=code):
            form.tell(code)
        case Unfit() | Settled():
            _tell(form, outcome)
    return _opened(request_id, form)


@doors.post(f"{_PATH}/decline")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ReplyForm, again=_again)
def decline(request_id: str) -> ResponseReturnValue:
    """[承認しない], with the reason."""
    form = ReplyForm()
    reply = form.words()
    if form.errors:
        return _opened(request_id, form)
    with house().database.writing() as connection:
        outcome = phone_signup_requests.decline(
            connection, request_id, staff_id=required().staff_id, reply=reply, now=now()
        )
    return _decided(request_id, outcome, form)


@doors.post(f"{_PATH}/withdraw")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def withdraw(request_id: str) -> ResponseReturnValue:
    """[取り下げる]."""
    with house().database.writing() as connection:
        outcome = phone_signup_requests.withdraw(
            connection, request_id, staff_id=required().staff_id, now=now()
        )
    return _decided(request_id, outcome, ReplyForm(formdata=None))


def _decided(
    request_id: str, outcome: StaffRequest | Unfit | Settled, form: ReplyForm
) -> ResponseReturnValue:
    if isinstance(outcome, StaffRequest):
        return redirect(path("staff.signup_requests.request_page", request_id=request_id), 303)
    _tell(form, outcome)
    return _opened(request_id, form)


def _tell(form: ReplyForm, outcome: Unfit | Settled) -> None:
    if isinstance(outcome, Unfit):
        form.tell(outcome.code)
    else:
        form.tell("request_gone" if outcome.request is None else f"request_{outcome.request.state}")


def _page(request_id: str, form: ReplyForm | None = None, *, shows_all: bool = False) -> str:
    """The request as it is now."""
    me = required().staff_id
    with house().database.reading() as connection:
        found = phone_signup_requests.find(connection, request_id, now=now())
        if found is None:
            abort(404)
        unfit = approvals.unfitness(connection, found, staff_id=me, now=now())
        names = staff_directory.names(
            connection, [each for each in (found.asked_by, found.decided_by) if each]
        )
        holder = phone_signup.holder_name(connection, found.subject)
        number = customer_state.shown_number(connection, found.subject)
    who = calls.caller_named(found.facts["caller"])
    ways = (calls.verified_named(word) for word in found.facts["verified"])
    why = found.reply if found.state is RequestState.DECLINED else None
    if found.state is RequestState.OVERTAKEN:
        why = sentence(found.reply or "request_overtaken", "ja")
    return page(
        "staff/signup/request.html",
        request=found,
        form=form or ReplyForm(formdata=None),
        errors=form.errors if form else None,
        holder=masking.name(holder),
        number=number,
        email=found.facts["email"] if shows_all else masking.email(found.facts["email"]),
        shows_all=shows_all,
        login_id=found.facts["login_id"] if shows_all else masking.login_id(found.facts["login_id"]),
        language_words=LANGUAGES[found.facts["language"]],
        who=who.label if who else "",
        verified=[each.label for each in ways if each is not None],
        asker=names.get(found.asked_by, ""),
        decider=names.get(found.decided_by or "", ""),
        is_mine=found.asked_by == me,
        unfit=sentence(unfit, "ja") if unfit else None,
        state_words=STATES[found.state],
        why=why,
        done=sentence("phone_signup_did_approve", "ja") if found.state is RequestState.APPROVED else None,
    )
