"""A registration that rests on what a file has just changed: approved, or released, by staff who had no hand in it."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.domain import masking
from mypage.domain.approval import RequestState
from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import (
    batch_desk,
    customer_state,
    identity_approvals,
    identity_changes,
    phone_signup,
    staff_directory,
    trail,
)
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.batches import Batch
from mypage.services.identity_approvals import Opened, Overtaken
from mypage.shown import batch_page
from mypage.shown import identity_changes as shown
from mypage.staff.identity_forms import ApprovalForm
from mypage.staff.request_forms import ReplyForm
from mypage.staff.request_page import STATES
from mypage.web.house import house, now
from mypage.web.pages import path
from mypage.web.staff_forms import Form
from mypage.web.staff_logins import required, roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in
from mypage.words.sentences import sentence

doors = Blueprint("identity_requests", __name__)
_PATH: Final = "/staff/identity/requests/<request_id>"
_DONE: Final = {
    RequestState.APPROVED: "approval_did_approve",
    RequestState.DECLINED: "approval_did_decline",
}
# Whoever is too new in the role is told so; else why somebody is too near to the file says nothing to the reader.
_OWN_WORDS: Final = frozenset(("approver_too_new",))


class File(NamedTuple):
    """A file on which the registration rests, and who handed it over."""

    batch: Batch
    line: batch_page.Line


@doors.get(_PATH)
@roles(Role.AGENT, Role.ADMIN)
def request_page(request_id: str) -> ResponseReturnValue:
    """What changed, who registered. Who opened it stands in the trail of its customer: the one thing that a GET writes."""
    return _opened(request_id)


def _again(request_id: str) -> ResponseReturnValue:
    return _opened(request_id)


@doors.post(f"{_PATH}/reveal")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(again=_again)
def reveal(request_id: str) -> ResponseReturnValue:
    """[表示する]: the values, which an approver has to see: the telephone from before the change is to be called."""
    return _opened(request_id, shows_all=True)


@doors.post(f"{_PATH}/approve")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ApprovalForm, again=_again)
def approve(request_id: str) -> ResponseReturnValue:
    """[承認して表示する]."""
    form = ApprovalForm()
    way, note = form.chosen(), form.words()
    if way is None or form.errors:
        return _opened(request_id, form), 400
    with house().database.writing() as connection:
        outcome = identity_approvals.approve(
            connection, request_id, way, note=note, staff_id=required().staff_id, now=now()
        )
    return _decided(request_id, outcome, form)


@doors.post(f"{_PATH}/decline")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ReplyForm, again=_again)
def decline(request_id: str) -> ResponseReturnValue:
    """[登録を解除する]: it is not the customer."""
    form = ReplyForm()
    reply = form.words()
    if form.errors:
        return _opened(request_id, form), 400
    with house().database.writing() as connection:
        outcome = identity_approvals.decline(
            connection, request_id, reply=reply, staff_id=required().staff_id, now=now()
        )
    return _decided(request_id, outcome, form)


def _decided(
    request_id: str, outcome: Opened | StaffRequest | Unfit | Settled | Overtaken, form: Form
) -> ResponseReturnValue:
    match outcome:
        case Opened() | StaffRequest() | Overtaken():
            # The request says itself what has become of it.
            return redirect(path("staff.identity_requests.request_page", request_id=request_id), 303)
        case Unfit(code=code):
            form.tell(_unfit_code(code))
        case Settled(request=found):
            form.tell("request_gone" if found is None else f"request_{found.state}")
    return _opened(request_id, form)


def _opened(request_id: str, form: Form | None = None, *, shows_all: bool = False) -> str:
    """The page, which comes again where ``form`` was not taken: each time somebody looks at a customer."""
    with house().database.writing() as connection:
        found = identity_approvals.find(connection, request_id, now=now())
        if found is None:
            abort(404)
        told = _told(connection, found, shows_all=shows_all)
        trail.record(
            connection,
            Action.REQUEST_REVEALED if shows_all else Action.REQUEST_OPENED,
            actor=required().actor,
            now=now(),
            customer_key=found.customer_key,
            request_id=found.id,
            kind=found.kind,
        )
    return page(
        "staff/identity/request.html",
        **told,
        form=form if isinstance(form, ApprovalForm) else ApprovalForm(formdata=None),
        reply_form=form if isinstance(form, ReplyForm) else ReplyForm(formdata=None),
        refused=form,
        errors=form.errors if form is not None else None,
        shows_all=shows_all,
    )


def _told(connection: Connection, found: StaffRequest, *, shows_all: bool) -> dict[str, Any]:
    me, key, facts = required().staff_id, found.subject, found.facts
    settings = house().settings
    changes = identity_changes.lately(connection, key, facts["changed_batch_id"], fold_v=settings.fold_v)
    holder = phone_signup.holder_name(connection, key)
    unfit = identity_approvals.unfitness(connection, found, staff_id=me, now=now())
    why = sentence(found.reply or "approval_overtaken", "ja") if found.state is RequestState.OVERTAKEN else ""
    decider = found.decided_by or ""
    return {
        "request": found,
        "number": customer_state.shown_number(connection, key),
        "holder": masking.name(holder),
        "applicant": identity_approvals.applicant(connection, found, shows_all=shows_all),
        "changes": list(shown.lines(changes, shows_all=shows_all)),
        "files": list(_files(connection, found)),
        "decider": staff_directory.names(connection, [decider]).get(decider, "") if decider else "",
        "unfit": sentence(_unfit_code(unfit), "ja") if unfit else None,
        "state_words": STATES[found.state],
        "done": sentence(_DONE[found.state], "ja") if found.state in _DONE else None,
        "why": why or (found.reply if found.state is RequestState.DECLINED else None),
    }


def _files(connection: Connection, found: StaffRequest) -> Iterator[File]:
    numbers = sorted({found.facts["changed_batch_id"], found.facts["matched_batch_id"]})
    batches = [each for number in numbers if (each := batch_desk.one(connection, number)) is not None]
    names = batch_desk.names_of(connection, batches)
    for each in batches:
        yield File(each, batch_page.line(each, names))


def _unfit_code(code: str) -> str:
    return code if code in _OWN_WORDS else "approval_had_a_hand"
