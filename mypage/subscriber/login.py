"""ログイン and ログアウト."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import PasswordField, StringField

from mypage.adapters import passwords
from mypage.domain.password import hints
from mypage.services import login as service
from mypage.services.login import LoggedIn, Refused
from mypage.services.throttle import Waiting
from mypage.web import kept_form, known_device, logins, waiting
from mypage.web import stumbles as strangers
from mypage.web.client_address import client_address
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.own_paths import own_path
from mypage.web.pages import page
from mypage.web.typed import typed_in
from mypage.words.gettext import N_

doors = Blueprint("login", __name__)
logins.protect(doors, open_pages=frozenset(("login", "logout")))

# first-try D-01: after the third miss the message itself leads to the recovery.
_MISSES_UNTIL_RECOVERY = 3


class LoginForm(Form):
    """アカウントID and パスワード."""

    login_id = StringField(N_("アカウントID"))
    password = PasswordField(N_("パスワード"))


def _again() -> str:
    return _shown(LoginForm(), own_path(request.args.get("next")))


@doors.route("/login", methods=["GET", "POST"])
@typed_in(LoginForm, again=_again)
def login() -> ResponseReturnValue:
    """Show the form, or log in and go on to the page that was asked for."""
    wanted = own_path(request.args.get("next"))
    form = LoginForm()
    if request.method != "POST":
        if current_user.is_authenticated:
            return redirect(wanted, 303)
        return _shown(form, wanted)
    typed, password = form.login_id.data or "", form.password.data or ""
    if not typed.strip():
        form.refuse(form.login_id, "login_id_missing")
    if not password:
        form.refuse(form.password, "login_password_missing")
    if form.errors:
        strangers.count("login", form.refused)
        return _shown(form, wanted), 400
    outcome = _try(typed, password)
    if isinstance(outcome, Waiting):
        form.tell("login_wait", minutes=outcome.minutes)
        return waiting.told(_shown(form, wanted, leads_on=True), outcome)
    if isinstance(outcome, Refused):
        for code in ("login_wrong", *hints(password)):
            form.tell(code)
        return _shown(form, wanted, leads_on=outcome.misses >= _MISSES_UNTIL_RECOVERY), 400
    return redirect(wanted, 303)


@doors.post("/logout")
def logout() -> ResponseReturnValue:
    """End the session; pressing it twice does no harm."""
    logins.end()
    return redirect("/login?out=1", 303)


def _try(typed: str, password: str) -> LoggedIn | Refused | Waiting:
    """Reserve the try, verify outside any transaction, record the outcome."""
    database, secret, at = house().database, house().settings.secret_keys[0], now()
    devices = known_device.devices()
    with database.writing() as connection:
        attempt = service.reserve(
            connection, login_id=typed, devices=devices, address=client_address(), secret=secret, now=at
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
            browser=logins.browser(),
            lifetime=logins.lifetime(),
            secret=secret,
            now=at,
        )
    if isinstance(outcome, LoggedIn):
        logins.hand_over(outcome, at)
    return outcome


def _shown(form: LoginForm, wanted: str, *, leads_on: bool = False) -> str:
    return page(
        "subscriber/login.html",
        form=form,
        wanted=wanted,
        leads_on=leads_on,
        kept=kept_form.waits_for("account"),
        logged_out=request.method != "POST" and request.args.get("out") == "1",
        is_reset=request.method != "POST" and request.args.get("reset") == "1",
        errors=form.errors,
    )
