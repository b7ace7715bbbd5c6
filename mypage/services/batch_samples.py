"""Statements of a checked batch as their customers will see them. Each look is one at a customer, and is kept as such."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from mypage.domain import customer_number
from mypage.domain.billing_month import BillingMonth
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import preview, staff_looks, staff_rows, trail
from mypage.services.statements import MonthShown
from mypage.store import batches
from mypage.store import statements as store
from mypage.store.batches import Batch
from mypage.store.publications import Publications


class Sample(NamedTuple):
    """A month of a customer with the batch and its delivery supposed to be published.

    ``shown`` is None where the customer would not see it; ``name`` is masked, None where the master has none yet.
    """

    shown: MonthShown | None
    as_if: Publications
    name: str | None


def bills_of(connection: Connection, batch_id: int, number: str) -> list[tuple[str, BillingMonth]]:
    """The statements of a customer number in the batch, newest month first: key and month. Reads only."""
    found = store.of_number_in(connection, number, batch_id)
    return [(key, BillingMonth.from_int(month)) for key, month in found]


def draw(
    connection: Connection,
    batch: Batch,
    key: str,
    month: BillingMonth,
    *,
    first_month: BillingMonth,
    length: int,
    now: datetime,
) -> Sample | None:
    """A statement of the batch; None where it holds none of that customer and month. Reads only."""
    number, _ = customer_number.split_key(key)
    if (key, month) not in bills_of(connection, batch.id, number):
        return None
    as_if = preview.supposed(connection, batches.of_delivery(connection, batch.delivery), now)
    shown = preview.sample(connection, key, month, as_if=as_if, first_month=first_month, length=length)
    known = staff_rows.of_keys(connection, [key], now=now).get(key)
    return Sample(shown, as_if, None if known is None else known.kana or known.name)


def looked(
    connection: Connection,
    batch: Batch,
    key: str,
    month: BillingMonth,
    *,
    staff_id: str,
    limit: int,
    now: datetime,
) -> None:
    """Keep that somebody looked; ``limit``: so many customers a day are nothing unusual."""
    staff_looks.opened(connection, staff_id=staff_id, customer_key=key, limit=limit, now=now)
    trail.record(
        connection,
        Action.BATCH_SAMPLE_LOOKED,
        actor=actor(staff_id),
        now=now,
        customer_key=key,
        batch_id=batch.id,
        page=str(month),
    )
