"""Answer the requests for recovery that the door has kept: each in a transaction of its own.

Killed at any moment, a request is either there still or answered whole. Any number of workers may do this at once.
"""

import logging
import time
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.services import recovery
from mypage.store import recovery as store
from mypage.store.engine import Database

log = logging.getLogger("mypage.recovery")

# Few, so that their mails go out before the next ones are looked at: somebody waits at the screen for each.
_AT_ONCE: Final = 10
_LOOKS_EVERY_SECONDS: Final = 0.5


class Recovery:
    """One worker's way with the requests."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._looked_at = 0.0

    def waits(self) -> bool:
        """Whether somebody asks; looked up twice a second at most, so that it may be asked between two mails."""
        if time.monotonic() - self._looked_at < _LOOKS_EVERY_SECONDS:
            return False
        self._looked_at = time.monotonic()
        with self._database.reading() as connection:
            return store.anything_waits(connection)

    def round(self) -> bool:
        """Answer some requests, the oldest first; whether more may wait. Raises the database's errors."""
        with self._database.reading() as connection:
            waiting = store.waiting(connection, _AT_ONCE)
        answered = sum(self._answer(request_id) for request_id in waiting)
        return answered == _AT_ONCE

    def _answer(self, request_id: int) -> bool:
        try:
            with self._database.writing() as connection:
                return recovery.answer(connection, request_id, settings=self._settings, now=self._clock.now())
        except (OperationalError, PoolTimeout):
            raise
        # A fault of ours with one request must not keep those behind it waiting; it stays, and comes again.
        except DBAPIError as error:
            # The driver's message may quote what was typed.
            fault = type(error).__name__
            log.error("request cannot be answered", extra={"request_id": request_id, "fault": fault})
        except Exception:
            log.exception("request cannot be answered", extra={"request_id": request_id})
        return False
