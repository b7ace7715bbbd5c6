"""Screens 5 and 6: the link of the mail, the password of screen 2, and the way in."""

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from mypage.adapters import passwords
from mypage.domain import password as password_rules
from mypage.domain.activation import LinkState, TokenFacts
from mypage.services import activation as deeds
from mypage.services import identity_waiting
from mypage.services.activation import Attempt, Link, UnderWay
from mypage.services.activation_link import PATH
from mypage.services.throttle import Waiting
from mypage.subscriber import activation_by_phone as by_phone
from mypage.subscriber import cut_link, signup_cookie
from mypage.subscriber.activation_pages import BROKEN, concluded, read, shown, ticket
from mypage.subscriber.cut_link import RestForm
from mypage.subscriber.signup import VISITOR
from mypage.subscriber.signup_forms import ActivationForm, PhoneActivationForm
from mypage.web import logins, waiting
from mypage.web.client_address import client_address
from mypage.web.house import house, now
from mypage.web.pages import page, path
from mypage.web.typed import typed_in

doors = Blueprint("activation", __name__)


@doors.get("/signup/activate/<path:token>")
def activate(token: str) -> ResponseReturnValue:
    """The link: a password field, or one of four pages for what became of it. Changes nothing."""
    return _link_page(token, _look(token))


@doors.post("/signup/activate/<path:token>")
@typed_in(PhoneActivationForm, again=lambda token: _link_page(token, _look(token)))
def enter_password(token: str) -> ResponseReturnValue:
    """[本登録する]: count the try, verify outside any transaction, activate."""
    if by_phone.is_sent():
        return by_phone.enter(token)
    form, facts = ActivationForm(), read(token)
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
        if isinstance(attempt, Waiting) or (isinstance(attempt, Link) and not _is_good(attempt)):
            cause = attempt.cause if isinstance(attempt, Link) else "A-04"
            deeds.note_refusal(connection, facts, cause, actor=VISITOR, now=now())
    match attempt:
        case Link():
            return shown(attempt, token)
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
    if not _is_good(link) or link.by_phone:
        return _link_page(token, link)
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
    return concluded(outcome, token)


@doors.get("/signup/activate/")
@doors.get("/signup/activate")
def bare_link() -> ResponseReturnValue:
    """The link without anything behind it: cut by the mail program."""
    return shown(Link(LinkState.BROKEN), "")


def _paste_again() -> str:
    return cut_link.broken_page(BROKEN, request.form.get("beginning", ""), RestForm())


@doors.post("/signup/activate")
@typed_in(RestForm, along=("beginning",), again=_paste_again)
def paste() -> ResponseReturnValue:
    """The rest of a cut link, or the whole of it, pasted: on to the link if it can be read now."""
    return cut_link.paste(BROKEN, PATH, _taken, step=deeds.STEP)


def _taken(token: str) -> bool:
    """Whether a pasted link can be read; that it was pasted stands in the trail (C-04)."""
    facts = read(token)
    if facts is None:
        return False
    with house().database.writing() as connection:
        deeds.note_pasted(connection, facts, actor=VISITOR, now=now())
    return True


@doors.get("/signup/complete")
def complete() -> ResponseReturnValue:
    """Screen 6."""
    account_id = ticket()
    if account_id is None:
        return redirect(path("login.login"), 303)
    with house().database.reading() as connection:
        may_enter = deeds.may_enter(connection, account_id, now())
        waits = identity_waiting.decided_by(connection, account_id) is not None
    return page("subscriber/signup/complete.html", may_enter=may_enter, waits_for_staff=waits)


@doors.post("/signup/complete")
def enter() -> ResponseReturnValue:
    """[そのままログイン]: once, and within half an hour; afterwards the password is asked."""
    account_id = ticket()
    if account_id is not None:
        with house().database.reading() as connection:
            may_enter = deeds.may_enter(connection, account_id, now())
        if may_enter and logins.start(account_id):
            return redirect(path("menu.menu"), 303)
    # The second of two clicks is logged in already.
    return redirect(path("menu.menu") if logins.current() else path("login.login"), 303)


def _look(token: str) -> Link:
    with house().database.reading() as connection:
        return deeds.look(connection, read(token), now())


def _link_page(token: str, link: Link) -> ResponseReturnValue:
    """The form of a good link, or the page of a dead one."""
    if not _is_good(link):
        return shown(link, token)
    if link.by_phone:
        return by_phone.form_page(PhoneActivationForm(house().settings), token)
    return _password_page(ActivationForm(formdata=None), token)


def _is_good(link: Link) -> bool:
    return link.state is LinkState.GOOD


def _password_page(form: ActivationForm, token: str, *, wrong: bool = False) -> str:
    return page("subscriber/signup/activate.html", form=form, errors=form.errors, token=token, wrong=wrong)
