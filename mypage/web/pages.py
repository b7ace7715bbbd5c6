"""Rendering a page in the person's language."""

import hashlib
from functools import cache
from typing import Any

from flask import current_app, g, request, url_for

from mypage.config.settings import Settings
from mypage.web import colours, csrf, kept_form
from mypage.web.chart import draw_months
from mypage.web.house import house
from mypage.web.language import language
from mypage.web.own_paths import SAID, this_page
from mypage.words.catalogue import LANGUAGES
from mypage.words.filters import filters
from mypage.words.templates import ROOT, LanguageEnvironment, environment

_EXTENSION = "mypage_pages"
_SAID_BY_THE_SHELL = frozenset(("form_old", "other_login"))


def prepare(settings: Settings) -> dict[str, LanguageEnvironment]:
    """One environment a language, with what does not change between requests."""
    return {
        each: environment(
            each,
            filters(each),
            {
                "operator": settings,
                "language": each,
                "path": path,
                "static": static_path,
                "operator_style_sheet": colours.path(settings),
                "csrf_token": csrf.token,
                "form_owner": kept_form.mark,
                "draw_months": draw_months,
                # What links carry where a login holds several customers ("?c=…").
                "customer_query": "",
            },
        )
        for each in LANGUAGES
    }


def path(endpoint: str, **values: Any) -> str:
    """The path of an endpoint on this portal; never an address with a host."""
    return url_for(endpoint, **values)


@cache
def static_path(name: str) -> str:
    """The path of a static file with a mark of its content, so that browsers may keep it for a year."""
    digest = hashlib.sha256((ROOT / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def environments() -> dict[str, LanguageEnvironment]:
    """The current app's environments, by language."""
    made: dict[str, LanguageEnvironment] = current_app.extensions[_EXTENSION]
    return made


def page(template: str, /, **context: Any) -> str:
    """``template`` in the person's language, with the account that is logged in (or None)."""
    context.setdefault("account", g.get("account"))
    if "customer_query" in g:
        context.setdefault("customer_query", g.customer_query)
    context.setdefault("errors", None)
    context.setdefault("interrupted", _interrupted())
    context.setdefault("posted", this_page() if request.method == "POST" else None)
    return environments()[language()].get_template(template).render(context)


def _interrupted() -> str | None:
    """What became of a form that the person sent before this page, if something did: the shell says so."""
    if "taken_up" in g:
        return "taken_up"
    if "form_was_old" in g:
        return "form_old"
    code = request.args.get(SAID) if request.query_string else None
    return code if code in _SAID_BY_THE_SHELL else None


def register() -> None:
    """Make the environments of the current app."""
    current_app.extensions[_EXTENSION] = prepare(house().settings)
