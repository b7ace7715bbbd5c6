"""Deliver the outbox: take what is due, hand it to the mail server, record what the server said.

The token of a link is signed here, at each attempt anew with the same serial: it never rests in the database, and
an outage of the mail server costs the customer none of the 24 hours (specification §7). Nothing is said to the
server inside a transaction.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from mypage.adapters import smtp
from mypage.adapters.clock import Clock
from mypage.adapters.mail_text import MailTexts
from mypage.adapters.smtp import Accepted, Conversation, Later, Outcome, Refused, Unknown, Unreachable
from mypage.adapters.tokens import Tokens
from mypage.config.settings import Settings
from mypage.domain.mail import Worth
from mypage.services import deliveries
from mypage.services.mailed_links import link_of
from mypage.services.outbox import OutboxMessage
from mypage.store.engine import Database

log = logging.getLogger("mypage.mail")

_AT_ONCE: Final = 10
# What is begun in this time ends within the lease, however slowly the server answers.
_BEGIN_WITHIN: Final = timedelta(seconds=60)


@dataclass(frozen=True)
class Round:
    """What one round did: mails that met their fate, whether more may be due, whether the server was away."""

    settled: int = 0
    more: bool = False
    unreachable: bool = False


class Delivery:
    """One worker's way with the mails. ``worker`` is a name that no other living worker has."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, worker: str) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._worker = worker
        self._tokens = Tokens(settings.secret_keys)
        self._texts = MailTexts(settings)
        self._server = f"{settings.smtp.host}:{settings.smtp.port}"
        # What the server said and the database could not take down yet: said again first, else it is sent twice.
        self._unrecorded: list[Callable[[], None]] = []

    def round(self, stopping: Callable[[], bool] = lambda: False) -> Round:
        """Deliver up to ten due mails, the most urgent first. Raises the database's errors when it is away."""
        self._record_what_was_said()
        mails = self._taken()
        if not mails:
            return Round()
        begun = self._clock.now()
        settled = 0
        with Conversation(self._settings.smtp) as conversation:
            for number, mail in enumerate(mails):
                late = self._clock.now() - begun > _BEGIN_WITHIN
                if number and (stopping() or late or self._something_more_urgent(mail)):
                    self._give_back(mails[number:])
                    return Round(settled, more=True)
                outcome = self._deliver(mail, conversation)
                if isinstance(outcome, Unreachable):
                    log.warning("mail server unreachable", extra={"reply": outcome.reply})
                    self._give_back(mails[number:])
                    return Round(settled, unreachable=True)
                settled += 1
        return Round(settled, more=True)

    def _taken(self) -> list[OutboxMessage]:
        now = self._clock.now()
        # Looking takes no write lock: an idle worker disturbs nobody.
        with self._database.reading() as connection:
            if not deliveries.is_due(connection, worker=self._worker, now=now):
                return []
        with self._database.writing() as connection:
            return deliveries.take(connection, worker=self._worker, now=now, limit=_AT_ONCE)

    def _give_back(self, mails: list[OutboxMessage]) -> None:
        with self._database.writing() as connection:
            deliveries.give_back(connection, mails, worker=self._worker)

    def _something_more_urgent(self, mail: OutboxMessage) -> bool:
        with self._database.reading() as connection:
            return deliveries.is_due(
                connection, worker=self._worker, now=self._clock.now(), before=mail.priority
            )

    def _deliver(self, mail: OutboxMessage, conversation: Conversation) -> Outcome | None:
        """Send one mail and record what became of it; None when it was not to be sent."""
        now = self._clock.now()
        with self._database.reading() as connection:
            worth = deliveries.worth_now(connection, mail, worker=self._worker, now=now)
        if worth is None:
            return None
        if worth is not Worth.SEND:
            with self._database.writing() as connection:
                deliveries.drop(connection, mail, worth, now=now)
            return None
        outcome = self._sent(mail, conversation)
        if not isinstance(outcome, Unreachable):
            self._unrecorded.append(self._recorder(mail, outcome))
            self._record_what_was_said()
        return outcome

    def _sent(self, mail: OutboxMessage, conversation: Conversation) -> Outcome:
        try:
            message = self._composed(mail)
        except Exception:
            # A fault of ours in one mail must not keep all others waiting; this one comes again, ever later.
            log.exception("mail cannot be composed", extra={"outbox_id": mail.id})
            return Later("not composed")
        return conversation.send(
            sender=self._settings.mail_envelope_from or self._settings.mail_from,
            recipient=mail.recipient,
            message=message,
        )

    def _composed(self, mail: OutboxMessage) -> bytes:
        now = self._clock.now()
        facts = dict(mail.facts)
        link = link_of(mail)
        if link is not None and mail.kind.link is not None:
            token = self._tokens.sign(mail.kind.link, link.payload(mail), now)
            facts["link"] = f"{self._settings.public_url}{link.PATH}{token}"
        return smtp.compose(
            self._texts.render(mail.kind.word, mail.language, facts),
            language=mail.language,
            sender_name=self._settings.operator_name,
            sender=self._settings.mail_from,
            recipient=mail.recipient,
            message_id=f"<{mail.message_id}@{self._settings.sender_domain}>",
            now=now,
        )

    def _recorder(self, mail: OutboxMessage, outcome: Outcome) -> Callable[[], None]:
        now = self._clock.now()

        def record() -> None:
            with self._database.writing() as connection:
                match outcome:
                    case Accepted(reply):
                        deliveries.hand_over(connection, mail, server=self._server, reply=reply, now=now)
                    case Refused(reply, of_recipient):
                        deliveries.refuse(
                            connection,
                            mail,
                            server=self._server,
                            reply=reply,
                            now=now,
                            of_recipient=of_recipient,
                        )
                    case Later(reply) | Unknown(reply) | Unreachable(reply):
                        deliveries.put_off(connection, mail, worker=self._worker, reply=reply, now=now)
            # Neither the address nor what the server said about it goes into a log.
            log.info("mail %s", type(outcome).__name__.lower(), extra={"outbox_id": mail.id})

        return record

    def _record_what_was_said(self) -> None:
        while self._unrecorded:
            self._unrecorded[0]()
            del self._unrecorded[0]
