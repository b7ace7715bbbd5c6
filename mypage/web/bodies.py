"""Bodies that are larger than a form: which views take them, and how many at a time.

A web process answers with few threads (``cli/web.py``). So one body a process is read at a time, on a line as slow as
``web.paced`` lets it be, and the other threads stay for everybody else.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from itertools import chain
from typing import IO, Any, Final, TypeVar

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestTimeout

from mypage.domain.kept_file import BrokenOff, TooSlow
from mypage.web import own_paths, problems, staff_logins, staff_pages
from mypage.web.errors import request_number
from mypage.web.keeping import keeper
from mypage.web.spool import ScratchFull, Spooling
from mypage.words import kept_files as words

log = logging.getLogger("mypage.web")
View = TypeVar("View", bound=Callable[..., Any])
_TYPE: Final = "application/offset+octet-stream"
_NO_LIMIT: Final = 1 << 60
# So little of an upload is lost when its line breaks.
_CHUNK: Final = 1 << 12
_turns = threading.BoundedSemaphore(1)


class Body(Enum):
    """What a view takes: bytes of a file and nothing else, or a form with files from whoever may open its page."""

    BYTES = "bytes"
    FILES = "files"


_OF_VIEWS: dict[Callable[..., Any], Body] = {}


def takes(body: Body) -> Callable[[View], View]:
    """The view takes large bodies. Directly above the function, below the route."""

    def mark(view: View) -> View:
        _OF_VIEWS[view] = body
        return view

    return mark


def register(app: Flask) -> None:
    """Let those views have them, before anybody looks into the body."""
    app.request_class = Spooling
    app.register_error_handler(ScratchFull, _full)
    app.before_request(_widen)
    app.teardown_request(_give_back)


def _widen() -> ResponseReturnValue | None:
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    body = _OF_VIEWS.get(view) if view is not None else None
    if body is Body.BYTES and request.mimetype == _TYPE:
        # Nothing of it is read but by the view, which looks at the file's own limit.
        request.max_content_length = _NO_LIMIT
    elif body is Body.FILES and request.method == "POST" and _is_large() and _may_open(endpoint):
        if not _turns.acquire(blocking=False):
            return _told("uploads_taken"), 503
        g.has_turn = True
        request.max_content_length = keeper().limits.largest
    return None


def _full(_error: Exception) -> ResponseReturnValue:
    log.error("scratch is full")
    if own_paths.is_api():
        return problems.of_refusal("scratch_full", request_number())
    return _told("scratch_full"), 507


def _told(code: str) -> str:
    why = words.sentence(code)
    return staff_pages.page("staff/batch_file.html", batch_id=None, why=why, gone_at=None, days=0)


def _is_large() -> bool:
    usual: int = current_app.config["MAX_CONTENT_LENGTH"]
    return request.content_length is None or request.content_length > usual


def _give_back(_error: BaseException | None) -> None:
    if g.pop("has_turn", False):
        _turns.release()


def _may_open(endpoint: str) -> bool:
    session = staff_logins.current()
    return session is not None and session.is_whole and staff_logins.allows(endpoint, session.role)


@contextmanager
def turn() -> Iterator[bool]:
    """Whether this request may read a large body now; no other one of this process does meanwhile."""
    has_turn = _turns.acquire(blocking=False)
    try:
        yield has_turn
    finally:
        if has_turn:
            _turns.release()


class Leaving:
    """A large answer in pieces, which takes the turn of a large body until it is closed."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._has_turn = True

    @classmethod
    def begin(cls, pieces: Iterator[bytes]) -> "Leaving | None":
        """None where another large body has the turn."""
        return cls(pieces) if _turns.acquire(blocking=False) else None

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def after(self, first: bytes) -> "Leaving":
        """The same, with ``first`` (a piece that was read already) before the rest."""
        self._pieces = chain((first,), self._pieces)
        return self

    def close(self) -> None:
        """Give the turn back; the server calls this at the end, however it came about."""
        if self._has_turn:
            self._has_turn = False
            _turns.release()


class Arriving:
    """The bytes of a body as they come. Raises :class:`BrokenOff` where the line broke or is too slow (``web.paced``)."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        while True:
            try:
                chunk = self._stream.read(_CHUNK)
            except RequestTimeout:
                raise TooSlow from None
            except (OSError, RuntimeError, HTTPException):
                raise BrokenOff from None
            if not chunk:
                return
            yield chunk
