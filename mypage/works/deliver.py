"""Deliver the outbox: take what is due, hand it to the mail server, record what the server said.

The token of a link is signed here, at each attempt anew with the same serial: it never rests in the database, and
an outage of the mail server costs the customer none of the 24 hours (specification §7). Nothing is said to the
server inside a transaction.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from mypage.adapters.clock import Clock
from mypage.adapters.mail_journal import MailJournal, journal_folder
from mypage.adapters.smtp import Conversation, Later, Outcome, Unreachable
from mypage.config.settings import Settings
from mypage.config.values import SmtpServer
from mypage.domain.mail import Worth, worth
from mypage.services import deliveries, outages
from mypage.services.outbox import OutboxMessage
from mypage.store.engine import Database
from mypage.works.mail_record import Fate, MailRecord
from mypage.works.mail_writer import MailWriter

log = logging.getLogger("mypage.mail")

# As many mails are taken at once as go out in about a second: a server that is slow holds few of them up.
_FEW: Final = 10
_MANY: Final = 500
_SECONDS_OF_WORK: Final = 1.0
# What is begun in this time ends within the lease, however slowly the server answers.
_BEGIN_WITHIN: Final = timedelta(seconds=60)
# A mail for somebody who waits at the screen waits no longer than this behind others, and the one in hand.
_LOOKS_EVERY: Final = timedelta(seconds=0.05)
# And so many mails ahead, whether they are still to be sent.
_LOOKS_AHEAD: Final = 50


@dataclass(frozen=True)
class Round:
    """What one round did: mails that met their fate, whether more may be due, whether the server was away."""

    settled: int = 0
    more: bool = False
    unreachable: bool = False


class Delivery:
    """One worker's way with the mails. ``worker`` is a name that no other living worker has."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        worker: str,
        converse: Callable[[SmtpServer], Conversation] = Conversation,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._worker = worker
        self._writer = MailWriter(settings)
        self._server = f"{settings.smtp.host}:{settings.smtp.port}"
        self._journal = _journal(settings, database, worker)
        self._record = MailRecord(
            database, self._journal, server=self._server, worker=worker, settings=settings
        )
        self._conversation = converse(settings.smtp)
        self._at_once = _FEW

    def close(self) -> None:
        """End; what could not be recorded is left to the next worker."""
        self._conversation.end()
        if self._journal is not None:
            self._journal.close()

    def round(self, stopping: Callable[[], bool] = lambda: False) -> Round:
        """Deliver some due mails, the most urgent first. Raises the database's errors when it is away.

        ``stopping`` is asked before each mail but the first; whether what is left is given back.
        """
        # First what the server said before and the database could not take down, else it is sent twice.
        self._record.flush()
        self._record.adopt()
        mails = self._taken()
        if not mails:
            # One conversation serves a whole mailing, and nobody is kept waiting without a word.
            self._conversation.end()
            return Round()
        begun = monotonic()
        done = self._delivered(mails, stopping)
        self._record.flush()
        seconds = monotonic() - begun
        # What was cut short at once by something more urgent says nothing of the server.
        if done.settled == len(mails) or seconds >= _SECONDS_OF_WORK:
            self._keep_pace(done.settled, seconds)
        return done

    def _keep_pace(self, settled: int, seconds: float) -> None:
        wanted = int(settled / max(seconds, 0.001) * _SECONDS_OF_WORK)
        self._at_once = max(_FEW, min(wanted, self._at_once * 10, _MANY))

    def _taken(self) -> list[OutboxMessage]:
        now, living = self._clock.now(), self._living()
        # Looking takes no write lock: an idle worker disturbs nobody.
        with self._database.reading() as connection:
            if not deliveries.is_due(connection, worker=self._worker, now=now, living=living):
                return []
        with self._database.writing() as connection:
            return deliveries.take(
                connection, worker=self._worker, now=now, limit=self._at_once, living=living
            )

    def _living(self) -> Sequence[str]:
        return () if self._journal is None else self._journal.living()

    def _delivered(self, mails: list[OutboxMessage], stopping: Callable[[], bool]) -> Round:
        taken_at = looked = self._clock.now()
        seen_to, held, gone, reached = 0, set[int](), set[int](), False
        for number, mail in enumerate(mails):
            called_away = number > 0 and stopping()
            if called_away or number == seen_to or self._is_over(looked, _LOOKS_EVERY):
                if number and (
                    called_away or self._is_over(taken_at, _BEGIN_WITHIN) or self._is_more_urgent_due(mail)
                ):
                    self._give_back(mails[number:])
                    return Round(number, more=True)
                seen_to = number + _LOOKS_AHEAD
                looked = self._clock.now()
                held, gone = self._looked_at(mails[number:seen_to])
            value = self._worth(mail, held, gone)
            if value is None:
                continue
            following = mails[number + 1] if number + 1 < len(mails) else None
            what = self._sent(mail, following) if value is Worth.SEND else value
            if isinstance(what, Unreachable):
                self._give_back(mails[number:])
                self._begin_outage(what)
                return Round(number, unreachable=True)
            # Taken down before anything else: a kill must not forget what the server took.
            self._record.add(Fate(mail, what, self._clock.now()))
            if not (reached or isinstance(what, Worth)):
                reached = True
                self._end_outage()
        return Round(len(mails), more=True)

    def _is_over(self, since: datetime, lasts: timedelta) -> bool:
        """Whether that time has passed; a clock that was set back tells nothing, so it counts as passed."""
        return not timedelta() <= self._clock.now() - since < lasts

    def _is_more_urgent_due(self, mail: OutboxMessage) -> bool:
        with self._database.reading() as connection:
            return deliveries.is_due_before(
                connection, mail.priority, now=self._clock.now(), living=self._living()
            )

    def _begin_outage(self, met: Unreachable) -> None:
        """Let the pages know: they tell those who wait for a mail (first-try F-01)."""
        log.warning("mail server unreachable", extra={"reply": met.reply})
        with self._database.writing() as connection:
            outages.begin_or_go_on(connection, server=self._server, reply=met.reply, now=self._clock.now())

    def _end_outage(self) -> None:
        with self._database.reading() as connection:
            if not outages.is_known(connection):
                return
        with self._database.writing() as connection:
            outages.end(connection, now=self._clock.now())

    def _looked_at(self, mails: Sequence[OutboxMessage]) -> tuple[set[int], set[int]]:
        """Which of these mails are still ours, and which tell what is not so any more."""
        now = self._clock.now()
        with self._database.reading() as connection:
            return (
                deliveries.still_held(connection, mails, worker=self._worker, now=now),
                deliveries.no_longer_so(connection, mails, settings=self._settings, now=now),
            )

    def _give_back(self, mails: list[OutboxMessage]) -> None:
        with self._database.writing() as connection:
            deliveries.give_back(connection, mails, worker=self._worker)

    def _worth(self, mail: OutboxMessage, held: set[int], gone: set[int]) -> Worth | None:
        """What the mail is worth; None when it is no longer ours. A link is looked at anew for each mail."""
        now = self._clock.now()
        if mail.kind.link is None:
            value = worth(
                mail.kind,
                link_lives=False,
                still_so=mail.id not in gone,
                enqueued_at=mail.enqueued_at,
                now=now,
            )
            return value if mail.id in held else None
        with self._database.reading() as connection:
            return deliveries.worth_now(connection, mail, worker=self._worker, now=now)

    def _sent(self, mail: OutboxMessage, following: OutboxMessage | None) -> Outcome:
        def write_ahead() -> None:
            if following is not None:
                self._writer.write_ahead(following, self._clock.now())

        try:
            message = self._writer.written(mail, self._clock.now())
        except Exception:
            # A fault of ours in one mail must not keep all others waiting; this one comes again, ever later.
            log.exception("mail cannot be composed", extra={"outbox_id": mail.id})
            return Later("not composed")
        return self._conversation.send(
            sender=self._settings.mail_envelope_from or self._settings.mail_from,
            recipient=mail.recipient,
            message=message,
            # The server needs about as long for a mail as we need for the next one.
            meanwhile=write_ahead,
        )


def _journal(settings: Settings, database: Database, worker: str) -> MailJournal | None:
    try:
        return MailJournal(journal_folder(settings.scratch, database.name), worker)
    except OSError as error:
        # Slower, and a kill between two words may send one mail twice; but it goes out.
        log.warning("no mail journal", extra={"fault": type(error).__name__})
        return None
