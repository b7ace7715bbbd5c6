"""Who is logged in: Flask-Login over sessions of our own, kept on the server and known by a hash only."""

import logging
from datetime import datetime
from typing import Any, NamedTuple, cast

from flask import Blueprint, Flask, Request, Response, after_this_request, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.domain.kept_form import Owner
from mypage.services import login, sessions
from mypage.services.letters import LETTER
from mypage.services.login import Browser, LoggedIn
from mypage.services.sessions import Lifetime, Session
from mypage.web import kept_form, known_device
from mypage.web.client_address import client_address
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now
from mypage.web.own_paths import login_path, opening_path, page_of_place
from mypage.web.reading import reading

log = logging.getLogger("mypage.web")
_COOKIE = "session"
# Longer than any secret of ours; what is longer is not worth a hash.
_LONGEST = 128


class _Pages(NamedTuple):
    """Endpoints of a closed blueprint: those open to everybody, and those that open a login that is shown nothing yet."""

    open: frozenset[str]
    opening: frozenset[str]


_PROTECTED: dict[str, _Pages] = {}


class Subscriber(UserMixin):  # type: ignore[misc]
    """The account that is logged in, as Flask-Login and the templates see it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.nickname = session.nickname

    def get_id(self) -> str:
        """The account's id."""
        return self.session.account_id


class _Logins(LoginManager):  # type: ignore[misc]
    """Flask-Login without its own cookies: neither Flask's session nor a remember-me cookie says who somebody is.

    Both could not be revoked, and looking at them costs each page the check of a signature.
    """

    def _load_user(self) -> None:
        self._update_request_context_with_user(self._load_user_from_request(request))

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


def register(app: Flask) -> None:
    """Teach ``app`` who is logged in."""
    manager = _Logins()
    manager.init_app(app, add_context_processor=False)
    manager.request_loader(_of_request)
    manager.unauthorized_handler(to_login)


def protect(
    blueprint: Blueprint,
    *,
    open_pages: frozenset[str] = frozenset(),
    opening_pages: frozenset[str] = frozenset(),
) -> None:
    """Close a blueprint: every page of it needs a login, but for the functions named in ``open_pages``.

    A login of which nothing may be shown yet (a letter's code is not entered, a release is not long ago) sees the
    ``opening_pages`` only, and is led to them from all others.
    """
    _PROTECTED[blueprint.name] = _Pages(
        *(frozenset(f"{blueprint.name}.{name}" for name in names) for names in (open_pages, opening_pages))
    )
    blueprint.before_request(_closed)


def closed_to_visitor() -> bool:
    """Whether the page of this request needs a login, and nobody is logged in."""
    return _is_closed() and current() is None


def _is_closed() -> bool:
    pages = _PROTECTED.get(request.blueprint or "")
    return pages is not None and request.endpoint not in pages.open


def _closed() -> ResponseReturnValue | None:
    """Before each request to a closed blueprint."""
    if not _is_closed():
        return None
    session = current()
    if session is None:
        if request.method == "POST":
            kept_form.keep("D-05")
        return to_login()
    if not session.customers and request.endpoint not in _PROTECTED[request.blueprint or ""].opening:
        return redirect(opening_path(), 303)
    if request.method == "POST":
        if kept_form.is_of_another():
            # Another account logged in meanwhile, in another tab: its own state is shown, and nothing changes.
            return redirect(page_of_place("other_login"), 303)
        kept_form.sent()
    return None


def current() -> Session | None:
    """The live session of this request; the templates then find the account in ``g.account``."""
    if "account" in g:
        return cast(Subscriber, g.account).session
    subscriber = current_user._get_current_object()
    return subscriber.session if subscriber.is_authenticated else None


def glance() -> Session | None:
    """The session for a page that everybody may read; nobody's while the database is away."""
    try:
        return current()
    except (DBAPIError, PoolTimeout):
        return None


def required() -> Session:
    """The session on a page that :func:`protect` has closed: one that has customers to show."""
    session = current()
    if session is None or not session.customers:
        raise LookupError("this page is not closed to visitors")
    return session


def lifetime() -> Lifetime:
    """How long sessions live, by the settings."""
    settings = house().settings
    return Lifetime(idle=settings.session_idle, absolute=settings.session_absolute)


def browser() -> Browser:
    """Who asks, as far as a session keeps it."""
    return Browser(client_address(), request.headers.get("User-Agent", ""), held())


def start(account_id: str) -> bool:
    """Log in an account that has just proven its password; False where it may not log in.

    The cookies go out with this request's answer.
    """
    at = now()
    with house().database.writing() as connection:
        entered = login.enter(connection, account_id, browser=browser(), lifetime=lifetime(), now=at)
    if entered is not None:
        hand_over(entered, at)
    return entered is not None


def hand_over(entered: LoggedIn, at: datetime) -> None:
    """Give the browser its new session (gone when the browser is closed), and know the device from now on."""
    recognise(entered.account_id, entered.stamp, at)

    @after_this_request
    def _cookies(response: Response) -> Response:
        response.set_cookie(cookie_name(_COOKIE), entered.secret, **cast(Any, cookie_flags()))
        return response

    kept_form.hand_to(Owner(account_id=entered.account_id))


def recognise(account_id: str, stamp: str, at: datetime) -> None:
    """Know this device from now on: its owner has proven to be the account's."""
    known = known_device.with_account(account_id, stamp, at)

    @after_this_request
    def _cookie(response: Response) -> Response:
        known_device.remember(response, known)
        return response


def end() -> None:
    """Log out: the session ends on the server, the browser's cookie goes, even where the server cannot be asked."""

    @after_this_request
    def _cookies(response: Response) -> Response:
        response.delete_cookie(cookie_name(_COOKIE), **cast(Any, cookie_flags()))
        return response

    secret = held()
    g.pop("account", None)
    if secret is not None:
        with house().database.writing() as connection:
            sessions.end(connection, secret, now())
    kept_form.forget()


def held() -> str | None:
    """The secret that the browser holds, whether or not a session belongs to it."""
    secret = request.cookies.get(cookie_name(_COOKIE))
    return secret if secret and len(secret) <= _LONGEST else None


def _of_request(_request: Request) -> Subscriber | None:
    secret = held()
    if secret is None:
        return None
    at = now()
    asks_letter = house().settings.signup_proof == LETTER
    session = sessions.current(reading(), secret, lifetime=lifetime(), now=at, asks_letter=asks_letter)
    if session is None:
        return None
    if session.is_to_touch:
        _touch(session, at)
    subscriber = Subscriber(session)
    g.account = subscriber
    return subscriber


def _touch(session: Session, at: datetime) -> None:
    """Keep that the session is in use. Where nothing can be written now, whoever only reads is not kept from it."""
    try:
        with house().database.writing(matters=False) as connection:
            sessions.touch(connection, session, at)
    except OperationalError as error:
        log.warning("session not touched", extra={"fault": type(error).__name__})


def to_login() -> ResponseReturnValue:
    """To the login, and from there back to this page."""
    return redirect(login_path(), 303)
