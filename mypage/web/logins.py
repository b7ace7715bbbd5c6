"""Who is logged in: Flask-Login over sessions of our own, kept on the server and known by a hash only."""

from datetime import datetime
from functools import partial
from typing import Any, cast

from flask import Blueprint, Flask, Request, Response, after_this_request, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.services import login, sessions
from mypage.services.letters import LETTER
from mypage.services.login import Browser, LoggedIn
from mypage.services.sessions import Lifetime, Session
from mypage.web import known_device
from mypage.web.client_address import client_address
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now
from mypage.web.own_paths import login_path, opening_path
from mypage.web.reading import reading

_COOKIE = "session"
# Longer than any secret of ours; what is longer is not worth a hash.
_LONGEST = 128


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
    manager.unauthorized_handler(_to_login)


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
    opened, opening = (
        frozenset(f"{blueprint.name}.{name}" for name in names) for names in (open_pages, opening_pages)
    )
    blueprint.before_request(partial(_closed, opened, opening))


def _closed(opened: frozenset[str], opening: frozenset[str]) -> ResponseReturnValue | None:
    if request.endpoint in opened:
        return None
    session = current()
    if session is None:
        return cast(ResponseReturnValue, cast(Any, current_app).login_manager.unauthorized())
    if session.customers or request.endpoint in opening:
        return None
    return redirect(opening_path(), 303)


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


def recognise(account_id: str, stamp: str, at: datetime) -> None:
    """Know this device from now on: its owner has proven to be the account's."""
    known = known_device.with_account(account_id, stamp, at)

    @after_this_request
    def _cookie(response: Response) -> Response:
        known_device.remember(response, known)
        return response


def end() -> None:
    """Log out: the session ends on the server, the browser's cookie goes."""
    secret = held()
    if secret is not None:
        with house().database.writing() as connection:
            sessions.end(connection, secret, now())
    g.pop("account", None)

    @after_this_request
    def _cookies(response: Response) -> Response:
        response.delete_cookie(cookie_name(_COOKIE), **cast(Any, cookie_flags()))
        return response


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
        with house().database.writing() as connection:
            sessions.touch(connection, session, at)
    subscriber = Subscriber(session)
    g.account = subscriber
    return subscriber


def _to_login() -> ResponseReturnValue:
    return redirect(login_path(), 303)
