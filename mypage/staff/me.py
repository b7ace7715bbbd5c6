"""One's own login: where it is open, its password, its recovery codes. The factors stand in ``staff.my_factors``."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField

from mypage.adapters import passwords
from mypage.domain.staff import Role
from mypage.services import second_factor, second_factor_enrolment, staff_directory, staff_own
from mypage.services.staff_login import LoggedIn
from mypage.shown.browser_name import browser_name
from mypage.staff.confirming import ConfirmedForm, Overtaken, again, confirmed
from mypage.web import logins, second_factors, staff_logins
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_gate import to_login
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.staff_said import told
from mypage.web.typed import typed_in

doors = Blueprint("me", __name__)
_ME = "/staff/me"


class EndForm(Form):
    """Which session is to end; empty for all but this one."""

    session = HiddenField()


class PasswordForm(ConfirmedForm):
    """The old password and the new one."""

    password = PasswordField("新しいパスワード")


@doors.get(_ME)
@roles(*Role)
def me() -> ResponseReturnValue:
    """Everything of one's own login on one page."""
    session = staff_logins.required()
    with house().database.reading() as connection:
        return page(
            "staff/me.html",
            member=staff_directory.member(connection, session.staff_id),
            sessions=staff_own.sessions(connection, session),
            this=session.id,
            held=second_factor.held(connection, session.owner),
            browser_name=browser_name,
            has_passkeys=second_factors.site() is not None,
            said=told(),
        )


@doors.post("/staff/me/sessions")
@roles(*Role)
def end_sessions() -> ResponseReturnValue:
    """Log out elsewhere."""
    chosen = EndForm().session.data or None
    if chosen is not None and not chosen.isalnum():
        return redirect(_ME, 303)
    with house().database.writing() as connection:
        staff_own.end_session(connection, staff_logins.required(), chosen, now())
    return redirect(f"{_ME}?said=ended", 303)


@doors.route("/staff/me/password", methods=["GET", "POST"])
@roles(*Role)
@typed_in(PasswordForm)
def password() -> ResponseReturnValue:
    """Change the password; this browser stays logged in with a new session, all others are logged out."""
    session, form = staff_logins.required(), PasswordForm()
    if request.method != "POST":
        return _password_shown(form)
    new = form.password.data or ""
    _judge(form, new)
    if form.errors:
        return _password_shown(form), 400
    new_hash = passwords.hashed(new)
    try:
        outcome = confirmed(
            form,
            "password",
            lambda connection: staff_own.change_password(
                connection,
                session,
                password_hash=new_hash,
                browser=staff_logins.browser(),
                lifetime=logins.lifetime(),
                now=now(),
            ),
        )
    except Overtaken:
        return to_login()
    if not isinstance(outcome, LoggedIn):
        return again(_password_shown(form), outcome)
    staff_logins.hand_over(outcome.secret)
    staff_logins.recognise(outcome.staff_id, outcome.stamp)
    return redirect(f"{_ME}?said=password", 303)


@doors.route("/staff/me/codes", methods=["GET", "POST"])
@roles(*Role)
@typed_in(ConfirmedForm)
def codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, once."""
    session, form = staff_logins.required(), ConfirmedForm()
    if request.method != "POST":
        return page("staff/me_codes.html", form=form, errors=form.errors)
    try:
        made = confirmed(
            form,
            "codes",
            lambda connection: second_factor_enrolment.new_codes(
                connection, session.owner, actor=session.actor, now=now()
            ),
        )
    except Overtaken:
        return to_login()
    if not isinstance(made, list):
        return again(page("staff/me_codes.html", form=form, errors=form.errors), made)
    with house().database.writing() as connection:
        staff_own.tell(connection, session, "codes_made", now())
    return page("staff/recovery_codes.html", codes=made, is_first=False, posted=_ME)


def _judge(form: PasswordForm, new: str) -> None:
    """Put what is wrong with the new password beside its field."""
    session = staff_logins.required()
    if not (form.own_password.data or ""):
        form.refuse(form.own_password, "own_password_missing")
    if not new:
        form.refuse(form.password, "password_empty")
        return
    with house().database.reading() as connection:
        member = staff_directory.member(connection, session.staff_id)
    for code in staff_own.faults(new, login_id=(member and member.login_id) or "", name=session.name):
        form.refuse(form.password, code)
    if new == form.own_password.data:
        form.refuse(form.password, "new_password_same")


def _password_shown(form: PasswordForm) -> str:
    return page("staff/me_password.html", form=form, errors=form.errors)
