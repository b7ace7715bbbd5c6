"""The queue of what waits for a second member of staff, and the page on which an act is approved or declined."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import approvals, support_acts, trail
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.support_acts import Overtaken
from mypage.services.support_deeds import Done
from mypage.staff import request_page as pages
from mypage.staff.request_forms import ReplyForm
from mypage.web.house import house, now
from mypage.web.pages import path
from mypage.web.staff_logins import required, roles
from mypage.web.typed import typed_in

doors = Blueprint("requests", __name__)


@doors.get("/staff/requests")
@roles(Role.AGENT, Role.BILLING, Role.ADMIN)
def queue() -> ResponseReturnValue:
    """The queue. Names no customer but by the number; what is personal stands on the page of a request."""
    return pages.queue()


@doors.post("/staff/requests")
@roles(Role.AGENT, Role.BILLING, Role.ADMIN)
def seen() -> ResponseReturnValue:
    """[確認しました]: the asker has read what became of the requests."""
    me = required().staff_id
    with house().database.writing() as connection:
        approvals.see_answers(connection, me, approvals.answers(connection, me, now=now()), now=now())
    return redirect(path("staff.requests.queue"), 303)


@doors.get("/staff/requests/<request_id>")
@roles(Role.AGENT, Role.ADMIN)
def request_page(request_id: str) -> ResponseReturnValue:
    """A request. Who opened it stands in the trail of its customer: the one thing that a GET writes."""
    return _opened(request_id)


def _again(request_id: str) -> ResponseReturnValue:
    return _opened(request_id)


@doors.post("/staff/requests/<request_id>/reveal")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def reveal(request_id: str) -> ResponseReturnValue:
    """[表示する]: the addresses and the asker's words."""
    return _opened(request_id, shows_all=True)


@doors.post("/staff/requests/<request_id>/approve")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def approve(request_id: str) -> ResponseReturnValue:
    """[承認して実行する]."""
    with house().database.writing() as connection:
        outcome = support_acts.approve(
            connection, request_id, staff_id=required().staff_id, settings=house().settings, now=now()
        )
    match outcome:
        case Done():
            return redirect(path("staff.requests.queue", said="request_did_approve"), 303)
        case Overtaken():
            # The request says itself why it has ended.
            return redirect(path("staff.requests.request_page", request_id=request_id), 303)
        case Unfit() | Settled():
            return _refused(request_id, outcome)


@doors.post("/staff/requests/<request_id>/decline")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ReplyForm, again=_again)
def decline(request_id: str) -> ResponseReturnValue:
    """[承認しない], with the reason."""
    form = ReplyForm()
    reply = form.words()
    if form.errors:
        return _opened(request_id, form)
    with house().database.writing() as connection:
        pages.find_act(connection, request_id)
        outcome = approvals.decline(
            connection, request_id, staff_id=required().staff_id, reply=reply, now=now()
        )
    if isinstance(outcome, StaffRequest):
        return redirect(path("staff.requests.queue", said="request_did_decline"), 303)
    return _refused(request_id, outcome, form)


@doors.post("/staff/requests/<request_id>/withdraw")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def withdraw(request_id: str) -> ResponseReturnValue:
    """[取り下げる]."""
    with house().database.writing() as connection:
        pages.find_act(connection, request_id)
        outcome = approvals.withdraw(connection, request_id, staff_id=required().staff_id, now=now())
    if isinstance(outcome, StaffRequest):
        return redirect(path("staff.requests.queue", said="request_did_withdraw"), 303)
    return _refused(request_id, outcome)


def _opened(
    request_id: str, form: ReplyForm | None = None, *, shows_all: bool = False
) -> ResponseReturnValue:
    """The page, which comes again where ``form`` was not taken: each time somebody looks at a customer."""
    with house().database.writing() as connection:
        told = pages.read(connection, request_id)
        found: StaffRequest = told["request"]
        trail.record(
            connection,
            Action.REQUEST_REVEALED if shows_all else Action.REQUEST_OPENED,
            actor=required().actor,
            now=now(),
            customer_key=found.customer_key,
            request_id=found.id,
            kind=found.kind,
        )
    return pages.show(told, form, shows_all=shows_all)


def _refused(request_id: str, outcome: Unfit | Settled, form: ReplyForm | None = None) -> ResponseReturnValue:
    """The page again, which tells the state of the request as it is now, with why nothing was done."""
    filled = form or ReplyForm(formdata=None)
    if isinstance(outcome, Unfit):
        filled.tell(outcome.code)
    else:
        filled.tell("request_gone" if outcome.request is None else f"request_{outcome.request.state}")
    return _opened(request_id, filled)
