"""The invitation: login id and password; opening it changes nothing, and it is used up with the first factor."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from mypage.adapters import passwords
from mypage.adapters.tokens import Signed, Tokens
from mypage.domain import login_id as login_ids
from mypage.services import staff_invitation as service
from mypage.services import staff_own
from mypage.services.staff_invitation import Shown, TokenFacts
from mypage.web import logins, staff_logins
from mypage.web.house import house, now
from mypage.web.staff_forms import Form
from mypage.web.staff_gate import NEW_FACTOR
from mypage.web.staff_logins import Step, open_from
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("invitation", __name__)


class InvitationForm(Form):
    """アカウントID and パスワード."""

    login_id = StringField("アカウントID")
    password = PasswordField("パスワード")


def _again(token: str) -> ResponseReturnValue:
    return _answer(_look(_read(token)), InvitationForm(), token)


@doors.route("/staff/invitation/<token>", methods=["GET", "POST"])
@open_from(Step.NOTHING)
@typed_in(InvitationForm, again=_again)
def invitation(token: str) -> ResponseReturnValue:
    """Show the form, or take id and password and go on to the second factor."""
    facts, form = _read(token), InvitationForm()
    shown = _look(facts)
    if not form.is_submitted() or facts is None or not shown.is_good or shown.member is None:
        return _answer(shown, form, token)
    login_id = shown.member["login_id"] or form.login_id.data or ""
    _judge(form, shown, login_id)
    if form.errors:
        return _answer(shown, form, token)
    password_hash = passwords.hashed(form.password.data or "")
    with house().database.writing() as connection:
        begun = service.begin(
            connection,
            facts,
            login_id=login_id,
            password_hash=password_hash,
            lifetime=logins.lifetime(),
            browser=staff_logins.browser(),
            now=now(),
        )
    if begun is None:
        form.refuse(form.login_id, "staff_login_id_taken")
        return _answer(shown, form, token)
    if isinstance(begun, Shown):
        return _answer(begun, form, token)
    staff_logins.hand_over(begun)
    return redirect(NEW_FACTOR, 303)


def _judge(form: InvitationForm, shown: Shown, login_id: str) -> None:
    """Put what is wrong beside the fields, all at once."""
    member, password = shown.member, form.password.data or ""
    if member is not None and member["login_id"] is None:
        for code in login_ids.problems(login_id):
            form.refuse(form.login_id, code)
    if not password:
        form.refuse(form.password, "staff_password_missing")
        return
    for code in staff_own.faults(password, login_id=login_id, name=member["name"] if member else ""):
        form.refuse(form.password, code)


def _look(facts: TokenFacts | None) -> Shown:
    with house().database.reading() as connection:
        return service.look(connection, facts, now())


def _read(token: str) -> TokenFacts | None:
    match Tokens(house().settings.secret_keys).read(service.PURPOSE, token, now()):
        case Signed(payload={"s": int(serial), "m": str(mark)}, signed_at=signed_at):
            return TokenFacts(serial, mark, signed_at)
        case _:
            return None


def _answer(shown: Shown, form: InvitationForm, token: str) -> ResponseReturnValue:
    if not shown.is_good:
        return page("staff/invitation_dead.html", state=shown.link.state.value), 400
    html = page("staff/invitation.html", form=form, member=shown.member, token=token, errors=form.errors)
    return (html, 400) if form.errors else html
