"""The worker: answers who asks for recovery, delivers the outbox, publishes at a time and cleans up, until it is asked to end.

Any number may run at once. What is to be published may have to be checked again, and what a killed check staged is
removed, which takes minutes: that happens beside the mail, which somebody waits for. So do the heads of the trail,
which are written outside the database, and the purge of its details. What was handed over through a browser or the API
is checked beside all of these, and mailings are expanded in a thread of their own.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.domain.backoff import retry_delay
from mypage.store.engine import Database
from mypage.works import kept_files
from mypage.works.clean_up import clean_up
from mypage.works.deliver import Delivery, Round
from mypage.works.keeping import Keeper
from mypage.works.load import left, waiting
from mypage.works.mailing import Expansion
from mypage.works.recovery import Recovery
from mypage.works.scheduled import publish_due
from mypage.works.trail_head import HeadWriter
from mypage.works.trail_purge import purge
from mypage.works.withdrawals import settle_taken_back

log = logging.getLogger("mypage.worker")
Done = TypeVar("Done")

# Somebody waits at the screen for the signup mail; looking is one indexed query.
_LOOKS_EVERY: Final = timedelta(seconds=0.5)
_CLEANS_UP_EVERY: Final = timedelta(minutes=10)
# Somebody waits at the screen for the check of what they handed over.
_LOOKS_AT_RECEIVED_EVERY: Final = timedelta(seconds=1)
_LOOKS_AT_SCHEDULE_EVERY: Final = timedelta(seconds=2)
_LOOKS_AT_MAILINGS_EVERY: Final = timedelta(seconds=2)
# The head of the trail is due every hour; where its disk is missing, it is looked for as often as this.
_WRITES_HEAD_EVERY: Final = timedelta(minutes=5)
# Looking for what is to be purged reads much where the trail is long.
_PURGES_EVERY: Final = timedelta(hours=6)
# After an outage nobody waits longer than this for the next try.
_LONGEST_PAUSE: Final = timedelta(seconds=20)


class _Every:
    """Says whether something is due again, also after the clock was set back."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval
        self._last: datetime | None = None

    def __call__(self, now: datetime) -> bool:
        if self._last is not None and abs(now - self._last) < self._interval:
            return False
        self._last = now
        return True


