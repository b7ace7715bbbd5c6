"""A second look at a mail at the moment of sending: whether what it tells is still so. Each a module, by kind of mail.

A mailing lies in the outbox for minutes or hours; what was taken back meanwhile is told to nobody. Asked for many mails
at once, since a mailing has a million of them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, Protocol

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain.mail import MailKind
from mypage.services import identity_notices, statement_notices
from mypage.services.outbox import OutboxMessage


class MailLook(Protocol):
    """What a delivery asks of a kind of mail that is looked at again."""

    def still_so(
        self, connection: Connection, mails: Sequence[OutboxMessage], *, settings: Settings, now: datetime
    ) -> Collection[int]:
        """The ids of those mails that are still to be sent. Reads only."""

    def not_sent(self, connection: Connection, mails: Sequence[OutboxMessage]) -> None:
        """These were not sent and never will be."""


_LOOKS: Final[Mapping[MailKind, MailLook]] = {
    MailKind.STATEMENT_READY: statement_notices,
    MailKind.IDENTITY_CHANGED: identity_notices,
    MailKind.NUMBER_CHANGED: identity_notices,
}


def no_longer_so(
    connection: Connection, mails: Sequence[OutboxMessage], *, settings: Settings, now: datetime
) -> set[int]:
    """The ids of those that are not to be sent any more. Reads only."""
    gone: set[int] = set()
    for look, same in _looked_at(mails):
        so = look.still_so(connection, same, settings=settings, now=now)
        gone.update(mail.id for mail in same if mail.id not in so)
    return gone


def not_sent(connection: Connection, mails: Sequence[OutboxMessage]) -> None:
    """These were not sent and never will be."""
    for look, same in _looked_at(mails):
        look.not_sent(connection, same)


def is_looked_at(mail: OutboxMessage) -> bool:
    """Whether a mail is looked at again."""
    return mail.kind in _LOOKS


def _looked_at(mails: Sequence[OutboxMessage]) -> Iterator[tuple[MailLook, list[OutboxMessage]]]:
    looked_at = sorted(filter(is_looked_at, mails), key=lambda mail: mail.kind.word)
    for kind, same in groupby(looked_at, key=lambda mail: mail.kind):
        yield _LOOKS[kind], list(same)
