"""Where a person goes after the login: to a page of this portal, and nowhere else."""

import re
from urllib.parse import urlencode, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

_LOGIN = "/login"
_OPENING = "/opening"
_MENU = "/"
_LONGEST = 200
# Printable ASCII without the backslash, which browsers read as a slash.
_PLAIN = re.compile(r"/(?!/)[!-\[\]-~]*")


def own_path(asked: str | None) -> str:
    """``asked`` if it is the path of a page of ours that a browser may be sent to, else the menu."""
    if not asked or len(asked) > _LONGEST or not _PLAIN.fullmatch(asked):
        return _MENU
    path = urlsplit(asked).path
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return _MENU
    return _MENU if endpoint in ("static", "login.login") else asked


def login_path() -> str:
    """The path of the login that leads back to the page that was asked for.

    What was posted to a page leads back to its form: to the same path, which must be a page of its own.
    """
    return _leading_back(_LOGIN)


def opening_path() -> str:
    """The path of what opens a login of which nothing may be shown yet; it leads back in the same way."""
    return _leading_back(_OPENING)


def _leading_back(path: str) -> str:
    asked = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else request.path
    wanted = own_path(asked)
    return path if wanted == _MENU else f"{path}?{urlencode({'next': wanted})}"
