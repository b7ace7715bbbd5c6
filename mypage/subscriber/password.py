"""パスワードの変更."""

from typing import cast

from flask import Blueprint, g, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from mypage.adapters import passwords
from mypage.domain.password import ProfileName
from mypage.services import password_change as service
from mypage.services.login import LoggedIn
from mypage.services.password_change import Attempt, Refusal
from mypage.services.throttle import Waiting
from mypage.subscriber.customer_choice import chosen
from mypage.web import kept_form, logins, waiting
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.pages import page
from mypage.web.typed import typed_in
from mypage.words.gettext import N_

doors = Blueprint("password", __name__)
logins.protect(doors)


class PasswordForm(Form):
    """The old password and the new one."""

    old_password = PasswordField(N_("現在のパスワード"))
    password = PasswordField(N_("新しいパスワード"))


@doors.route("/profile/password", methods=["GET", "POST"])
@typed_in(PasswordForm)
def change() -> ResponseReturnValue:
    """Change the password; this browser stays logged in with a new session, all others are logged out."""
    chosen(logins.required())  # the menu's links stay with the customer that was looked at
    form = PasswordForm()
    if request.method != "POST":
        return _shown(form)
    if _is_overtaken():
        return redirect(f"/profile/password?overtaken=1{_asked()}", 303)
    old, new = form.old_password.data or "", form.password.data or ""
    if not old:
        form.refuse(form.old_password, "old_password_missing")
    if not new:
        form.refuse(form.password, "password_empty")
    if form.errors:
        return _shown(form), 400
    outcome = _try(form, old, new)
    if isinstance(outcome, Waiting):
        form.tell("password_change_wait", minutes=outcome.minutes)
        return waiting.told(_shown(form), outcome)
    if outcome is Refusal.OVERTAKEN:
        return redirect("/login?next=/profile/password", 303)
    if isinstance(outcome, Refusal):
        return _shown(form), 400
    return redirect(f"/profile/password?done=1{_asked()}", 303)


def _asked() -> str:
    return str(g.get("customer_query", "")).replace("?", "&")


def _is_overtaken() -> bool:
    """Whether the password was changed since the form was shown: the second of two clicks, or another tab."""
    made_at = kept_form.made_at()
    if made_at is None:
        return False
    with house().database.reading() as connection:
        return service.changed_after(connection, logins.required(), made_at)


def _try(form: PasswordForm, old: str, new: str) -> LoggedIn | Refusal | Waiting:
    """Reserve the try, verify and hash outside any transaction, record the outcome."""
    house_, session, at = house(), logins.required(), now()
    secret = house_.settings.secret_keys[0]
    with house_.database.writing() as connection:
        attempt = service.reserve(connection, session, secret=secret, now=at)
    if isinstance(attempt, Waiting):
        return attempt
    is_right = passwords.is_right(attempt.account.password_hash, old)
    _judge(form, attempt, old, new, is_right=is_right)
    new_hash = passwords.hashed(new) if is_right and not form.errors else None
    with house_.database.writing() as connection:
        outcome = service.conclude(
            connection,
            attempt,
            is_right=is_right,
            new_hash=new_hash,
            browser=logins.browser(),
            lifetime=logins.lifetime(),
            secret=secret,
            now=at,
        )
    if isinstance(outcome, LoggedIn):
        logins.hand_over(outcome, at)
    return outcome


def _judge(form: PasswordForm, attempt: Attempt, old: str, new: str, *, is_right: bool) -> None:
    """Put what is wrong beside the fields, all at once."""
    if not is_right:
        form.refuse(form.old_password, "old_password_wrong")
    for code in service.weaknesses(attempt, new, cast(ProfileName, house().settings.password_profile)):
        form.refuse(form.password, code)
    if is_right and old == new:
        form.refuse(form.password, "new_password_same")


def _shown(form: PasswordForm) -> str:
    return page(
        "subscriber/password.html",
        form=form,
        profile=house().settings.password_profile,
        is_overtaken=request.method != "POST" and request.args.get("overtaken") == "1",
        is_changed=request.method != "POST" and request.args.get("done") == "1",
        errors=form.errors,
    )
