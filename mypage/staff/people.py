"""Colleagues, for administrators: who is there, inviting, and what is done with one of them."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from wtforms import StringField

from mypage.domain import email_address
from mypage.domain.staff import LONGEST_NAME, Role, one_line
from mypage.services import approvals, staff_directory
from mypage.services import staff_people as service
from mypage.services.approvals import AlreadyAsked, StaffRequest
from mypage.services.staff_directory import Member
from mypage.services.staff_people import Not
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.staff_said import told
from mypage.web.typed import typed_in

doors = Blueprint("people", __name__)
PEOPLE: Final = "/staff/people"
_LONGEST_REASON: Final = 200


class InviteForm(Form):
    """Whom, where to, and as what."""

    name = StringField("名前")
    email = StringField("メールアドレス")
    role = StringField("役割")


class RoleForm(Form):
    """The new role."""

    role = StringField("新しい役割")


class ReasonForm(Form):
    """Why; it stands in the trail."""

    reason = StringField("理由")


@doors.get(PEOPLE)
@roles(Role.ADMIN)
def people() -> ResponseReturnValue:
    """Everybody, and what waits for another administrator."""
    with house().database.reading() as connection:
        waiting = [each for each in approvals.waiting(connection, now=now()) if each.kind in service.KINDS]
        everybody = staff_directory.everybody(connection)
    return page(
        "staff/people.html",
        everybody=everybody,
        names={each.id: each.name for each in everybody},
        waiting=waiting,
        now=now(),
        said=told(),
    )


@doors.route("/staff/people/invite", methods=["GET", "POST"])
@roles(Role.ADMIN)
@typed_in(InviteForm)
def invite() -> ResponseReturnValue:
    """Invite somebody, or ask another administrator to agree."""
    form = InviteForm()
    if request.method != "POST":
        return _invite_shown(form)
    name, read, role = (
        one_line(form.name.data or ""),
        email_address.read(form.email.data or ""),
        _role(form.role),
    )
    if not name:
        form.refuse(form.name, "staff_name_missing")
    elif len(name) > LONGEST_NAME:
        form.refuse(form.name, "staff_name_too_long")
    if read.problem is not None:
        form.refuse(form.email, read.problem)
    if role is None:
        form.refuse(form.role, "staff_role_missing")
    if form.errors or role is None:
        return _invite_shown(form), 400
    with house().database.writing() as connection:
        outcome = service.invite(
            connection,
            name=name,
            email=read.address,
            role=role,
            by=staff_logins.required(),
            now=now(),
        )
    return _gone_on(outcome, "invited")


@doors.get("/staff/people/<staff_id>")
@roles(Role.ADMIN)
def person(staff_id: str) -> ResponseReturnValue:
    """One of them, and what can be done."""
    with house().database.reading() as connection:
        member = _found(connection, staff_id)
        names = staff_directory.names(connection, (member.invited_by, member.role_given_by))
        held = staff_directory.factors(connection, staff_id)
    return page(
        "staff/person.html",
        member=member,
        names=names,
        held=held,
        is_me=staff_id == staff_logins.required().staff_id,
        now=now(),
        said=told(),
    )


@doors.route("/staff/people/<staff_id>/role", methods=["GET", "POST"])
@roles(Role.ADMIN)
@typed_in(RoleForm)
def role(staff_id: str) -> ResponseReturnValue:
    """Give another role, or ask another administrator to agree."""
    form = RoleForm()
    if request.method != "POST":
        return _act_shown("staff/person_role.html", staff_id, form)
    chosen = _role(form.role)
    if chosen is None:
        form.refuse(form.role, "staff_role_missing")
        return _act_shown("staff/person_role.html", staff_id, form), 400
    return _done(
        "staff/person_role.html",
        staff_id,
        form,
        lambda connection: service.change_role(
            connection, staff_id, chosen, by=staff_logins.required(), now=now()
        ),
        "role",
    )


@doors.route("/staff/people/<staff_id>/suspend", methods=["GET", "POST"])
@roles(Role.ADMIN)
@typed_in(ReasonForm)
def suspend(staff_id: str) -> ResponseReturnValue:
    """Keep somebody out, at once."""
    return _with_reason(
        "staff/person_suspend.html",
        staff_id,
        lambda connection, reason: service.suspend(
            connection, staff_id, reason, by=staff_logins.required(), now=now()
        ),
        "suspended",
    )


@doors.route("/staff/people/<staff_id>/reset", methods=["GET", "POST"])
@roles(Role.ADMIN)
@typed_in(ReasonForm)
def reset(staff_id: str) -> ResponseReturnValue:
    """Ask another administrator to let somebody begin anew, who lost the factors or the password."""
    return _with_reason(
        "staff/person_reset.html",
        staff_id,
        lambda connection, reason: service.ask_reset(
            connection, staff_id, reason, by=staff_logins.required(), now=now()
        ),
        "asked",
    )


@doors.post("/staff/people/<staff_id>/resume")
@roles(Role.ADMIN)
def resume(staff_id: str) -> ResponseReturnValue:
    """Let somebody in again."""
    return _pressed(
        staff_id,
        lambda connection: service.resume(connection, staff_id, by=staff_logins.required(), now=now()),
        "resumed",
    )


@doors.post("/staff/people/<staff_id>/invite")
@roles(Role.ADMIN)
def invite_again(staff_id: str) -> ResponseReturnValue:
    """Send another link."""
    return _pressed(
        staff_id,
        lambda connection: service.invite_again(connection, staff_id, by=staff_logins.required(), now=now()),
        "invited",
    )


def _role(field: StringField) -> Role | None:
    """The chosen role; None for what is none."""
    return next((role for role in Role if role.word == field.data), None)


def _found(connection: Connection, staff_id: str) -> Member:
    member = staff_directory.member(connection, staff_id)
    if member is None:
        raise NotFound
    return member


def _with_reason(
    template: str, staff_id: str, deed: Callable[[Connection, str], object], said: str
) -> ResponseReturnValue:
    form = ReasonForm()
    if request.method != "POST":
        return _act_shown(template, staff_id, form)
    reason = one_line(form.reason.data or "")
    if not reason:
        form.refuse(form.reason, "staff_reason_missing")
    elif len(reason) > _LONGEST_REASON:
        form.refuse(form.reason, "staff_reason_too_long")
    if form.errors:
        return _act_shown(template, staff_id, form), 400
    return _done(template, staff_id, form, lambda connection: deed(connection, reason), said)


def _done(
    template: str, staff_id: str, form: Form, deed: Callable[[Connection], object], said: str
) -> ResponseReturnValue:
    with house().database.writing() as connection:
        _found(connection, staff_id)
        outcome = deed(connection)
    if isinstance(outcome, Not):
        form.tell(outcome.code)
        return _act_shown(template, staff_id, form), 400
    return _gone_on(outcome, said, staff_id)


def _pressed(staff_id: str, deed: Callable[[Connection], object], said: str) -> ResponseReturnValue:
    """A button without a form: where the state is another one by now, its page shows it, and says why."""
    with house().database.writing() as connection:
        _found(connection, staff_id)
        outcome = deed(connection)
    return redirect(f"{PEOPLE}/{staff_id}?said={outcome.code if isinstance(outcome, Not) else said}", 303)


def _gone_on(outcome: object, said: str, staff_id: str | None = None) -> ResponseReturnValue:
    if isinstance(outcome, StaffRequest):
        return redirect(f"{PEOPLE}/requests/{outcome.id}?said=asked", 303)
    if isinstance(outcome, AlreadyAsked):
        return redirect(f"{PEOPLE}/requests/{outcome.request.id}?said=asked_before", 303)
    return redirect(f"{PEOPLE}/{staff_id}?said={said}" if staff_id else f"{PEOPLE}?said={said}", 303)


def _invite_shown(form: InviteForm) -> str:
    return page("staff/people_invite.html", form=form, roles=list(Role), errors=form.errors)


def _act_shown(template: str, staff_id: str, form: Form) -> str:
    with house().database.reading() as connection:
        member = _found(connection, staff_id)
    return page(template, form=form, member=member, roles=list(Role), errors=form.errors)
