"""Refusals of visitors whom nobody knows: counted for the shift, with never more than one write a second each.

Rubbish costs whoever sends it nothing, so it must not cost the database much either: what comes faster is added up in
the process and goes out with the next one of its kind.
"""

import logging
import math
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Final, cast

from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.services import stumbles
from mypage.web.house import house, now

log = logging.getLogger("mypage.web")
_EXTENSION = "mypage_stumbles"
_SECONDS: Final = 1.0
Kind = tuple[str, str, str]


class _Pending:
    """How many of each kind are not written yet. The kinds are few: words of ours, never a visitor's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[Kind, int] = {}
        self._written: dict[Kind, float] = {}

    def add(self, kind: Kind) -> int:
        """One more; how many to write now, 0 if it is too soon after the last write."""
        with self._lock:
            times = self._times.pop(kind, 0) + 1
            if time.monotonic() - self._written.get(kind, -math.inf) < _SECONDS:
                self._times[kind] = times
                return 0
            self._written[kind] = time.monotonic()
            return times


def register(app: Flask) -> None:
    """Begin to count in this process."""
    app.extensions[_EXTENSION] = _Pending()


def count(step: str, refused: Mapping[str, Sequence[str]]) -> None:
    """Count what was refused on the screen ``step``: by cause, the codes of the rules."""
    pending = cast(_Pending, current_app.extensions[_EXTENSION])
    kinds = sorted((step, cause, rule) for cause, rules in refused.items() for rule in rules)
    due = [(kind, times) for kind in kinds if (times := pending.add(kind))]
    if not due:
        return
    try:
        with house().database.writing() as connection:
            for (_, cause, rule), times in due:
                stumbles.count(connection, step, cause, rule=rule, times=times, now=now())
    except (DBAPIError, PoolTimeout) as error:
        # The page tells what is wrong all the same.
        log.warning("stumble not counted", extra={"fault": type(error).__name__})
