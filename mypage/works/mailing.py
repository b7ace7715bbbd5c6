"""Expand mailings: write the mails of a deed that many people are told of, some hundred customers at a time.

A chunk is looked up outside of any transaction and written in a short one with its checkpoint: a kill repeats nothing and
loses nothing, two workers never write the same chunk, and nobody waits long behind one.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.services import mailings
from mypage.services.mailing_kinds import KINDS
from mypage.services.mailings import Found, MailingKind
from mypage.store import mailings as store
from mypage.store.engine import Database
from mypage.store.mailings import Mailing

log = logging.getLogger("mypage.mail")

# As many customers are taken at once as are written in so much time: for that long whoever else writes on SQLite waits.
_SECONDS_OF_WRITING: Final = 0.01
_FEW, _MANY = 100, 1_000
# Where nobody is to be told, a checkpoint is written no more often than this.
_SECONDS_AT_MOST: Final = 1.0
# SQLite has no queue for its write lock: who waits looks again from time to time, and must find it free. As long as it
# was taken, and no shorter than this.
_PAUSE_ON_SQLITE: Final = 0.02


class Expansion:
    """One worker's way with the mailings."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        at_once: int | None = None,
    ) -> None:
        """``at_once``: so many customers a chunk; None: by the time that they take."""
        self._settings = settings
        self._database = database
        self._clock = clock
        self._fixed, self._at_once = at_once is not None, at_once or _FEW
        self._written_in = 0.0

    def all(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Expand all that is to be expanded now, until ``stopping``; how many chunks. Raises the database's errors."""
        chunks = 0
        while not stopping() and self.round():
            chunks += 1
            if self._database.is_sqlite:
                time.sleep(max(_PAUSE_ON_SQLITE, self._written_in))
        return chunks

    def round(self) -> bool:
        """Expand the next chunk of the most urgent mailing; False where there is none."""
        now = self._clock.now()
        with self._database.reading() as connection:
            mailing = store.next_one(connection, tuple(KINDS))
            if mailing is None:
                return False
            kind = KINDS[mailing.kind]
            pointless = kind.is_pointless(connection, mailing, settings=self._settings, now=now)
            found = Found(None) if pointless else self._look(connection, kind, mailing)
        with self._database.writing() as connection:
            begun = time.monotonic()
            if pointless:
                ended = mailings.give_up(connection, mailing, now=now)
            else:
                written = mailings.write(connection, mailing, found, kind, now=now)
                ended = written is not None and found.until is None
        self._keep_pace(len(found.mails), time.monotonic() - begun)
        if ended:
            log.info("mailing ended", extra={"mailing": mailing.id, "mails": mailing.mails})
        return True

    def _keep_pace(self, mails: int, seconds: float) -> None:
        self._written_in = seconds
        if mails and not self._fixed:
            wanted = int(mails / max(seconds, 0.0001) * _SECONDS_OF_WRITING)
            self._at_once = max(_FEW, min(wanted, self._at_once * 2, _MANY))

    def _look(self, connection: Connection, kind: MailingKind, mailing: Mailing) -> Found:
        """The next customers of whom somebody is to be told, or some more where nobody is."""
        begun, after, examined = time.monotonic(), mailing.cursor, 0
        while True:
            found = kind.find(
                connection,
                mailing,
                after=after,
                limit=self._at_once,
                settings=self._settings,
                now=self._clock.now(),
            )
            if found.until is None:
                # What was looked at before the end is written down first.
                return found if not examined else Found(after, examined)
            examined += found.examined
            if found.mails or time.monotonic() - begun >= _SECONDS_AT_MOST:
                return found._replace(examined=examined)
            after = found.until
