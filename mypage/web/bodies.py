"""Bodies that are larger than a form: which views take them, how many at a time, and how long one waits for a byte.

A web process answers with few threads (``cli/web.py``). So one body a process is read at a time, on a line as slow as it
may be, and the other threads stay for everybody else; a line that falls silent is given up.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from itertools import chain
from queue import Empty, Full, Queue
from typing import IO, Any, Final, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

from mypage.domain.kept_file import BrokenOff
from mypage.web import staff_logins
from mypage.web.keeping import keeper

View = TypeVar("View", bound=Callable[..., Any])
_TYPE: Final = "application/offset+octet-stream"
_NO_LIMIT: Final = 1 << 60
_CHUNK: Final = 1 << 16
_MOST_WAITING: Final = 4
_SILENT_SECONDS: Final = 10.0
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
    app.url_value_preprocessor(_widen)


def _widen(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    view = current_app.view_functions.get(endpoint or "")
    body = _OF_VIEWS.get(view) if view is not None else None
    if body is Body.BYTES and request.mimetype == _TYPE:
        # Nothing of it is read but by the view, which looks at the file's own limit.
        request.max_content_length = _NO_LIMIT
    elif body is Body.FILES and _may_open(endpoint or ""):
        request.max_content_length = keeper().limits.largest


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
    """The bytes of a body as they come. Raises :class:`BrokenOff` where the line broke, or fell silent.

    The server's ``read`` cannot be given up, so a thread of its own sits in it; it ends with the connection.
    """

    def __init__(self, stream: IO[bytes], silent_seconds: float = _SILENT_SECONDS) -> None:
        self._stream, self._silent = stream, silent_seconds
        self._queue: Queue[bytes | None] = Queue(_MOST_WAITING)
        self._is_left = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        threading.Thread(target=self._read, name="body", daemon=True).start()
        try:
            while True:
                try:
                    chunk = self._queue.get(timeout=self._silent)
                except Empty:
                    raise BrokenOff from None
                if chunk is None:
                    raise BrokenOff
                if not chunk:
                    return
                yield chunk
        finally:
            self._is_left.set()

    def _read(self) -> None:
        chunk: bytes | None = b"-"
        while chunk and not self._is_left.is_set():
            try:
                chunk = self._stream.read(_CHUNK)
            except (OSError, RuntimeError, ValueError, HTTPException):
                chunk = None
            self._hand(chunk)

    def _hand(self, chunk: bytes | None) -> None:
        while not self._is_left.is_set():
            with suppress(Full):
                self._queue.put(chunk, timeout=1.0)
                return
