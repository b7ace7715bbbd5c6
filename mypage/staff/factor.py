"""The second factor at the login: the app's code, a passkey, or a recovery code."""

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from wtforms import HiddenField, StringField

from mypage.domain.kept_form import Owner as FormOwner
from mypage.domain.second_factor import Method
from mypage.domain.throttle import FREE_TRIES
from mypage.services import second_factor as service
from mypage.services import staff_login, staff_own
from mypage.services.second_factor import Proven, Refused
from mypage.services.staff_login import LoggedIn
from mypage.services.throttle import Waiting
from mypage.web import kept_form, logins, second_factors, staff_logins, waiting
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_gate import HOME, NEW_FACTOR, own_console_path, to_login
from mypage.web.staff_logins import Step, open_from
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("factor", __name__)
Prove = Callable[[Connection], Proven | Refused | Waiting]


class Overtaken(Exception):
    """The half session ended while this was under way: what was proven is undone, so that no code is lost."""


class CodeForm(Form):
    """The six digits of the app."""

    code = StringField("認証アプリの6桁のコード")


class PasskeyForm(Form):
    """The browser's answer."""

    answer = HiddenField()


class RecoveryForm(Form):
    """One of the codes that were shown once."""

    code = StringField("回復コード")


def _code_again() -> ResponseReturnValue:
    return _shown(CodeForm())


@doors.route("/staff/factor", methods=["GET", "POST"])
@open_from(Step.PASSWORD)
@typed_in(CodeForm, again=_code_again)
def factor() -> ResponseReturnValue:
    """Ask for the factor, or take the code of the app."""
    session, form = staff_logins.halfway(), CodeForm()
    if session.is_whole:
        return redirect(_wanted(), 303)
    if session.invitation is not None:
        return redirect(NEW_FACTOR, 303)
    if request.method != "POST":
        return _shown(form)
    typed = form.code.data or ""
    if not typed.strip():
        form.refuse(form.code, "factor_code_empty")
        return _shown(form), 400
    return _concluded(
        form,
        _shown,
        lambda connection: service.by_app(
            connection,
            session.owner,
            typed,
            sealer=second_factors.sealer(),
            secret=_secret(),
            actor=session.actor,
            now=now(),
        ),
    )


@doors.post("/staff/factor/passkey")
@open_from(Step.PASSWORD)
def with_passkey() -> ResponseReturnValue:
    """Take what the browser signed with a passkey."""
    session, form, site = staff_logins.halfway(), PasskeyForm(), second_factors.site()
    if session.is_whole or session.invitation is not None or site is None:
        return redirect(_wanted(), 303)
    answer = form.answer.data or ""
    return _concluded(
        CodeForm(formdata=None),
        _shown,
        lambda connection: service.by_passkey(
            connection,
            session.owner,
            answer,
            site=site,
            challenge=second_factors.challenge("login", session.id),
            secret=_secret(),
            actor=session.actor,
            now=now(),
        ),
    )


def _recovery_again() -> ResponseReturnValue:
    return _recovery_shown(RecoveryForm())


@doors.route("/staff/factor/recovery", methods=["GET", "POST"])
@open_from(Step.PASSWORD)
@typed_in(RecoveryForm, again=_recovery_again)
def recovery() -> ResponseReturnValue:
    """Ask for a recovery code, or take it."""
    session, form = staff_logins.halfway(), RecoveryForm()
    if session.is_whole or session.invitation is not None:
        return redirect(_wanted(), 303)
    if request.method != "POST":
        return _recovery_shown(form)
    typed = form.code.data or ""
    if not typed.strip():
        form.refuse(form.code, "recovery_code_empty")
        return _recovery_shown(form), 400
    return _concluded(
        form,
        _recovery_shown,
        lambda connection: service.by_recovery_code(
            connection, session.owner, typed, secret=_secret(), actor=session.actor, now=now()
        ),
    )


def _concluded(form: Form, shown: Callable[[Any], ResponseReturnValue], prove: Prove) -> ResponseReturnValue:
    """Prove the factor and open the whole session in one transaction; the page again where it was refused."""
    session, entered = staff_logins.halfway(), None
    try:
        with house().database.writing() as connection:
            if not staff_login.is_open(connection, session):
                return to_login()
            outcome = prove(connection)
            if isinstance(outcome, Proven):
                entered = _entered(connection, outcome.method)
            elif isinstance(outcome, Refused) and outcome.misses == FREE_TRIES:
                # Whoever tries so often knows the password: its owner should hear of it.
                staff_own.tell(connection, session, "factor_guessed", now())
    except Overtaken:
        return to_login()
    if isinstance(outcome, Waiting):
        form.tell("factor_wait", minutes=outcome.minutes)
        return waiting.told(cast(str, shown(form)), outcome)
    if entered is None:
        if isinstance(form, CodeForm):
            form.code.data = ""  # the next one is another
        unreadable = isinstance(outcome, Refused) and outcome.is_unreadable
        form.tell("factor_unreadable" if unreadable else "factor_wrong")
        return cast(str, shown(form)), 400
    staff_logins.hand_over(entered.secret)
    staff_logins.recognise(entered.staff_id, entered.stamp)
    kept_form.hand_to(FormOwner(staff_id=entered.staff_id))
    return redirect(_wanted(), 303)


def _entered(connection: Connection, method: Method) -> LoggedIn:
    session = staff_logins.halfway()
    entered = staff_login.complete(
        connection,
        session,
        method,
        browser=staff_logins.browser(),
        lifetime=logins.lifetime(),
        now=now(),
    )
    if entered is None:
        raise Overtaken
    if method is Method.RECOVERY_CODE:
        staff_own.tell(connection, session, "code_used", now())
    return entered


def _shown(form: CodeForm) -> str:
    session = staff_logins.halfway()
    with house().database.reading() as connection:
        held = service.held(connection, session.owner)
    return page(
        "staff/factor.html",
        form=form,
        held=held,
        question=second_factors.question(held.known, "login", session.id),
        query=_query(),
        errors=form.errors,
    )


def _recovery_shown(form: RecoveryForm) -> str:
    return page("staff/factor_recovery.html", form=form, query=_query(), errors=form.errors)


def _wanted() -> str:
    return own_console_path(request.args.get("next"))


def _query() -> str:
    wanted = _wanted()
    return "" if wanted == HOME else "?" + urlencode({"next": wanted})


def _secret() -> str:
    return house().settings.secret_keys[0]
