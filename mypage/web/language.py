"""Which language a person reads: ``?lang=en``, then a cookie, then the browser."""

from flask import Response, g, request

from mypage.web.house import house
from mypage.words.catalogue import LANGUAGES

COOKIE = "lang"
_YEAR = 365 * 24 * 60 * 60


def language() -> str:
    """``ja`` or ``en`` for the current request."""
    if "language" not in g:
        g.language = _asked() or _remembered() or request.accept_languages.best_match(LANGUAGES) or "ja"
    return str(g.language)


def _asked() -> str | None:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else None


def _remembered() -> str | None:
    remembered = request.cookies.get(COOKIE, "")
    return remembered if remembered in LANGUAGES else None


def remember(response: Response) -> Response:
    """Keep a choice made by ``?lang=`` for a year."""
    asked = _asked()
    if asked and asked != _remembered():
        response.set_cookie(
            COOKIE, asked, max_age=_YEAR, httponly=True, samesite="Lax", secure=house().settings.is_https
        )
    return response
