"""Screens 5 and 6: the link of the mail, the password of screen 2, and the way in."""

from datetime import timedelta
from typing import Any, Final, cast

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from mypage.adapters import passwords
from mypage.adapters.tokens import Signed, Tokens
from mypage.domain import password as password_rules
from mypage.domain.activation import LinkState, TokenFacts
from mypage.services import activation as deeds
from mypage.services.activation import Activated, AlreadyRegistered, Attempt, Link, LoginIdTaken, UnderWay
from mypage.services.activation_link import PATH
from mypage.services.throttle import Waiting
from mypage.subscriber import cut_link, signup_cookie
from mypage.subscriber.cut_link import RestForm
from mypage.subscriber.signup import VISITOR
from mypage.subscriber.signup_forms import ActivationForm
from mypage.web import logins, waiting
from mypage.web.client_address import client_address
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now
from mypage.web.pages import page, path
from mypage.web.typed import typed_in

doors = Blueprint("activation", __name__)
_PURPOSE, _TICKET = "activation", "first-login"
_BROKEN = "subscriber/signup/broken.html"
_TICKET_LIFE: Final = timedelta(minutes=30)


@doors.get("/signup/activate/<path:token>")
def activate(token: str) -> ResponseReturnValue:
    """The link: a password field, or one of four pages for what became of it. Changes nothing."""
    with house().database.reading() as connection:
        link = deeds.look(connection, _read(token), now())
    return _password_page(ActivationForm(formdata=None), token) if _is_good(link) else _dead(link, token)


@doors.post("/signup/activate/<path:token>")
def enter_password(token: str) -> ResponseReturnValue:
    """[本登録する]: count the try, verify outside any transaction, activate."""
    form, facts = ActivationForm(), _read(token)
    typed = form.password.data or ""
    if facts is None or not typed:
        return _without_password(form, facts, token)
    settings = house().settings
    with house().database.writing() as connection:
        attempt = deeds.reserve(
            connection,
            facts,
            address=client_address(),
            browser_hash=signup_cookie.browser_hash(),
            could_be_right=password_rules.could_be_one(typed),
            settings=settings,
            now=now(),
        )
        if isinstance(attempt, Link | Waiting):
            cause = attempt.cause if isinstance(attempt, Link) else "A-04"
            deeds.note_refusal(connection, facts, cause, actor=VISITOR, now=now())
    match attempt:
        case Link():
            return _dead(attempt, token)
        case UnderWay():
            return page("subscriber/signup/under_way.html", token=token)
        case Waiting(minutes=minutes):
            form.tell("activation_wait", minutes=minutes)
            return waiting.told(_password_page(form, token), attempt)
        case Attempt():
            right = passwords.is_right(attempt.password_hash, typed)
            return _conclude(form, token, attempt, right=right)


def _without_password(form: ActivationForm, facts: TokenFacts | None, token: str) -> ResponseReturnValue:
    with house().database.reading() as connection:
        link = deeds.look(connection, facts, now())
    if not _is_good(link):
        return _dead(link, token)
    form.refuse(form.password, "activation_password_empty")
    return _password_page(form, token)


def _conclude(form: ActivationForm, token: str, attempt: Attempt, *, right: bool) -> ResponseReturnValue:
    with house().database.writing() as connection:
        if not right:
            deeds.refuse(connection, attempt, settings=house().settings, actor=VISITOR, now=now())
        else:
            outcome = deeds.activate(connection, attempt, settings=house().settings, actor=VISITOR, now=now())
    if not right:
        form.refuse(form.password, "activation_password_wrong")
        for hint in password_rules.hints(form.password.data or ""):
            form.refuse(form.password, hint)
        return _password_page(form, token, wrong=True)
    match outcome:
        case Activated(account_id=account_id):
            return _with_ticket(redirect(path("activation.complete"), 303), account_id)
        case Link():
            return _dead(outcome, token)
        case AlreadyRegistered():
            return page("subscriber/signup/already.html")
        case LoginIdTaken():
            return page("subscriber/signup/login_id_gone.html")


@doors.get("/signup/activate/")
@doors.get("/signup/activate")
def bare_link() -> ResponseReturnValue:
    """The link without anything behind it: cut by the mail program."""
    return _dead(Link(LinkState.BROKEN), "")


def _paste_again() -> str:
    return cut_link.broken_page(_BROKEN, request.form.get("beginning", ""), RestForm())


@doors.post("/signup/activate")
@typed_in(RestForm, along=("beginning",), again=_paste_again)
def paste() -> ResponseReturnValue:
    """The rest of a cut link, or the whole of it, pasted: on to the link if it can be read now."""
    return cut_link.paste(_BROKEN, PATH, _taken, step=deeds.STEP)


def _taken(token: str) -> bool:
    """Whether a pasted link can be read; that it was pasted stands in the trail (C-04)."""
    facts = _read(token)
    if facts is None:
        return False
    with house().database.writing() as connection:
        deeds.note_pasted(connection, facts, actor=VISITOR, now=now())
    return True


@doors.get("/signup/complete")
def complete() -> ResponseReturnValue:
    """Screen 6."""
    account_id = _ticket()
    if account_id is None:
        return redirect(path("login.login"), 303)
    with house().database.reading() as connection:
        may_enter = deeds.may_enter(connection, account_id, now())
    return page("subscriber/signup/complete.html", may_enter=may_enter)


@doors.post("/signup/complete")
def enter() -> ResponseReturnValue:
    """[そのままログイン]: once, and within half an hour; afterwards the password is asked."""
    account_id = _ticket()
    if account_id is not None:
        with house().database.reading() as connection:
            may_enter = deeds.may_enter(connection, account_id, now())
        if may_enter and logins.start(account_id):
            return redirect(path("menu.menu"), 303)
    # The second of two clicks is logged in already.
    return redirect(path("menu.menu") if logins.current() else path("login.login"), 303)


def _read(token: str) -> TokenFacts | None:
    read = Tokens(house().settings.secret_keys).read(_PURPOSE, token, now())
    match read:
        case Signed(payload={"r": str(registration_id), "s": int(serial)}, signed_at=signed_at):
            return TokenFacts(registration_id, serial, signed_at)
        case _:
            return None


def _is_good(link: Link) -> bool:
    return link.state is LinkState.GOOD


def _password_page(form: ActivationForm, token: str, *, wrong: bool = False) -> str:
    return page("subscriber/signup/activate.html", form=form, errors=form.errors, token=token, wrong=wrong)


def _dead(link: Link, token: str) -> str:
    if link.state is LinkState.BROKEN:
        return cut_link.broken_page(_BROKEN, token)
    return page(f"subscriber/signup/{link.state.value}.html", link=link)


def _with_ticket(response: Any, account_id: str) -> Response:
    ticket = Tokens(house().settings.secret_keys).sign(_TICKET, {"a": account_id}, now())
    flags, seconds = cast(Any, cookie_flags()), int(_TICKET_LIFE.total_seconds())
    response.set_cookie(cookie_name(_TICKET), ticket, max_age=seconds, **flags)
    return cast(Response, response)


def _ticket() -> str | None:
    ticket = request.cookies.get(cookie_name(_TICKET), "")
    match Tokens(house().settings.secret_keys).read(_TICKET, ticket, now(), _TICKET_LIFE):
        case Signed(payload={"a": str(account_id)}):
            return account_id
        case _:
            return None
