"""What one administrator asks about a colleague, and another one decides."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import StringField

from mypage.domain.approval import RequestState
from mypage.domain.staff import Role, one_line
from mypage.services import approvals, staff_directory
from mypage.services import staff_people as service
from mypage.services.approvals import StaffRequest, Unfit
from mypage.services.staff_people import Overtaken
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.staff_said import told
from mypage.web.typed import typed_in
from mypage.words.sentences import sentence

doors = Blueprint("people_requests", __name__)
_LONGEST_REPLY = 200


class DeclineForm(Form):
    """Why not."""

    reply = StringField("承認しない理由")


@doors.get("/staff/people/requests/<request_id>")
@roles(Role.ADMIN)
def request_page(request_id: str) -> ResponseReturnValue:
    """The request, and what whoever looks at it may do."""
    return _shown(request_id, DeclineForm())


@doors.post("/staff/people/requests/<request_id>/approve")
@roles(Role.ADMIN)
def approve(request_id: str) -> ResponseReturnValue:
    """Agree: it is done in the same moment."""
    with house().database.writing() as connection:
        outcome = service.approve(
            connection,
            request_id,
            by=staff_logins.required(),
            secret=house().settings.secret_keys[0],
            now=now(),
        )
    if isinstance(outcome, Unfit | Overtaken):
        return redirect(f"{_path(request_id)}?said={outcome.code}", 303)
    return redirect(_path(request_id), 303)


@doors.route("/staff/people/requests/<request_id>/decline", methods=["GET", "POST"])
@roles(Role.ADMIN)
@typed_in(DeclineForm)
def decline(request_id: str) -> ResponseReturnValue:
    """Say no, and why."""
    form = DeclineForm()
    if request.method != "POST":
        return _shown(request_id, form)
    reply = one_line(form.reply.data or "")
    if not reply:
        form.refuse(form.reply, "staff_reason_missing")
    elif len(reply) > _LONGEST_REPLY:
        form.refuse(form.reply, "staff_reason_too_long")
    if form.errors:
        return _shown(request_id, form), 400
    with house().database.writing() as connection:
        _of_staff(request_id)
        outcome = approvals.decline(
            connection, request_id, staff_id=staff_logins.required().staff_id, reply=reply, now=now()
        )
    said = f"?said={outcome.code}" if isinstance(outcome, Unfit) else ""
    return redirect(f"{_path(request_id)}{said}", 303)


@doors.post("/staff/people/requests/<request_id>/withdraw")
@roles(Role.ADMIN)
def withdraw(request_id: str) -> ResponseReturnValue:
    """The asker takes it back."""
    _of_staff(request_id)
    with house().database.writing() as connection:
        outcome = approvals.withdraw(
            connection, request_id, staff_id=staff_logins.required().staff_id, now=now()
        )
    said = f"?said={outcome.code}" if isinstance(outcome, Unfit) else ""
    return redirect(f"{_path(request_id)}{said}", 303)


def _of_staff(request_id: str) -> StaffRequest:
    """The request, if it is one of those that are decided here."""
    with house().database.reading() as connection:
        found = approvals.find(connection, request_id, now=now())
    if found is None or found.kind not in service.KINDS:
        raise NotFound
    return found


def _shown(request_id: str, form: DeclineForm) -> str:
    found, me = _of_staff(request_id), staff_logins.required()
    waits = found.state is RequestState.WAITING
    with house().database.reading() as connection:
        unfit = approvals.unfitness(connection, found, staff_id=me.staff_id, now=now())
        if found.subject == me.staff_id:
            unfit = "approver_is_subject"
        subject = None if found.kind == service.INVITE else staff_directory.member(connection, found.subject)
        people = [each for each in (found.asked_by, found.decided_by) if each]
        names = staff_directory.names(connection, people)
    return page(
        "staff/people_request.html",
        request=found,
        form=form,
        subject=subject,
        role=Role.named(found.facts["role"]) if "role" in found.facts else None,
        names=names,
        waits=waits,
        unfit=unfit,
        unfit_words=sentence(unfit, "ja") if unfit else "",
        is_mine=found.asked_by == me.staff_id,
        said=told(),
        errors=form.errors,
    )


def _path(request_id: str) -> str:
    return f"/staff/people/requests/{request_id}"
