"""What asks for the own password first: the try is reserved, verified outside any transaction, recorded with the deed."""

from collections.abc import Callable
from typing import TypeVar

from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from wtforms import PasswordField

from mypage.adapters import passwords
from mypage.services import staff_own as service
from mypage.services.throttle import Waiting
from mypage.web import staff_logins, waiting
from mypage.web.house import house, now
from mypage.web.staff_forms import Form

Outcome = TypeVar("Outcome")


class Overtaken(Exception):
    """The sessions ended while this was under way: nothing is done."""


class ConfirmedForm(Form):
    """A form that is taken with the own password."""

    own_password = PasswordField("いまのパスワード")


def confirmed(
    form: ConfirmedForm, deed: str, do: Callable[[Connection], Outcome]
) -> Outcome | Waiting | None:
    """Do the deed if the password is right; None where it was not, which the form then says.

    Raises :class:`Overtaken` where the session ended meanwhile.
    """
    typed = form.own_password.data or ""
    if not typed:
        form.refuse(form.own_password, "own_password_missing")
    if form.errors:
        return None
    session, secret, at = staff_logins.required(), house().settings.secret_keys[0], now()
    with house().database.writing() as connection:
        attempt = service.reserve(connection, session, secret=secret, now=at)
    if isinstance(attempt, Waiting):
        form.tell("own_password_wait", minutes=attempt.minutes)
        return attempt
    is_right = passwords.is_right(attempt.member["password_hash"], typed)
    with house().database.writing() as connection:
        may = service.confirm(
            connection, session, attempt, is_right=is_right, deed=deed, secret=secret, now=at
        )
        if is_right and not may:
            raise Overtaken
        if may:
            return do(connection)
    form.refuse(form.own_password, "own_password_wrong")
    return None


def again(shown: str, outcome: object) -> ResponseReturnValue:
    """The form's page once more, with what it says."""
    return waiting.told(shown, outcome) if isinstance(outcome, Waiting) else (shown, 400)
