"""Where a person goes after the login: to a page of this portal, and nowhere else."""

import re
from urllib.parse import urlencode, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

# What a redirect lets the next page say: ``?said=CODE``.
SAID = "said"
_LOGIN = "/login"
_OPENING = "/opening"
_MENU = "/"
_CONSOLE = "/staff/"
_API = "/api/"
_LONGEST = 200
# Printable ASCII without the backslash, which browsers read as a slash.
_PLAIN = re.compile(r"/(?!/)[!-\[\]-~]*")


def own_path(asked: str | None) -> str:
    """``asked`` if it is the path of a page of ours that a browser may be sent to after the login, else the menu."""
    endpoint = _endpoint(asked)
    return asked if asked and endpoint and endpoint != "login.login" else _MENU


def _endpoint(asked: str | None) -> str | None:
    """Whose page ``asked`` is; None where it is none of ours."""
    if not asked or len(asked) > _LONGEST or not _PLAIN.fullmatch(asked):
        return None
    try:
        endpoint, _ = current_app.url_map.bind("").match(urlsplit(asked).path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    return None if endpoint == "static" else str(endpoint)


def place() -> str:
    """The path of this request's page, with the customer that it is about where one is named."""
    customer = request.args.get("c") if request.query_string else None
    return f"{request.path}?{urlencode({'c': customer})}" if customer else request.path


def page_of_place(said: str | None = None) -> str:
    """Where the page of this request is shown as it stands now; the menu where it has none of its own."""
    path = place() if _endpoint(place()) else home()
    if said is None:
        return path
    return f"{path}{'&' if '?' in path else '?'}{urlencode({SAID: said})}"


def this_page() -> str:
    """The address that shows this page again without sending anything; the menu where there is none."""
    return request.full_path.rstrip("?") if _endpoint(request.path) else home()


def home() -> str:
    """Where whoever sent this request begins: the menu, or the console's home."""
    return _CONSOLE if is_console() else _MENU


def is_api() -> bool:
    """Whether this request is a programme's."""
    return request.path.startswith(_API)


def is_console() -> bool:
    """Whether this request is for a page of staff."""
    return request.path.startswith(_CONSOLE)


def login_path() -> str:
    """The path of the login that leads back to the page that was asked for.

    What was posted to a page leads back to its form: to the same path, which must be a page of its own.
    """
    return login_path_to(_asked())


def login_path_to(asked: str) -> str:
    """The path of the login that leads on to ``asked``."""
    return _leading_on(_LOGIN, asked)


def opening_path() -> str:
    """The path of what opens a login of which nothing may be shown yet; it leads back in the same way."""
    return _leading_on(_OPENING, _asked())


def _asked() -> str:
    return request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else place()


def _leading_on(path: str, asked: str) -> str:
    wanted = own_path(asked)
    return path if wanted == _MENU else f"{path}?{urlencode({'next': wanted})}"
