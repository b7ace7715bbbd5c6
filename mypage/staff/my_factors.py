"""One's own second factors: another app or passkey, and taking one away. The password is asked each time."""

from collections.abc import Callable

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from wtforms import HiddenField, StringField

from mypage.domain.staff import Role
from mypage.services import second_factor, staff_directory, staff_own
from mypage.services import second_factor_enrolment as service
from mypage.services.second_factor_enrolment import Added, NotAdded
from mypage.staff import app_offer
from mypage.staff.app_offer import AppForm
from mypage.staff.confirming import ConfirmedForm, Overtaken, again, confirmed
from mypage.web import second_factors, staff_logins
from mypage.web.house import house, now
from mypage.web.staff_gate import to_login
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("my_factors", __name__)
_ME = "/staff/me"
_PURPOSE = "another"


class AnotherAppForm(AppForm, ConfirmedForm):
    """The offer, the app's code for it, and the password."""


class AnotherPasskeyForm(ConfirmedForm):
    """What the passkey is to be called, the browser's answer, and the password."""

    label = StringField("パスキーの名前")
    answer = HiddenField()


class RemovalForm(ConfirmedForm):
    """Which factor goes: the id of a passkey, or ``app``; and the password."""

    factor = HiddenField()


def _app_again() -> ResponseReturnValue:
    return _app_shown(AnotherAppForm())


@doors.route("/staff/me/app", methods=["GET", "POST"])
@roles(*Role)
@typed_in(AnotherAppForm, along=("offer",), again=_app_again)
def app() -> ResponseReturnValue:
    """Take an authenticator app, in the place of the one before."""
    session, form = staff_logins.required(), AnotherAppForm()
    if request.method != "POST":
        return _app_shown(form)
    secret = app_offer.of_form(form, session)
    if secret is None:
        form.tell("factor_offer_over")
        return _app_shown(form), 400
    outcome = _added(
        form,
        "app_added",
        lambda connection: service.add_app(
            connection,
            session.owner,
            secret,
            form.code.data or "",
            sealer=second_factors.sealer(),
            actor=session.actor,
            now=now(),
        ),
    )
    if isinstance(outcome, NotAdded):
        form.refuse(form.code, outcome.code)
    return _after(outcome, lambda: _app_shown(form), "app")


@doors.route("/staff/me/passkey", methods=["GET", "POST"])
@roles(*Role)
@typed_in(AnotherPasskeyForm)
def passkey() -> ResponseReturnValue:
    """Take another passkey."""
    session, form, site = staff_logins.required(), AnotherPasskeyForm(), second_factors.site()
    if site is None:
        return redirect(_ME, 303)
    if request.method != "POST":
        return _passkey_shown(form)
    outcome = _added(
        form,
        "passkey_added",
        lambda connection: service.add_passkey(
            connection,
            session.owner,
            form.answer.data or "",
            site=site,
            challenge=second_factors.challenge(_PURPOSE, session.id),
            label=form.label.data or "",
            actor=session.actor,
            now=now(),
        ),
    )
    if isinstance(outcome, NotAdded):
        form.tell(outcome.code)
    return _after(outcome, lambda: _passkey_shown(form), "passkey")


@doors.route("/staff/me/remove", methods=["GET", "POST"])
@roles(*Role)
@typed_in(RemovalForm, along=("factor",))
def remove() -> ResponseReturnValue:
    """Take a factor away; the last one stays."""
    session, form = staff_logins.required(), RemovalForm()
    if request.method != "POST":
        form.factor.data = request.args.get("factor", "")
        return _removal_shown(form)
    named = form.factor.data or ""

    def deed(connection: Connection) -> str:
        credential_id = None if named == "app" else named
        refused = service.remove(connection, session.owner, credential_id, actor=session.actor, now=now())
        if refused is None:
            staff_own.tell(connection, session, "factor_removed", now())
        return refused or ""

    try:
        outcome = confirmed(form, "remove_factor", deed)
    except Overtaken:
        return to_login()
    if outcome == "":
        return redirect(f"{_ME}?said=removed", 303)
    if isinstance(outcome, str):
        form.tell(outcome)
    return again(_removal_shown(form), outcome)


def _added(form: ConfirmedForm, told: str, add: Callable[[Connection], Added | NotAdded]) -> object:
    """Add it with the password; the person is mailed. A refusal of the factor changes nothing."""
    session = staff_logins.required()

    def deed(connection: Connection) -> Added | NotAdded:
        added = add(connection)
        if isinstance(added, Added):
            staff_own.tell(connection, session, told, now())
        return added

    try:
        return confirmed(form, told, deed)
    except Overtaken as overtaken:
        return overtaken


def _after(outcome: object, shown: Callable[[], str], said: str) -> ResponseReturnValue:
    if isinstance(outcome, Overtaken):
        return to_login()
    if isinstance(outcome, Added):
        return redirect(f"{_ME}?said={said}", 303)
    return again(shown(), outcome)


def _app_shown(form: AnotherAppForm) -> str:
    session = staff_logins.required()
    with house().database.reading() as connection:
        member = staff_directory.member(connection, session.staff_id)
        held = second_factor.held(connection, session.owner)
    offer = app_offer.shown(form, session, (member and member.login_id) or "")
    return page("staff/me_app.html", form=form, offer=offer, held=held, errors=form.errors)


def _passkey_shown(form: AnotherPasskeyForm) -> str:
    session = staff_logins.required()
    with house().database.reading() as connection:
        member = staff_directory.member(connection, session.staff_id)
        held = second_factor.held(connection, session.owner)
    question = second_factors.question_for_new(
        session.owner,
        held.known,
        name=(member and member.login_id) or "",
        shown_name=session.name,
        purpose=_PURPOSE,
        session_id=session.id,
    )
    return page("staff/me_passkey.html", form=form, question=question, errors=form.errors)


def _removal_shown(form: RemovalForm) -> str:
    session = staff_logins.required()
    with house().database.reading() as connection:
        held = second_factor.held(connection, session.owner)
    named = form.factor.data or ""
    label = next((each.label for each in held.passkeys if each.credential_id == named), None)
    is_there = label is not None or (named == "app" and held.app_since is not None)
    return page(
        "staff/me_remove.html",
        form=form,
        label=label or "認証アプリ",
        is_there=is_there,
        is_last=held.factors < 2,
        errors=form.errors,
    )
