"""A mailing: one small row written with what many people are to be told of; a worker expands it (``works/mailing.py``).

Sources: "decisions", *Mailings*, and specification §6 and §7. A kind of mailing is a module of
:mod:`mypage.services.mailing_kinds`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.store import mailings as store
from mypage.store.mailings import Mailing


class Found(NamedTuple):
    """What a look behind the cursor found.

    ``until`` is the last customer key of it, None where nobody is left. ``mails`` are the kind's own: whatever its
    ``write`` takes.
    """

    until: str | None
    examined: int = 0
    mails: Sequence[Any] = ()


class MailingKind(Protocol):
    """What the expansion asks of a kind. ``KIND`` is its word in ``mailing.kind``."""

    @property
    def KIND(self) -> str: ...  # noqa: N802 - a constant of the module

    def is_pointless(
        self, connection: Connection, mailing: Mailing, *, settings: Settings, now: datetime
    ) -> bool:
        """Whether nobody is to be told of it any more. Reads only; asked before each look."""

    def find(
        self,
        connection: Connection,
        mailing: Mailing,
        *,
        after: str,
        limit: int,
        settings: Settings,
        now: datetime,
    ) -> Found:
        """Who is to be told among the next ``limit`` customers behind the key ``after``. Reads only.

        It runs outside of the transaction that writes, so that nobody waits for it.
        """

    def write(self, connection: Connection, mailing: Mailing, mails: Sequence[Any], *, now: datetime) -> int:
        """Write the mails of such a look that are not written yet; how many. Short: others wait meanwhile."""


def begin(
    connection: Connection,
    kind: str,
    *,
    batch_ids: Sequence[int],
    epoch: int,
    facts: Mapping[str, object],
    now: datetime,
) -> int:
    """Let a worker tell many people, in the transaction of what they are told of; the mailing's id."""
    return store.add(
        connection, kind=kind, batch_ids=list(batch_ids), epoch=epoch, facts=dict(facts), made_at=now
    )


def write(
    connection: Connection, mailing: Mailing, found: Found, kind: MailingKind, *, now: datetime
) -> int | None:
    """Write what a look found, with its checkpoint; how many mails. None where another worker did it, or ended it."""
    if found.until is None:
        return 0 if store.end(connection, mailing, store.EXPANDED, now) else None
    if not store.advance(connection, mailing, cursor=found.until, examined=found.examined):
        return None
    mails = kind.write(connection, mailing, found.mails, now=now) if found.mails else 0
    if mails:
        store.count(connection, mailing.id, mails)
    return mails


def give_up(connection: Connection, mailing: Mailing, *, now: datetime) -> bool:
    """End a mailing of which nobody is to be told any more; False where another worker went on with it."""
    return store.end(connection, mailing, store.POINTLESS, now)
