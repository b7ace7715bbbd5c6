"""The page on which a second person sees exactly what is to be published, and approves, declines or lets it be."""

from typing import Any

from flask import Blueprint, abort, redirect
from flask.typing import ResponseReturnValue

from mypage.domain.approval import RequestState
from mypage.domain.batch import Kind, SecondPerson
from mypage.domain.staff import COMMAND_LINE, Role
from mypage.services import approvals, batch_requests, staff_directory
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.batch_requests import Done, Overtaken
from mypage.shown import batch_asked
from mypage.staff.request_forms import ReplyForm
from mypage.staff.request_page import STATES
from mypage.web.house import house, now
from mypage.web.staff_logins import required, roles
from mypage.web.staff_pages import page
from mypage.web.staff_said import told as told_of_deed
from mypage.web.typed import typed_in
from mypage.words.sentences import sentence

doors = Blueprint("batch_requests", __name__)
_PATH = "/staff/batches/requests/<request_id>"


@doors.get(_PATH)
@roles(Role.BILLING, Role.ADMIN)
def request_page(request_id: str) -> ResponseReturnValue:
    """What was asked, and what whoever looks at it may do."""
    return _shown(request_id)


def _again(request_id: str) -> ResponseReturnValue:
    return _shown(request_id)


@doors.post(f"{_PATH}/approve")
@roles(Role.BILLING, Role.ADMIN)
@typed_in(again=_again)
def approve(request_id: str) -> ResponseReturnValue:
    """[承認して公開する], or [承認して公開を予約する]: done in the same moment."""
    with house().database.writing() as connection:
        outcome = batch_requests.approve(
            connection,
            request_id,
            staff_id=required().staff_id,
            second_person=SecondPerson(house().settings.second_person),
            now=now(),
        )
    match outcome:
        case Done(batches=published, at=at):
            said = "batch_did_approve" if at is None else "batch_did_approve_schedule"
            return redirect(f"/staff/batches/{published[0].id}?said={said}", 303)
        case Overtaken():
            # The request says itself why it has ended.
            return redirect(f"/staff/batches/requests/{request_id}", 303)
        case Unfit() | Settled():
            return _refused(request_id, outcome)


@doors.post(f"{_PATH}/decline")
@roles(Role.BILLING, Role.ADMIN)
@typed_in(ReplyForm, again=lambda request_id: _shown(request_id, ReplyForm()))
def decline(request_id: str) -> ResponseReturnValue:
    """[承認しない], with the reason."""
    form = ReplyForm()
    _found(request_id)
    reply = form.words()
    if form.errors:
        return _shown(request_id, form)
    with house().database.writing() as connection:
        outcome = approvals.decline(
            connection, request_id, staff_id=required().staff_id, reply=reply, now=now()
        )
    return _decided(request_id, outcome, "batch_did_decline", form)


@doors.post(f"{_PATH}/withdraw")
@roles(Role.BILLING, Role.ADMIN)
@typed_in(again=_again)
def withdraw(request_id: str) -> ResponseReturnValue:
    """[取り下げる]: the asker alone."""
    _found(request_id)
    with house().database.writing() as connection:
        outcome = approvals.withdraw(connection, request_id, staff_id=required().staff_id, now=now())
    return _decided(request_id, outcome, "batch_did_withdraw", None)


def _decided(
    request_id: str, outcome: StaffRequest | Unfit | Settled, said: str, form: ReplyForm | None
) -> ResponseReturnValue:
    if isinstance(outcome, StaffRequest):
        return redirect(f"/staff/batches/requests/{request_id}?said={said}", 303)
    return _refused(request_id, outcome, form)


def _refused(request_id: str, outcome: Unfit | Settled, form: ReplyForm | None = None) -> ResponseReturnValue:
    """The page again, which tells the state of the request as it is now, with why nothing was done."""
    filled = form or ReplyForm(formdata=None)
    if isinstance(outcome, Unfit):
        filled.tell(outcome.code)
    elif outcome.request is None:
        filled.tell("request_gone")
    else:
        overtaken = outcome.request.state is RequestState.OVERTAKEN
        filled.tell("batch_request_overtaken" if overtaken else f"request_{outcome.request.state}")
    return _shown(request_id, filled)


def _found(request_id: str) -> StaffRequest:
    """The request, if it is one that is decided here."""
    with house().database.reading() as connection:
        found = batch_requests.find(connection, request_id, now=now())
    if found is None:
        abort(404)
    return found


def _shown(request_id: str, form: ReplyForm | None = None) -> ResponseReturnValue:
    html = page(
        "staff/batches/request.html",
        **_told(_found(request_id)),
        form=form or ReplyForm(formdata=None),
        errors=form.errors if form is not None else None,
        said=told_of_deed(),
    )
    return html, 400 if form is not None and form.errors else 200


def _told(found: StaffRequest) -> dict[str, Any]:
    me, at = required().staff_id, now()
    waits = found.state is RequestState.WAITING
    with house().database.reading() as connection:
        members = batch_requests.members_of(connection, found)
        changed = batch_requests.changed(connection, found, members) if waits else None
        unfit = batch_requests.unfitness(connection, found, staff_id=me, now=at) if waits else None
        people = [each for each in (found.asked_by, found.decided_by, *found.facts["handed_by"]) if each]
        names = staff_directory.names(connection, people)
    wanted = batch_requests.wanted_at(found)
    return {
        "request": found,
        "files": batch_asked.files(found),
        "has_notices": any(each["kind"] == Kind.CHARGES.value for each in found.facts["batches"]),
        "at": wanted,
        "is_over": wanted is not None and wanted <= at,
        "asker": names.get(found.asked_by, ""),
        "handed_by": [names.get(each, "") for each in found.facts["handed_by"]],
        "decider": names.get(found.decided_by or "", ""),
        "by_command": COMMAND_LINE in (found.asked_by, *found.facts["handed_by"]),
        "is_mine": found.asked_by == me,
        "waits_now": waits,
        "changed": sentence(changed, "ja") if changed else None,
        "unfit": sentence(unfit, "ja") if unfit else None,
        "state_words": STATES[found.state],
        "why": _why(found),
    }


def _why(found: StaffRequest) -> str:
    """What the asker reads of the end: the reason of whoever declined it, or what had changed."""
    if found.state is RequestState.OVERTAKEN:
        return sentence(found.reply or "batch_changed_since_asked", "ja")
    return found.reply or ""