class Worker:
    """One worker process."""

    def __init__(self, settings: Settings, database: Database, clock: Clock) -> None:
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._settings = settings
        self._database = database
        self._clock = clock
        self._recovery = Recovery(settings, database, clock)
        self._delivery = Delivery(settings, database, clock, self._name)
        self._expansion = Expansion(settings, database, clock)
        self._keeper = Keeper(settings, database)
        self._heads = HeadWriter(settings, database)
        self._ending = threading.Event()
        self._failures = 0
        self._cleans_up_at = self._cleans_up_batches_at = clock.now()
        self._head_is_due, self._purge_is_due = _Every(_WRITES_HEAD_EVERY), _Every(_PURGES_EVERY)

    def end(self) -> None:
        """Let :meth:`run` return after the mail in hand; what else was taken is given back."""
        self._ending.set()

    def run(self) -> None:
        """Work until :meth:`end`. A database or mail server that is away is waited for."""
        log.info("worker begins")
        beside = threading.Thread(target=self._publish_at_times, name="schedule", daemon=True)
        beside.start()
        threading.Thread(target=self._expand_mailings, name="mailings", daemon=True).start()
        checks = threading.Thread(target=self._check_received, name="checks", daemon=True)
        checks.start()
        while not self._ending.is_set():
            pause = self._turn()
            if pause:
                self._ending.wait(pause.total_seconds())
        self._delivery.close()
        log.info("worker ends")

    def run_once(self) -> bool:
        """Answer what was asked, deliver and publish what is due now, and clean up; False when the mail server was away.

        Raises the database's errors.
        """
        while self._recovery.round():
            pass
        self._expansion.all(self._ending.is_set)
        done = self._deliver_all()
        waiting.check_all_received(self._settings, self._database, self._keeper, self._clock)
        publish_due(self._settings, self._database, self._clock)
        settle_taken_back(self._database, self._clock, self._ending.is_set)
        if self._expansion.all(self._ending.is_set) and not done.unreachable:
            done = self._deliver_all()
        self._delivery.close()
        self._clean_up_batches()
        kept_files.purge(self._keeper, self._clock.now())
        clean_up(self._settings, self._database, self._clock.now())
        self._purge()
        self._heads.round(self._clock.now())
        return not done.unreachable

    def _deliver_all(self) -> Round:
        while True:
            done = self._delivery.round(self._ending.is_set)
            if done.unreachable or not done.more:
                return done

    def _expand_mailings(self) -> None:
        while not self._ending.wait(_LOOKS_AT_MAILINGS_EVERY.total_seconds()):
            self._tried(lambda: self._expansion.all(self._ending.is_set))

    def _check_received(self) -> None:
        """Beside all else: a check takes minutes, and nothing that is due waits for it."""
        while not self._ending.is_set():
            if not self._tried(self._check_next):
                self._ending.wait(_LOOKS_AT_RECEIVED_EVERY.total_seconds())

    def _check_next(self) -> bool:
        return waiting.check_received(self._settings, self._database, self._keeper, self._clock)

    def _publish_at_times(self) -> None:
        while not self._ending.wait(_LOOKS_AT_SCHEDULE_EVERY.total_seconds()):
            self._tried(lambda: settle_taken_back(self._database, self._clock, self._ending.is_set))
            self._tried(lambda: publish_due(self._settings, self._database, self._clock))
            if self._clock.now() >= self._cleans_up_batches_at:
                self._cleans_up_batches_at = self._clock.now() + _CLEANS_UP_EVERY
                self._tried(self._clean_up_batches)
                self._tried(lambda: kept_files.purge(self._keeper, self._clock.now()))
            if self._head_is_due(self._clock.now()):
                self._tried(lambda: self._heads.round(self._clock.now()))
            if self._purge_is_due(self._clock.now()):
                self._tried(self._purge)

    def _clean_up_batches(self) -> None:
        left.clean_up(self._database, self._settings.scratch, actor="worker", now=self._clock.now())

    def _purge(self) -> int:
        return purge(self._settings, self._database, self._clock.now(), self._ending.is_set)

    def _turn(self) -> timedelta | None:
        """One look at everything; how long to wait before the next."""
        asks_more = self._tried(self._recovery.round)
        done = self._tried(lambda: self._delivery.round(self._is_called_away))
        if done is None or done.unreachable:
            self._failures += 1
            return retry_delay(self._failures, self._name, first=timedelta(seconds=1), longest=_LONGEST_PAUSE)
        self._failures = 0
        if done.more or asks_more:
            return None
        if self._clock.now() >= self._cleans_up_at:
            self._cleans_up_at = self._clock.now() + _CLEANS_UP_EVERY
            self._tried(lambda: clean_up(self._settings, self._database, self._clock.now()))
        return _LOOKS_EVERY

    def _is_called_away(self) -> bool:
        """Whether the mails in hand are left for now: nobody who asks for recovery waits behind a mass mailing."""
        return self._ending.is_set() or self._recovery.waits()

    def _tried(self, deed: Callable[[], Done]) -> Done | None:
        """What ``deed`` gives; None, and a line in the log, when it failed."""
        try:
            return deed()
        except (DBAPIError, PoolTimeout) as error:
            # The driver's message may quote bound values: only its kind goes into the log.
            log.error("database unavailable", extra={"fault": type(error).__name__})
        except Exception as error:
            # The worker must outlive any single fault: without it nobody gets a mail.
            log.exception("turn failed", extra={"fault": type(error).__name__})
        return None
