"""The shell of a page, made once a language: for the pages that are asked for most.

Everything around the content of such a page is the same for everybody but the token of the forms and the title.
A frame is an ordinary template that prints ``title`` and ``content``; it is rendered once with marks in their places,
and each page is put together from the parts between the marks.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Any, Final

from flask import current_app, g
from markupsafe import Markup, escape

from mypage.web import csrf
from mypage.web.language import language
from mypage.web.pages import environments, page

_EXTENSION: Final = "mypage_frames"
# Nothing that anybody types ever stands in a frame, so no text can be taken for a mark.
_MARKS: Final = {name: f"{name}-{secrets.token_hex(16)}" for name in ("token", "title", "content")}
_PLACES: Final = re.compile("|".join(f"(?P<{name}>{mark})" for name, mark in _MARKS.items()))


@dataclass(frozen=True)
class _Shown:
    """Stands for the account while a frame is made; no frame tells whose it is."""

    nickname: str = ""


def framed(frame: str, template: str, *, title: str = "", **context: Any) -> str:
    """The page that ``frame`` makes around ``template``, for somebody who is logged in.

    ``context`` is all that ``template`` sees beside the environment's own names.
    """
    content = environments()[language()].get_template(template).render(context)
    if "customer_query" in g:
        # A login with several customers: every link of the shell carries which one.
        return page(frame, title=title, content=Markup(content))  # noqa: S704 - rendered with autoescape
    values = {"token": csrf.token(), "title": str(escape(title)), "content": content}
    parts = _parts(frame)
    return "".join([values.get(part, part) for part in parts])


def _parts(frame: str) -> list[str]:
    """The text of the frame in turns with the names of what stands between."""
    made: dict[tuple[str, str], list[str]] = current_app.extensions.setdefault(_EXTENSION, {})
    key = (frame, language())
    parts = made.get(key)
    if parts is None:
        html = page(
            frame,
            account=_Shown(),
            csrf_token=lambda: _MARKS["token"],
            title=_MARKS["title"],
            content=_MARKS["content"],
        )
        parts = made[key] = _split(html)
    return parts


def _split(html: str) -> list[str]:
    parts, end = [], 0
    for place in _PLACES.finditer(html):
        parts += [html[end : place.start()], str(place.lastgroup)]
        end = place.end()
    return [*parts, html[end:]]
