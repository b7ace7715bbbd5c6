"""Which language a person reads: ``?lang=en``, then a cookie, then the browser."""

from functools import lru_cache

from flask import Response, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from mypage.web.house import house
from mypage.web.own_paths import is_api
from mypage.words.catalogue import LANGUAGES

COOKIE = "lang"
_LONGEST = 200
_YEAR = 365 * 24 * 60 * 60


def language() -> str:
    """``ja`` or ``en`` for the current request."""
    if "language" not in g:
        g.language = _asked() or _remembered() or preferred()
    return str(g.language)


def preferred() -> str:
    """The language that this request's browser or programme asks for, whatever was chosen before."""
    return _preferred(request.headers.get("Accept-Language", "")[:_LONGEST])


@lru_cache(maxsize=1024)
def _preferred(accepted: str) -> str:
    """The language that a browser would rather have; the headers of all browsers are few."""
    return parse_accept_header(accepted, LanguageAccept).best_match(LANGUAGES) or "ja"


def _asked() -> str | None:
    asked = request.args.get("lang", "") if request.query_string else ""
    return asked if asked in LANGUAGES else None


def _remembered() -> str | None:
    remembered = request.cookies.get(COOKIE, "")
    return remembered if remembered in LANGUAGES else None


def remember(response: Response) -> Response:
    """Keep a choice made by ``?lang=`` for a year; programmes get no cookie."""
    asked = None if is_api() else _asked()
    if asked and asked != _remembered():
        response.set_cookie(
            COOKIE, asked, max_age=_YEAR, httponly=True, samesite="Lax", secure=house().settings.is_https
        )
    return response
