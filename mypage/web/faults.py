"""The request numbers that people are shown, kept for staff's search as soon as the database takes something down.

A fault of a page is written at once. While the database is away nothing can be: what waits is held in the process, and
goes out with the first request that finds the database back. It is bounded, so that an outage under load fills nothing.
"""

import logging
import threading
import time
from collections import deque
from typing import Any, Final, cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.store import faults as store
from mypage.web.house import house, now

log = logging.getLogger("mypage.web")
_EXTENSION: Final = "mypage_faults"
_MOST_WAITING: Final = 10_000
# After the database refused once more; a request is not to wait for what concerns another.
_SECONDS: Final = 1.0


class _Waiting:
    def __init__(self) -> None:
        self.rows: deque[dict[str, Any]] = deque(maxlen=_MOST_WAITING)
        self._lock = threading.Lock()
        self._tried = -_SECONDS

    def taken(self) -> list[dict[str, Any]]:
        """What is to be written now; nothing where that failed a moment ago, or another thread does so."""
        with self._lock:
            if time.monotonic() - self._tried < _SECONDS:
                return []
            rows = list(self.rows)
            self.rows.clear()
            return rows

    def give_back(self, rows: list[dict[str, Any]]) -> None:
        """They could not be written."""
        with self._lock:
            self._tried = time.monotonic()
            self.rows.extendleft(reversed(rows))


def register(app: Flask) -> None:
    """Begin to keep them in this process."""
    app.extensions[_EXTENSION] = _Waiting()
    app.after_request(_write)


def note(request_number: str, status: int, what: str) -> None:
    """Somebody is shown a number because of ``what`` (the name of an error of ours, never its text)."""
    account = g.get("account")
    _waiting().rows.append(
        {
            "request_number": request_number,
            "at": now(),
            "status": status,
            "what": what,
            "method": request.method,
            "endpoint": request.endpoint or "",
            "account_id": None if account is None else account.get_id(),
        }
    )


def _write(response: Response) -> Response:
    """After each request: what waits, unless this very one could not reach the database."""
    waiting = _waiting()
    if not waiting.rows or response.status_code == 503:
        return response
    rows = waiting.taken()
    if rows:
        try:
            with house().database.writing(matters=False) as connection:
                store.add(connection, rows)
        except (DBAPIError, PoolTimeout) as error:
            waiting.give_back(rows)
            log.warning("request numbers not kept yet", extra={"fault": type(error).__name__})
    return response


def _waiting() -> _Waiting:
    return cast(_Waiting, current_app.extensions[_EXTENSION])
