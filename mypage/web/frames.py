"""The shell of a page, made once a language: for the pages that are asked for most.

All of such a page but a few places is the same for everybody. A frame is an ordinary template that prints the names
it is given, and nothing else that changes; it is rendered once with a mark for each of them, and each page is put
together from the parts between the marks.
"""

import re
import secrets
from dataclasses import dataclass
from typing import Final

from flask import current_app, g
from markupsafe import Markup, escape

from mypage.web import csrf
from mypage.web.language import language
from mypage.web.pages import page

_EXTENSION: Final = "mypage_frames"
# Nothing that anybody types ever stands in a frame, so no text can be taken for a mark.
_MARK: Final = f"place-{secrets.token_hex(16)}-"
_PLACE: Final = re.compile(f"{_MARK}([a-z_]+);")

_Parts = tuple[list[bytes], list[tuple[int, str]]]


@dataclass(frozen=True)
class _Shown:
    """Stands for the account while a frame is made; no frame tells whose it is."""

    nickname: str = ""


def framed(frame: str, **values: object) -> str | bytes:
    """The page that ``frame`` makes of ``values``, for somebody who is logged in.

    The names of ``values`` are the same at each call for a frame. Texts are escaped, markup stands as it is.
    """
    if "customer_query" in g:
        # A login with several customers: every link of the shell carries which one.
        return page(frame, **values)
    parts, places = _parts(frame, tuple(values))
    written = parts.copy()
    values["csrf_token"] = csrf.token()
    for place, name in places:
        value = values[name]
        written[place] = (value if type(value) is Markup else escape(value)).encode()
    return b"".join(written)


def _parts(frame: str, names: tuple[str, ...]) -> _Parts:
    """The parts of a frame in their order (UTF-8), and which of them are places for what."""
    kept: dict[tuple[str, str], _Parts] = current_app.extensions.setdefault(_EXTENSION, {})
    key = (frame, language())
    if key not in kept:
        marks = {name: f"{_MARK}{name};" for name in (*names, "csrf_token")}
        token = marks.pop("csrf_token")
        html = page(frame, account=_Shown(), csrf_token=lambda: token, interrupted=None, **marks)
        # re.split puts what is in brackets between the parts: every second one is a name.
        parts = _PLACE.split(html)
        places = [(place, parts[place]) for place in range(1, len(parts), 2)]
        kept[key] = ([part.encode() for part in parts], places)
    return kept[key]
