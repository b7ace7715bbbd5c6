"""アカウントIDをお忘れの方, パスワードをお忘れの方: always the same answer, whether or not there is an account."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from mypage.domain import email_address
from mypage.domain import login_id as login_ids
from mypage.domain.recovery import Asked
from mypage.domain.signup_mail import MOST_MAILS
from mypage.services import recovery as deeds
from mypage.services.throttle import Waiting
from mypage.subscriber.signup import VISITOR
from mypage.web import logins, waiting
from mypage.web.client_address import client_address
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.pages import page, path
from mypage.web.typed import typed_in
from mypage.words.gettext import N_

doors = Blueprint("recovery", __name__)
logins.protect(doors, open_pages=frozenset(("login_id", "ask_login_id", "password", "ask_password")))


class AddressForm(Form):
    """The address at which the account is registered."""

    email = StringField(N_("メールアドレス"))


class LoginIdForm(Form):
    """The id whose password is forgotten."""

    login_id = StringField(N_("アカウントID"))


@doors.get("/recover/id")
def login_id() -> str:
    """アカウントIDをお忘れの方: the form, or what happens now that it was sent."""
    return _answered(Asked.LOGIN_ID) or _login_id_page(AddressForm(formdata=None))


@doors.post("/recover/id")
@typed_in(AddressForm, again=lambda: _login_id_page(AddressForm()))
def ask_login_id() -> ResponseReturnValue:
    """[メールを送る]: keep the request. Judged is only whether it can be an address."""
    form = AddressForm()
    read = email_address.read(form.email.data or "")
    if read.problem is not None:
        form.refuse(form.email, read.problem)
        return _login_id_page(form), 400
    wait = _ask(Asked.LOGIN_ID, read.address)
    if wait is None:
        return redirect(path("recovery.login_id", sent="1"), 303)
    form.tell("recovery_wait", minutes=wait.minutes)
    return waiting.told(_login_id_page(form, waits=True), wait)


@doors.get("/recover/password")
def password() -> str:
    """パスワードをお忘れの方: the form, or what happens now that it was sent."""
    return _answered(Asked.PASSWORD) or _password_page(LoginIdForm(formdata=None))


@doors.post("/recover/password")
@typed_in(LoginIdForm, again=lambda: _password_page(LoginIdForm()))
def ask_password() -> ResponseReturnValue:
    """[メールを送る]: keep the request. Judged is only whether it can be an id."""
    form = LoginIdForm()
    typed = form.login_id.data or ""
    problems = login_ids.problems(typed)
    if problems:
        form.refuse(form.login_id, problems[0])
        return _password_page(form), 400
    wait = _ask(Asked.PASSWORD, login_ids.key(typed))
    if wait is None:
        return redirect(path("recovery.password", sent="1"), 303)
    form.tell("recovery_wait", minutes=wait.minutes)
    return waiting.told(_password_page(form, waits=True), wait)


def _ask(asked: Asked, typed: str) -> Waiting | None:
    with house().database.writing() as connection:
        outcome = deeds.ask(
            connection,
            asked,
            typed,
            address=client_address(),
            settings=house().settings,
            actor=VISITOR,
            now=now(),
        )
    return outcome if isinstance(outcome, Waiting) else None


def _answered(asked: Asked) -> str | None:
    """The one answer to each request; its address can be reloaded without asking again."""
    if request.args.get("sent") != "1":
        return None
    return page("subscriber/recover/sent.html", asked=asked.value, most=MOST_MAILS)


def _login_id_page(form: Form, *, waits: bool = False) -> str:
    return page(
        "subscriber/recover/login_id.html",
        form=form,
        errors=form.errors,
        waits=waits,
        domains=email_address.LIKELY,
    )


def _password_page(form: Form, *, waits: bool = False) -> str:
    return page("subscriber/recover/password.html", form=form, errors=form.errors, waits=waits)
