"""Mails to the accounts of whom a published file changes the name, the telephone or the number (specification §6).

A kind of mailing (:mod:`mypage.services.mailings`) and of mail that is looked at again (:mod:`mypage.services.mail_looks`).
Nobody turns it off, and it goes before whatever is mailed to all: it is how the owner learns of an insider's line. So it
holds no values: the mail may be read by another. Once per account and batch; whoever registered after the publishing is not
told, for what matched them was there; and nobody of what was taken back meanwhile.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain.batch import Kind
from mypage.domain.mail import Priority
from mypage.services import mailings, outbox
from mypage.services.mailings import Found
from mypage.services.outbox import MassMail, OutboxMessage
from mypage.store import identity_changes as store
from mypage.store.batches import Batch
from mypage.store.identity_changes import Concerned
from mypage.store.mailings import Mailing

KIND: Final = "identity_changed"
# The kinds of batches that can change who a customer is, and the mail that tells of it.
_MAILS: Final = {Kind.CUSTOMERS: "identity_changed", Kind.NUMBER_CHANGES: "number_changed"}
# Clocks of several machines: a mail of this very mailing may bear a moment before it.
_SLACK: Final = timedelta(minutes=1)


def begin(connection: Connection, batches: Sequence[Batch], *, epoch: int, now: datetime) -> int | None:
    """Tell of what these batches change, in the transaction of the flip; the mailing's id, None where that is nothing."""
    changing = [each for each in batches if each.kind in _MAILS and each.counts.get("identity_changes")]
    if not changing:
        return None
    kinds = {str(each.id): _MAILS[each.kind] for each in changing}
    batch_ids = [each.id for each in changing]
    return mailings.begin(connection, KIND, batch_ids=batch_ids, epoch=epoch, facts={"mails": kinds}, now=now)


def is_pointless(connection: Connection, mailing: Mailing, *, settings: Settings, now: datetime) -> bool:
    """Whether its batches were taken back."""
    return not _still_published(connection, mailing)


def find(
    connection: Connection, mailing: Mailing, *, after: str, limit: int, settings: Settings, now: datetime
) -> Found:
    """Whose account is to be told among the next customers of whom something changed."""
    batch_ids = _still_published(connection, mailing)
    keys = store.next_keys(connection, batch_ids, after, limit)
    if not keys:
        return Found(None)
    found = store.concerned(connection, batch_ids, after, keys[-1], before=mailing.made_at)
    return Found(keys[-1], len(keys), found)


def write(connection: Connection, mailing: Mailing, mails: Sequence[Concerned], *, now: datetime) -> int:
    """Write the mails: one for an account and batch, however many of its customers or numbers that concerns."""
    account_ids = sorted({each.account_id for each in mails})
    told = store.told(connection, account_ids, mailing.made_at - _SLACK)
    new = {
        (each.account_id, each.batch_id): each
        for each in reversed(mails)
        if (each.account_id, each.batch_id) not in told
    }
    of_kind: dict[str, list[MassMail]] = defaultdict(list)
    for each in new.values():
        of_kind[mailing.facts["mails"][str(each.batch_id)]].append(_mail(each, mailing))
    for kind, written in sorted(of_kind.items()):
        outbox.enqueue_all(connection, kind, written, now=now, priority=Priority.NOTICE)
    return len(new)


def still_so(
    connection: Connection, mails: Sequence[OutboxMessage], *, settings: Settings, now: datetime
) -> Collection[int]:
    """Those whose batch is published, since the same moment: published anew it is told anew."""
    at = store.published(connection, sorted({mail.facts["batch_id"] for mail in mails}))
    return {
        mail.id
        for mail in mails
        if (since := at.get(mail.facts["batch_id"])) is not None and since.isoformat() == mail.facts["at"]
    }


def not_sent(connection: Connection, mails: Sequence[OutboxMessage]) -> None:
    """Nothing to forget: a later publishing is another mailing."""


def _still_published(connection: Connection, mailing: Mailing) -> list[int]:
    """The batches of a mailing that were not taken back since (nor published anew, which is another mailing)."""
    at = store.published(connection, mailing.batch_ids)
    return sorted(batch_id for batch_id, since in at.items() if since == mailing.made_at)


def _mail(concerned: Concerned, mailing: Mailing) -> MassMail:
    return MassMail(
        recipient=concerned.email,
        language=concerned.language,
        facts={
            "nickname": concerned.nickname,
            "at": mailing.made_at.isoformat(),
            "batch_id": concerned.batch_id,
        },
        customer_key=concerned.customer_key,
        account_id=concerned.account_id,
    )
