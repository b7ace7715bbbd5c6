"""The link of the mail to who forgot the password: the login id once more, and a new password."""

from collections.abc import Iterable
from typing import cast

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, StringField

from mypage.adapters import passwords
from mypage.domain import password as rules
from mypage.domain.link import Link, LinkState
from mypage.domain.password import ProfileName
from mypage.domain.recovery import LinkFacts
from mypage.services import password_reset as deeds
from mypage.services.account_link import PASSWORD_RESET
from mypage.services.password_reset import Attempt, OtherId, Reset
from mypage.services.throttle import Waiting
from mypage.subscriber import cut_link
from mypage.subscriber.account_link import read
from mypage.subscriber.signup import VISITOR
from mypage.web import logins, waiting
from mypage.web.client_address import client_address
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.pages import page
from mypage.words.gettext import N_

doors = Blueprint("password_reset", __name__)
_BROKEN = "subscriber/recover/broken.html"
logins.protect(doors, open_pages=frozenset(("show", "put", "bare_link", "paste")))


class ResetForm(Form):
    """The login id, which does not stand in the mail, and the new password."""

    login_id = StringField(N_("アカウントID"))
    password = PasswordField(N_("新しいパスワード"))


@doors.get("/recover/password/<path:token>")
def show(token: str) -> ResponseReturnValue:
    """The link: the form, or one of four pages for what became of it. Changes nothing."""
    with house().database.reading() as connection:
        link = deeds.look(connection, read(PASSWORD_RESET, token), now())
    return _dead(link, token) or _form_page(ResetForm(formdata=None), token)


@doors.post("/recover/password/<path:token>")
def put(token: str) -> ResponseReturnValue:
    """[再設定する]: count the try, hash outside any transaction, replace the password."""
    form, facts = ResetForm(), read(PASSWORD_RESET, token)
    if facts is None or not _is_filled(form):
        return _incomplete(form, facts, token)
    settings = house().settings
    with house().database.writing() as connection:
        attempt = deeds.reserve(
            connection,
            facts,
            login_id=form.login_id.data or "",
            address=client_address(),
            secret=settings.secret_keys[0],
            actor=VISITOR,
            now=now(),
        )
    match attempt:
        case Link():
            return _gone(attempt, token)
        case Waiting(minutes=minutes):
            form.tell("reset_wait", minutes=minutes)
            return waiting.told(_form_page(form, token), attempt)
        case OtherId():
            form.refuse(form.login_id, "reset_login_id_other")
            _judge(form, rules.weaknesses(form.password.data, _profile(), login_id=form.login_id.data))
            return _form_page(form, token, other_id=True), 400
        case Attempt():
            return _conclude(form, token, attempt)


def _conclude(form: ResetForm, token: str, attempt: Attempt) -> ResponseReturnValue:
    database, secret, new = house().database, house().settings.secret_keys[0], form.password.data
    _judge(form, deeds.weaknesses(attempt, new, _profile()))
    if form.errors:
        with database.writing() as connection:
            deeds.refuse_weak(connection, attempt, secret=secret, actor=VISITOR, now=now())
        return _form_page(form, token), 400
    new_hash = passwords.hashed(new)
    with database.writing() as connection:
        outcome = deeds.conclude(
            connection, attempt, new_hash=new_hash, secret=secret, actor=VISITOR, now=now()
        )
    match outcome:
        case Link():
            return _gone(outcome, token)
        case Reset(account_id=account_id, stamp=stamp):
            # Whoever is logged in here, the person goes on as the account that was recovered.
            logins.end()
            logins.recognise(account_id, stamp, now())
            return redirect("/login?reset=1", 303)


def _incomplete(form: ResetForm, facts: LinkFacts | None, token: str) -> ResponseReturnValue:
    with house().database.reading() as connection:
        link = deeds.look(connection, facts, now())
    dead = _dead(link, token)
    if dead is not None:
        return dead
    if not (form.login_id.data or "").strip():
        form.refuse(form.login_id, "reset_login_id_empty")
    if not form.password.data:
        form.refuse(form.password, "password_empty")
    return _form_page(form, token), 400


@doors.get("/recover/password/")
def bare_link() -> ResponseReturnValue:
    """The link without anything behind it: cut by the mail program."""
    return cut_link.broken_page(_BROKEN, "")


@doors.post("/recover/password/")
def paste() -> ResponseReturnValue:
    """The rest of a cut link, or the whole of it, pasted: on to the link if it can be read now."""
    return cut_link.paste(
        _BROKEN, PASSWORD_RESET.PATH, lambda token: read(PASSWORD_RESET, token) is not None, step="reset"
    )


def _is_filled(form: ResetForm) -> bool:
    return bool((form.login_id.data or "").strip() and form.password.data)


def _profile() -> ProfileName:
    return cast(ProfileName, house().settings.password_profile)


def _judge(form: ResetForm, codes: Iterable[str]) -> None:
    for code in codes:
        form.refuse(form.password, code)


def _form_page(form: ResetForm, token: str, *, other_id: bool = False) -> str:
    return page(
        "subscriber/recover/reset.html",
        form=form,
        errors=form.errors,
        token=token,
        other_id=other_id,
        profile=_profile(),
    )


def _dead(link: Link, token: str) -> str | None:
    """The page of a dead link; None where it is good."""
    return None if link.state is LinkState.GOOD else _gone(link, token)


def _gone(link: Link, token: str) -> str:
    if link.state is LinkState.BROKEN:
        return cut_link.broken_page(_BROKEN, token)
    return page(f"subscriber/recover/{link.state.value}.html", link=link)
