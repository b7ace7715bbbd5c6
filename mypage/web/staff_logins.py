"""Who of the staff is logged in, and which pages that opens: none, unless its view names the roles.

    doors = Blueprint("people", __name__)

    @doors.get("/staff/people")
    @roles(Role.ADMIN)
    def people() -> ResponseReturnValue: ...

``staff_gate`` asks :func:`needs` before each page of the console. Nothing is shared with the logins of subscribers:
cookie, table and session are other ones.
"""

import logging
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, NamedTuple, TypeVar, cast

from flask import Response, after_this_request, current_app, g, request
from sqlalchemy.exc import OperationalError

from mypage.domain.staff import Role
from mypage.services import staff_sessions
from mypage.services.login import Browser, KnownDevice
from mypage.services.staff_sessions import StaffSession
from mypage.web import known_device, logins
from mypage.web.client_address import client_address
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now
from mypage.web.reading import reading

log = logging.getLogger("mypage.web")
View = TypeVar("View", bound=Callable[..., Any])
_COOKIE: Final = "staff-session"
# Longer than any secret of ours; what is longer is not worth a hash.
_LONGEST: Final = 128


class Step(Enum):
    """How far somebody must have come for a page that asks for no role."""

    NOTHING = "nothing"
    PASSWORD = "password"  # noqa: S105 - the name of a step


class Needs(NamedTuple):
    """What a view asks for: a step, or a whole session with one of the roles."""

    step: Step | None = None
    roles: frozenset[Role] = frozenset()


_OF_VIEWS: dict[Callable[..., Any], Needs] = {}


def roles(*allowed: Role) -> Callable[[View], View]:
    """The view is for these roles, with the second factor given. Directly above the function, below the route."""
    if not allowed:
        raise ValueError("a page is for somebody")
    return _needing(Needs(roles=frozenset(allowed)))


def open_from(step: Step) -> Callable[[View], View]:
    """The view is part of the way in: open to everybody, or to who has proven the password."""
    return _needing(Needs(step=step))


def allows(endpoint: str, role: Role) -> bool:
    """Whether the role may open that page, for menus and links; False where there is no such page."""
    asked = needs(endpoint)
    return asked is not None and role in asked.roles


def needs(endpoint: str) -> Needs | None:
    """What that page asks for; None where its view says nothing, and so is for nobody."""
    view = current_app.view_functions.get(endpoint)
    return None if view is None else _OF_VIEWS.get(view)


def required() -> StaffSession:
    """Who asks, on a page that names its roles."""
    session = current()
    if session is None or not session.is_whole:
        raise LookupError("this page names no roles")
    return session


def halfway() -> StaffSession:
    """Who asks, on a page that is open from :attr:`Step.PASSWORD`."""
    session = current()
    if session is None:
        raise LookupError("this page is open to everybody")
    return session


def current() -> StaffSession | None:
    """The live session of this request, whole or not; read once."""
    if "staff_session" not in g:
        g.staff_session = _of_request()
    return cast("StaffSession | None", g.staff_session)


def hand_over(secret: str) -> None:
    """Give the browser its new session (gone when the browser is closed)."""
    g.pop("staff_session", None)

    @after_this_request
    def _cookie(response: Response) -> Response:
        response.set_cookie(cookie_name(_COOKIE), secret, **cast(Any, cookie_flags()))
        return response


def end() -> None:
    """Log out: the session ends on the server, the browser's cookie goes."""

    @after_this_request
    def _cookie(response: Response) -> Response:
        response.delete_cookie(cookie_name(_COOKIE), **cast(Any, cookie_flags()))
        return response

    secret = held()
    g.staff_session = None
    if secret is not None:
        with house().database.writing() as connection:
            staff_sessions.end(connection, secret, now())


def held() -> str | None:
    """The secret that the browser holds, whether or not a session belongs to it."""
    secret = request.cookies.get(cookie_name(_COOKIE))
    return secret if secret and len(secret) <= _LONGEST else None


def browser() -> Browser:
    """Who asks, as far as a session keeps it."""
    return Browser(client_address(), request.headers.get("User-Agent", ""), held())


def devices() -> list[KnownDevice]:
    """Which members of staff have logged in with this browser before."""
    return known_device.devices(cookie=known_device.STAFF_COOKIE)


def recognise(staff_id: str, stamp: str) -> None:
    """Know this browser from now on: who guesses passwords elsewhere does not shut its owner out."""
    known = known_device.with_account(staff_id, stamp, now(), cookie=known_device.STAFF_COOKIE)

    @after_this_request
    def _cookie(response: Response) -> Response:
        known_device.remember(response, known, cookie=known_device.STAFF_COOKIE)
        return response


def _needing(asked: Needs) -> Callable[[View], View]:
    def mark(view: View) -> View:
        _OF_VIEWS[view] = asked
        return view

    return mark


def _of_request() -> StaffSession | None:
    secret = held()
    if secret is None:
        return None
    at = now()
    session = staff_sessions.current(reading(), secret, lifetime=logins.lifetime(), now=at)
    if session is not None and session.is_to_touch:
        _touch(session)
    return session


def _touch(session: StaffSession) -> None:
    """Keep that the session is in use. Where nothing can be written now, whoever only reads is not kept from it."""
    try:
        with house().database.writing(matters=False) as connection:
            staff_sessions.touch(connection, session, now())
    except OperationalError as error:
        log.warning("staff session not touched", extra={"fault": type(error).__name__})
