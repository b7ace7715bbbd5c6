"""「請求確定のお知らせ」: who is told that the bill of a month can be seen; once per account, customer and month.

A kind of mailing (:mod:`mypage.services.mailings`) and of mail that is looked at again
(:mod:`mypage.services.mail_looks`). Sources: specification §4 and §6, "decisions", *Mailings*.

Whoever was told of a month is not told of its correction: that stands on the page (訂正).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain import bills as bill_rules
from mypage.domain import statement_notice as rules
from mypage.domain.batch import Kind
from mypage.domain.billing_month import BillingMonth, window
from mypage.domain.bills import BillVersion
from mypage.services import mailings, outbox
from mypage.services.letters import LETTER
from mypage.services.mailings import Found
from mypage.services.outbox import MassMail, OutboxMessage
from mypage.services.sessions import ShownCustomer, seen_customers, what_closes
from mypage.store import batches as batches_of
from mypage.store import publications as published
from mypage.store import statement_notices as store
from mypage.store import statements
from mypage.store.batches import Batch
from mypage.store.mailings import Mailing
from mypage.store.publications import Publications
from mypage.store.statement_notices import Among, Between, Owner, Where

KIND: Final = "statement_ready"


class Notice(NamedTuple):
    """Somebody who is to be told. ``key`` is the one under which the account has the customer."""

    key: str
    owner: Owner
    customer: ShownCustomer


def begin(connection: Connection, batches: Sequence[Batch], *, epoch: int, now: datetime) -> int | None:
    """Tell of what becomes seen with these batches, in the transaction of the flip; the mailing's id.

    None where they bring nothing of the newest published billing month, or that one is long past: so whoever loads months
    of history tells of the last one only.
    """
    newest = batches_of.newest_month(connection)
    charges = [batch for batch in batches if batch.kind is Kind.CHARGES and batch.newest_month == newest]
    if newest is None or not charges or not rules.is_news(BillingMonth.from_int(newest), now):
        return None
    batch_ids = [batch.id for batch in charges]
    return mailings.begin(
        connection, KIND, batch_ids=batch_ids, epoch=epoch, facts={"month": newest}, now=now
    )


def is_pointless(connection: Connection, mailing: Mailing, *, settings: Settings, now: datetime) -> bool:
    """Whether its batches were taken back, a newer month was published since, or the month is not shown at all."""
    publications = published.now_published(connection)
    month: int = mailing.facts["month"]
    return (
        publications.newest_month != month
        or not _is_shown(month, publications, settings)
        or publications.pub_seq.keys().isdisjoint(mailing.batch_ids)
    )


def find(
    connection: Connection, mailing: Mailing, *, after: str, limit: int, settings: Settings, now: datetime
) -> Found:
    """Who is to be told among the next customers that somebody owns."""
    keys = store.next_keys(connection, after, limit)
    if not keys:
        return Found(None)
    where, month = Between(after, keys[-1]), mailing.facts["month"]
    told = store.told(connection, where, month)
    batch_ids = frozenset(mailing.batch_ids)
    notices: dict[tuple[str, str], Notice] = {}
    for notice in _to_tell(connection, where, month, batch_ids=batch_ids, settings=settings, now=now):
        account_id = notice.owner.account_id
        if (notice.key, account_id) not in told and not _is_told_otherwise(connection, notice, month):
            # An account that has one customer under two keys (統合) is told once.
            notices.setdefault((account_id, notice.customer.key), notice)
    return Found(keys[-1], len(keys), list(notices.values()))


def write(connection: Connection, mailing: Mailing, mails: Sequence[Notice], *, now: datetime) -> int:
    """Write the mails; none to whoever another mailing told meanwhile."""
    month: int = mailing.facts["month"]
    told = store.told(connection, Between(mailing.cursor, max(notice.key for notice in mails)), month)
    new = [notice for notice in mails if (notice.key, notice.owner.account_id) not in told]
    if new:
        store.tell(connection, month, mailing.id, [(each.key, each.owner.account_id) for each in new])
        outbox.enqueue_all(connection, KIND, [_mail(notice, month) for notice in new], now=now)
    return len(new)


def still_so(
    connection: Connection, mails: Sequence[OutboxMessage], *, settings: Settings, now: datetime
) -> Collection[int]:
    """Those whose bill is still seen, by an account that is the customer's, wants notices and has the same address."""
    publications = published.now_published(connection)
    by_month: dict[int, list[OutboxMessage]] = defaultdict(list)
    for mail in mails:
        by_month[mail.facts["month"]].append(mail)
    so: set[int] = set()
    for month, same in by_month.items():
        if not _is_shown(month, publications, settings):
            continue
        where = Among(tuple(sorted({mail.customer_key or "" for mail in same})))
        to_tell = {
            (notice.key, notice.owner.account_id, notice.owner.email)
            for notice in _to_tell(connection, where, month, settings=settings, now=now)
        }
        so.update(mail.id for mail in same if (mail.customer_key, mail.account_id, mail.recipient) in to_tell)
    return so


def not_sent(connection: Connection, mails: Sequence[OutboxMessage]) -> None:
    """Nobody was told: a later publication may."""
    store.forget(
        connection,
        [(mail.customer_key or "", mail.account_id or "", mail.facts["month"]) for mail in mails],
    )


def _mail(notice: Notice, month: int) -> MassMail:
    owner = notice.owner
    return MassMail(
        recipient=owner.email,
        language=owner.language,
        facts={"nickname": owner.nickname, "number": rules.ending(notice.customer.number), "month": month},
        customer_key=notice.key,
        account_id=owner.account_id,
    )


def _to_tell(
    connection: Connection,
    where: Where,
    month: int,
    *,
    batch_ids: Set[int] | None = None,
    settings: Settings,
    now: datetime,
) -> Iterator[Notice]:
    """Those who would find a bill of the month if they logged in now: by the rules of the pages themselves."""
    publications = published.now_published(connection)
    owners, customers = store.owned(connection, where)
    if not owners:
        return
    versions: dict[str, list[BillVersion]] = defaultdict(list)
    for version in store.bills(connection, where, month):
        versions[version.customer_key].append(version)
    for key, customer in seen_customers(connection, customers, publications):
        if (
            what_closes(
                customers.closings[key],
                publications,
                asks_letter=settings.signup_proof == LETTER,
                now=now,
            )
            is not None
        ):
            continue
        if customer.keys == (key,):
            billed = versions.get(key, [])
        else:
            billed, _ = statements.versions(connection, customer.keys, month, month, with_payments=False)
        if rules.is_told(bill_rules.seen_bills(billed, publications.pub_seq), batch_ids):
            yield Notice(key, owners[key], customer)


def _is_told_otherwise(connection: Connection, notice: Notice, month: int) -> bool:
    """Whether the account was told of the same customer under another number of theirs."""
    others = tuple(key for key in notice.customer.keys if key != notice.key)
    if not others:
        return False
    return any(
        account_id == notice.owner.account_id
        for _, account_id in store.told(connection, Among(others), month)
    )


def _is_shown(month: int, publications: Publications, settings: Settings) -> bool:
    """Whether the month lies in the window that everybody is shown."""
    if publications.newest_month is None:
        return False
    newest = BillingMonth.from_int(publications.newest_month)
    return BillingMonth.from_int(month) in window(newest, settings.first_month, settings.months_shown)
