"""A checked batch as its customers will see it: the pages' own rules, with the batch supposed to be published."""

from collections.abc import Sequence
from datetime import datetime

from mypage.domain.billing_month import BillingMonth
from mypage.services import statements, successions
from mypage.services.statements import MonthShown
from mypage.store import publications
from mypage.store import successions as stored_successions
from mypage.store.batches import Batch
from mypage.store.publications import Publications
from mypage.store.raw import Source


def supposed(source: Source, batches: Sequence[Batch], now: datetime) -> Publications:
    """What would be published if ``batches`` were published at ``now``."""
    standing = publications.now_published(source)
    above = max(standing.pub_seq.values(), default=0) + 1
    months = [standing.newest_month, *(batch.newest_month for batch in batches)]
    return Publications(
        epoch=standing.epoch,
        pub_seq={**standing.pub_seq, **{batch.id: above + place for place, batch in enumerate(batches)}},
        published_at={**standing.published_at, **{batch.id: now for batch in batches}},
        newest_month=max((month for month in months if month is not None), default=None),
        kinds=standing.kinds | {batch.kind for batch in batches},
    )


def sample(
    source: Source,
    customer_key: str,
    month: BillingMonth,
    *,
    as_if: Publications,
    first_month: BillingMonth,
    length: int,
) -> MonthShown | None:
    """The month of a customer, drawn from ``as_if``; None where the customer would not see it."""
    around = stored_successions.around(source, [customer_key])[customer_key]
    keys = successions.together(customer_key, around, as_if).keys
    return statements.for_month(
        source, keys, month, publications=as_if, first_month=first_month, length=length
    )
