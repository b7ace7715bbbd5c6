"""What the mail server said, until the database knows it.

A signup's answer is recorded at once: somebody watches the page. The others are recorded together, in one transaction
and one pass over the trail; a commit for each would take longer than the sending. What the server took is written into
the worker's journal before another word is said to it, so that a kill in between sends nothing twice.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from sqlalchemy import Connection

from mypage.adapters.mail_journal import LeftBehind, MailJournal, SentNote
from mypage.adapters.smtp import Accepted, Later, Outcome, Refused, Unknown, Unreachable
from mypage.config.settings import Settings
from mypage.domain.mail import Worth
from mypage.services import deliveries
from mypage.services.deliveries import Handed
from mypage.services.outbox import OutboxMessage
from mypage.store.engine import Database

log = logging.getLogger("mypage.mail")

_AT_MOST: Final = 500
_SECONDS_AT_MOST: Final = 1.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mail at an instant: an answer of the server's, or why it was not to be sent."""

    mail: OutboxMessage
    what: Outcome | Worth
    at: datetime

    @property
    def stands_alone(self) -> bool:
        """Whether it is recorded at once and in a transaction of its own.

        Somebody watches the mail with their link. And what a link opens, or whose address was refused, is locked
        before the trail: of two in one transaction the second would lock the wrong way round.
        """
        return self.mail.kind.link is not None or isinstance(self.what, Refused)


class MailRecord:
    """The record of one worker. Without a journal every answer is recorded at once."""

    def __init__(
        self,
        database: Database,
        journal: MailJournal | None,
        *,
        server: str,
        worker: str,
        settings: Settings,
    ) -> None:
        self._database = database
        self._journal = journal
        self._server = server
        self._worker = worker
        self._settings = settings
        self._fates: list[Fate] = []
        self._oldest = 0.0

    def add(self, fate: Fate) -> None:
        """Take down what became of a mail. Raises the database's errors; then the next :meth:`flush` tells it again."""
        if not self._fates:
            self._oldest = monotonic()
        self._fates.append(fate)
        kept = not isinstance(fate.what, Accepted) or self._noted(fate, fate.what)
        late = monotonic() - self._oldest >= _SECONDS_AT_MOST
        if fate.stands_alone or late or not kept or len(self._fates) >= _AT_MOST:
            self.flush()

    def flush(self) -> None:
        """Let the database know everything."""
        if not self._fates:
            return
        together = [fate for fate in self._fates if not fate.stands_alone]
        if together:
            self._record(together)
        for fate in self._fates:
            if fate.stands_alone:
                self._record([fate])
        self._tell_log()
        self._fates.clear()
        if self._journal is not None:
            self._journal.forget()

    def adopt(self) -> None:
        """Record what dead workers of this machine wrote down, and free what they had in hand."""
        if self._journal is None:
            return
        for left in self._journal.left_behind():
            self._adopt(left)

    def _noted(self, fate: Fate, accepted: Accepted) -> bool:
        if self._journal is None:
            return False
        try:
            self._journal.note(SentNote(fate.mail.id, fate.mail.message_id, fate.at, accepted.reply))
        except OSError as error:
            log.warning("mail journal cannot be written", extra={"fault": type(error).__name__})
            return False
        return True

    def _record(self, fates: list[Fate]) -> None:
        handed = [
            Handed(fate.mail, fate.at, fate.what.reply) for fate in fates if isinstance(fate.what, Accepted)
        ]
        with self._database.writing() as connection:
            self._drop(connection, fates)
            for fate in fates:
                match fate.what:
                    case Accepted():
                        pass
                    case Worth() if not fate.stands_alone:
                        pass
                    case Refused(reply, of_recipient):
                        deliveries.refuse(
                            connection,
                            fate.mail,
                            server=self._server,
                            reply=reply,
                            now=fate.at,
                            of_recipient=of_recipient,
                        )
                    case Later(reply) | Unknown(reply) | Unreachable(reply):
                        deliveries.put_off(
                            connection, fate.mail, worker=self._worker, reply=reply, now=fate.at
                        )
                    case Worth():
                        deliveries.drop(connection, fate.mail, fate.what, now=fate.at)
            self._hand_over(connection, handed)

    def _hand_over(self, connection: Connection, handed: list[Handed]) -> None:
        if len(handed) == 1:
            (one,) = handed
            deliveries.hand_over(connection, one.mail, server=self._server, reply=one.reply, now=one.at)
        elif handed:
            deliveries.hand_over_all(connection, handed, server=self._server)

    def _drop(self, connection: Connection, fates: list[Fate]) -> None:
        """First of all, since what is published is locked before the trail."""
        for why in (Worth.POINTLESS, Worth.TOO_OLD):
            dropped = [fate for fate in fates if fate.what is why and not fate.stands_alone]
            if dropped:
                deliveries.drop_all(
                    connection,
                    [fate.mail for fate in dropped],
                    why,
                    worker=self._worker,
                    settings=self._settings,
                    now=dropped[-1].at,
                )

    def _adopt(self, left: LeftBehind) -> None:
        with self._database.reading() as connection:
            known = {
                mail.id: mail for mail in deliveries.named(connection, [note.mail_id for note in left.notes])
            }
        for note in left.notes:
            mail = known.get(note.mail_id)
            if mail is not None and mail.message_id == note.message_id:
                with self._database.writing() as connection:
                    self._hand_over(connection, [Handed(mail, note.at, note.reply)])
        with self._database.writing() as connection:
            freed = deliveries.free(connection, worker=left.worker)
        log.info("dead worker's mails taken over", extra={"mails": freed})

    def _tell_log(self) -> None:
        """A line for what somebody may ask about, one for all others; never an address or the server's words."""
        accepted = dropped = 0
        for fate in self._fates:
            if isinstance(fate.what, Accepted) and not fate.stands_alone:
                accepted += 1
            elif isinstance(fate.what, Worth) and not fate.stands_alone:
                dropped += 1
            else:
                what = fate.what.value if isinstance(fate.what, Worth) else type(fate.what).__name__.lower()
                log.info("mail %s", what, extra={"outbox_id": fate.mail.id})
        if accepted:
            log.info("mails accepted", extra={"mails": accepted})
        if dropped:
            log.info("mails dropped", extra={"mails": dropped})
