"""The first second factor, by invitation: an authenticator app or a passkey; then the recovery codes, once."""

from collections.abc import Callable, Sequence

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from wtforms import Field, HiddenField, StringField

from mypage.domain.kept_form import Owner as FormOwner
from mypage.services import second_factor_enrolment as service
from mypage.services import staff_directory, staff_invitation, staff_login
from mypage.services.second_factor_enrolment import Added, NotAdded
from mypage.services.staff_login import LoggedIn
from mypage.services.staff_sessions import StaffSession
from mypage.staff import app_offer
from mypage.staff.app_offer import AppForm
from mypage.web import kept_form, logins, second_factors, staff_logins
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_gate import FACTOR, HOME, to_login
from mypage.web.staff_logins import Step, open_from
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("enrolment", __name__)
_PURPOSE = "first"


class Overtaken(Exception):
    """The invitation or the session ended while this was under way: nothing is added."""


class PasskeyForm(Form):
    """What the passkey is to be called, and the browser's answer."""

    label = StringField("パスキーの名前")
    answer = HiddenField()


def _again() -> ResponseReturnValue:
    return _shown(AppForm())


@doors.route("/staff/factor/new", methods=["GET", "POST"])
@open_from(Step.PASSWORD)
@typed_in(AppForm, along=("offer",), again=_again)
def with_app() -> ResponseReturnValue:
    """Show the QR code, or take the code that the app shows."""
    session, form = staff_logins.halfway(), AppForm()
    if session.invitation is None:
        return redirect(HOME if session.is_whole else FACTOR, 303)
    if request.method != "POST":
        return _shown(form)
    secret = app_offer.of_form(form, session)
    if secret is None:
        form.tell("factor_offer_over")
        return _shown(form), 400
    return _concluded(
        form,
        form.code,
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


@doors.post("/staff/factor/new/passkey")
@open_from(Step.PASSWORD)
def with_passkey() -> ResponseReturnValue:
    """Take the passkey that the browser made."""
    session, made, site = staff_logins.halfway(), PasskeyForm(), second_factors.site()
    if session.invitation is None or site is None:
        return redirect(HOME if session.is_whole else FACTOR, 303)
    return _concluded(
        AppForm(formdata=None),
        None,
        lambda connection: service.add_passkey(
            connection,
            session.owner,
            made.answer.data or "",
            site=site,
            challenge=second_factors.challenge(_PURPOSE, session.id),
            label=made.label.data or "",
            actor=session.actor,
            now=now(),
        ),
    )


def _concluded(
    form: AppForm, beside: Field | None, add: Callable[[Connection], Added | NotAdded]
) -> ResponseReturnValue:
    """Add the factor, take the invitation up and open the whole session, in one transaction; then show the codes."""
    session = staff_logins.halfway()
    try:
        with house().database.writing() as connection:
            if not staff_login.is_open(connection, session):
                return to_login()
            added = add(connection)
            if isinstance(added, Added):
                codes, entered = _joined(connection, session, added)
    except Overtaken:
        return to_login()
    if isinstance(added, NotAdded):
        form.tell(added.code) if beside is None else form.refuse(beside, added.code)
        return _shown(form), 400
    staff_logins.hand_over(entered.secret)
    staff_logins.recognise(entered.staff_id, entered.stamp)
    kept_form.hand_to(FormOwner(staff_id=entered.staff_id))
    return page("staff/recovery_codes.html", codes=codes, is_first=True, posted=HOME)


def _joined(connection: Connection, session: StaffSession, added: Added) -> tuple[Sequence[str], LoggedIn]:
    if not staff_invitation.joins(connection, session, added.method, now()):
        raise Overtaken
    codes = service.new_codes(connection, session.owner, actor=session.actor, now=now())
    entered = staff_login.complete(
        connection,
        session,
        added.method,
        browser=staff_logins.browser(),
        lifetime=logins.lifetime(),
        now=now(),
    )
    if entered is None:
        raise Overtaken
    return codes, entered


def _shown(form: AppForm) -> str:
    session = staff_logins.halfway()
    with house().database.reading() as connection:
        member = staff_directory.member(connection, session.staff_id)
    login_id = (member.login_id if member else None) or ""
    return page(
        "staff/enrolment.html",
        form=form,
        offer=app_offer.shown(form, session, login_id),
        question=second_factors.question_for_new(
            session.owner, (), name=login_id, shown_name=session.name, purpose=_PURPOSE, session_id=session.id
        ),
        passkey=PasskeyForm(formdata=None),
        errors=form.errors,
    )
