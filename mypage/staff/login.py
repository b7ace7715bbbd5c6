"""ログイン: the password. The second factor comes after it (``staff.factor``)."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from mypage.adapters import passwords
from mypage.services import staff_login as service
from mypage.services.login import Refused
from mypage.services.staff_login import Halfway
from mypage.services.throttle import Waiting
from mypage.web import kept_form, logins, staff_logins, waiting
from mypage.web.client_address import client_address
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_gate import FACTOR, HOME, own_console_path
from mypage.web.staff_logins import Step, open_from
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("login", __name__)


class LoginForm(Form):
    """アカウントID and パスワード."""

    login_id = StringField("アカウントID")
    password = PasswordField("パスワード")


def _again() -> str:
    return _shown(LoginForm(), own_console_path(request.args.get("next")))


@doors.route("/staff/login", methods=["GET", "POST"])
@open_from(Step.NOTHING)
@typed_in(LoginForm, again=_again)
def login() -> ResponseReturnValue:
    """Show the form, or prove the password and go on to the second factor."""
    wanted = own_console_path(request.args.get("next"))
    form = LoginForm()
    if request.method != "POST":
        session = staff_logins.current()
        return redirect(wanted, 303) if session is not None and session.is_whole else _shown(form, wanted)
    typed, password = form.login_id.data or "", form.password.data or ""
    if not typed.strip():
        form.refuse(form.login_id, "staff_login_id_missing")
    if not password:
        form.refuse(form.password, "staff_password_missing")
    if form.errors:
        return _shown(form, wanted), 400
    outcome = _try(typed, password)
    if isinstance(outcome, Waiting):
        form.tell("staff_login_wait", minutes=outcome.minutes)
        return waiting.told(_shown(form, wanted), outcome)
    if isinstance(outcome, Refused):
        form.tell("staff_login_wrong")
        return _shown(form, wanted), 400
    return redirect(FACTOR if wanted == HOME else f"{FACTOR}?{urlencode({'next': wanted})}", 303)


def _try(typed: str, password: str) -> Halfway | Refused | Waiting:
    """Reserve the try, verify outside any transaction, record the outcome."""
    database, secret, at = house().database, house().settings.secret_keys[0], now()
    with database.writing() as connection:
        attempt = service.reserve(
            connection,
            login_id=typed,
            devices=staff_logins.devices(),
            address=client_address(),
            secret=secret,
            now=at,
        )
    if isinstance(attempt, Waiting):
        return attempt
    verified = passwords.verified(attempt.password_hash, password, renews=attempt.may_enter)
    with database.writing() as connection:
        outcome = service.conclude(
            connection,
            attempt,
            is_right=verified.is_right,
            renewed_hash=verified.renewed_hash,
            browser=staff_logins.browser(),
            lifetime=logins.lifetime(),
            secret=secret,
            now=at,
        )
    if isinstance(outcome, Halfway):
        staff_logins.hand_over(outcome.secret)
    return outcome


def _shown(form: LoginForm, wanted: str) -> str:
    return page(
        "staff/login.html",
        form=form,
        wanted=wanted,
        kept=kept_form.waits_for("staff"),
        logged_out=request.method != "POST" and request.args.get("out") == "1",
        errors=form.errors,
    )
