"""All published bills of a month, customer by customer: what a new month is held against."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from mypage.domain.batch import Kind, State
from mypage.store.schema import batch, statement


class Version(NamedTuple):
    """A version of a bill, with what decides which one is seen. There are a million: a row's own names cost more."""

    customer_key: str
    number: int
    batch_id: int
    withdrawn: bool
    hidden: bool
    total: int
    due_on: Any
    payment_method: str | None
    pub_seq: int


def versions_from(connection: Connection, month: int, number: str, limit: int) -> Sequence[Version]:
    """Published versions of the month from a customer number on, with what decides which one is seen."""
    query = _published(month).where(statement.c.customer_key >= number).limit(limit)
    return [*map(Version._make, connection.execute(query))]


def versions_of(connection: Connection, month: int, keys: Sequence[str]) -> Sequence[Version]:
    """The same of some customers."""
    query = _published(month).where(statement.c.customer_key.in_(keys))
    return [*map(Version._make, connection.execute(query))]


def _published(month: int) -> Select[Any]:
    return (
        select(
            statement.c.customer_key,
            statement.c.number,
            statement.c.batch_id,
            statement.c.withdrawn,
            statement.c.hidden,
            statement.c.total,
            statement.c.due_on,
            statement.c.payment_method,
            batch.c.pub_seq,
        )
        .join(batch, batch.c.id == statement.c.batch_id)
        .where(batch.c.state == State.PUBLISHED.value, statement.c.billing_month == month)
        .order_by(statement.c.customer_key, statement.c.number)
    )


def sums_published(connection: Connection) -> dict[int, Mapping[str, Any]]:
    """Billing month (yyyymm) → what the preview of the largest published batch that holds it came to."""
    published = select(batch.c.counts).where(
        batch.c.kind == Kind.CHARGES.value, batch.c.state == State.PUBLISHED.value
    )
    found: dict[int, Mapping[str, Any]] = {}
    for counts in connection.execute(published).scalars():
        for month, sums in counts.get("preview", {}).get("months", {}).items():
            if sums["statements"] >= found.get(int(month), sums)["statements"]:
                found[int(month)] = sums
    return found
