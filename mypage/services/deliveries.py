"""What becomes of a mail in the outbox: taken by a worker, handed over, refused, put off, or of no use any more.

Each function is one deed in one transaction; the conversation with the mail server happens between them
(decisions "Transactions"). The 24 hours of a registration begin with the server's 250 (specification §2, §7).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain.backoff import retry_delay
from mypage.domain.mail import MailKind, Worth, worth
from mypage.domain.refusal import means_dead_address
from mypage.domain.trail import Action
from mypage.services import address_confirmation, mail_looks, trail
from mypage.services.mailed_links import link_of
from mypage.services.outbox import OutboxMessage
from mypage.services.trail import Event
from mypage.store import batches
from mypage.store import outbox as store

ACTOR: Final = "worker"
# Longer than one mail can take with a server that answers each question at the last moment.
LEASE: Final = timedelta(minutes=5)
# A mail that a newer release wrote waits for a worker of that release.
_KINDS: Final = tuple(kind.word for kind in MailKind)
_CODE: Final = re.compile(r"\d{3}( \d\.\d{1,3}\.\d{1,3})?")


@dataclass(frozen=True, slots=True)
class Handed:
    """A mail that the server took, when, and with which words."""

    mail: OutboxMessage
    at: datetime
    reply: str


def take(
    connection: Connection, *, worker: str, now: datetime, limit: int, living: Sequence[str] = ()
) -> list[OutboxMessage]:
    """Lease up to ``limit`` due mails for ``worker``, the most urgent first.

    ``living``: other workers that are known to live. What they have is theirs even when its lease is over: it is the
    clock that went wrong, and taking it would send it twice.
    """
    rows = store.lease(
        connection, worker=worker, kinds=_KINDS, living=living, now=now, until=now + LEASE, limit=limit
    )
    return [_message(row) for row in rows]


def named(connection: Connection, mail_ids: Sequence[int]) -> list[OutboxMessage]:
    """The mails of these ids, in whatever state; none that only a newer release knows."""
    return [_message(row) for row in store.by_ids(connection, mail_ids, _KINDS)]


def _message(row: RowMapping) -> OutboxMessage:
    return OutboxMessage(
        kind=MailKind.named(row["kind"]),
        **{name: row[name] for name in OutboxMessage.__slots__ if name != "kind"},
    )


def give_back(connection: Connection, mails: list[OutboxMessage], *, worker: str) -> None:
    """Let others have mails that were taken and not tried."""
    store.give_back(connection, [mail.id for mail in mails], worker)


def is_due(connection: Connection, *, worker: str, now: datetime, living: Sequence[str] = ()) -> bool:
    """Whether there is a mail to take. Reads only."""
    return store.anything_due(connection, worker=worker, kinds=_KINDS, living=living, now=now)


def is_due_before(
    connection: Connection, priority: int, *, now: datetime, living: Sequence[str] = ()
) -> bool:
    """Whether a mail waits for somebody to take it that goes before those of ``priority``. Reads only."""
    return store.anything_due_before(connection, priority, kinds=_KINDS, living=living, now=now)


def free(connection: Connection, *, worker: str) -> int:
    """Let others have at once what a worker had taken that is known to be dead; how many mails that were."""
    return store.free(connection, worker)


def still_held(
    connection: Connection, mails: Sequence[OutboxMessage], *, worker: str, now: datetime
) -> set[int]:
    """The ids of those that no other worker has, and whose fate nobody has recorded. Reads only."""
    return store.held(connection, [mail.id for mail in mails], worker, now)


def worth_now(connection: Connection, mail: OutboxMessage, *, worker: str, now: datetime) -> Worth | None:
    """What the mail is worth at the moment of sending; None when another worker has it. Reads only."""
    if not still_held(connection, [mail], worker=worker, now=now):
        return None
    link = link_of(mail)
    link_lives = link is not None and link.lives(connection, mail)
    return worth(mail.kind, link_lives=link_lives, enqueued_at=mail.enqueued_at, now=now)


def no_longer_so(
    connection: Connection, mails: Sequence[OutboxMessage], *, settings: Settings, now: datetime
) -> set[int]:
    """The ids of those that tell what is not so any more. Reads only."""
    return mail_looks.no_longer_so(connection, mails, settings=settings, now=now)


def hand_over(connection: Connection, mail: OutboxMessage, *, server: str, reply: str, now: datetime) -> bool:
    """The server took the mail at ``now``; False when that was recorded before.

    Whoever holds the lease meanwhile: what went out went out.
    """
    link = link_of(mail)
    if link is not None:
        link.lock(connection, mail)
    done = store.settle(
        connection, mail.id, state=store.HANDED_OVER, handed_over_at=now, server=server, reply=reply
    )
    if not done:
        return False
    if link is not None:
        link.handed_over(connection, mail, now=now)
    _record(connection, Action.MAIL_HANDED_OVER, mail, now)
    return True


def hand_over_all(connection: Connection, handed: Sequence[Handed], *, server: str) -> int:
    """The server took many mails; of how many that was not recorded before.

    None of them carries a link: what a link opens is locked, and two locks in one transaction can be waited for
    crosswise.
    """
    rows = [{"mail_id": each.mail.id, "at": each.at, "reply": each.reply} for each in handed]
    done = store.hand_over_all(connection, rows, server=server)
    trail.record_all(
        connection,
        [_event(Action.MAIL_HANDED_OVER, each.mail, each.at) for each in handed if each.mail.id in done],
    )
    return len(done)


def refuse(
    connection: Connection,
    mail: OutboxMessage,
    *,
    server: str,
    reply: str,
    now: datetime,
    of_recipient: bool = False,
) -> bool:
    """The server will never take the mail; False when its fate was recorded before.

    A registration stays as it is: the address can be corrected on ``/signup/done``. An address of an account that no
    mail will ever reach serves no recovery any more, for whichever account it stands.
    """
    link = link_of(mail)
    if link is not None:
        link.lock(connection, mail)
    if not store.settle(connection, mail.id, state=store.REFUSED, server=server, reply=reply):
        return False
    if of_recipient and mail.account_id is not None and means_dead_address(reply):
        address_confirmation.give_up(
            connection, mail.recipient, message_id=mail.message_id, actor=ACTOR, now=now
        )
    code = _CODE.match(reply)
    # The reply often quotes the address: it is a detail, which can be purged.
    _record(
        connection, Action.MAIL_REFUSED, mail, now, detail={"reply": reply}, reply=code[0] if code else "none"
    )
    return True


def put_off(
    connection: Connection, mail: OutboxMessage, *, worker: str, reply: str, now: datetime
) -> datetime | None:
    """The mail failed for now; when it is tried again, None when another worker has it."""
    failures = mail.attempts + 1
    until = now + retry_delay(failures, mail.message_id)
    kept = store.put_off(connection, mail.id, worker, until=until, attempts=failures, reply=reply)
    return until if kept else None


def drop(connection: Connection, mail: OutboxMessage, why: Worth, *, now: datetime) -> bool:
    """Do not send a mail that is pointless or too old; False when its fate was recorded before.

    What waited for a link that was never handed over ends with it.
    """
    too_old, link = why is Worth.TOO_OLD, link_of(mail)
    if link is not None:
        link.lock(connection, mail)
    if not store.settle(connection, mail.id, state=store.GIVEN_UP if too_old else store.VOID):
        return False
    _record(connection, Action.MAIL_GIVEN_UP if too_old else Action.MAIL_VOIDED, mail, now)
    if too_old and link is not None:
        link.given_up(connection, mail, actor=ACTOR, now=now)
    return True


def drop_all(
    connection: Connection,
    mails: Sequence[OutboxMessage],
    why: Worth,
    *,
    worker: str,
    settings: Settings,
    now: datetime,
) -> int:
    """Do not send mails that no link is in; of how many that was not recorded before.

    What is so again at this moment goes back into the queue: whoever published meanwhile found that it was told. So
    nobody publishes or takes back between this look and the commit.
    """
    if why is Worth.POINTLESS:
        batches.hold_publication(connection)
        gone = mail_looks.no_longer_so(connection, mails, settings=settings, now=now)
        store.give_back(connection, [mail.id for mail in mails if mail.id not in gone], worker)
        mails = [mail for mail in mails if mail.id in gone]
    too_old = why is Worth.TOO_OLD
    state = store.GIVEN_UP if too_old else store.VOID
    done = store.settle_all(connection, [mail.id for mail in mails], state)
    dropped = [mail for mail in mails if mail.id in done]
    mail_looks.not_sent(connection, dropped)
    action = Action.MAIL_GIVEN_UP if too_old else Action.MAIL_VOIDED
    trail.record_all(connection, [_event(action, mail, now) for mail in dropped])
    return len(dropped)


def _record(
    connection: Connection,
    action: Action,
    mail: OutboxMessage,
    now: datetime,
    *,
    detail: dict[str, object] | None = None,
    **facts: str,
) -> None:
    trail.record_all(connection, [_event(action, mail, now, detail=detail, **facts)])


def _event(
    action: Action,
    mail: OutboxMessage,
    now: datetime,
    *,
    detail: dict[str, object] | None = None,
    **facts: str,
) -> Event:
    return Event(
        action=action,
        actor=ACTOR,
        at=now,
        customer_key=mail.customer_key,
        account_id=mail.account_id,
        detail=detail,
        facts={"kind": mail.kind.word, "message_id": mail.message_id, **facts},
    )
