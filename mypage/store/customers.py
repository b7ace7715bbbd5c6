"""The customer master: all versions that could be seen, in the order of their keys.

Which of them is seen, :func:`mypage.domain.batch.seen` says; :func:`seen` here asks for one customer.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, RowMapping, Select, select

from mypage.domain.batch import State
from mypage.store.schema import batch, contract_set, customer_version

Version = Row[Any]


class HolderVersion(NamedTuple):
    """Who holds a number by one version. There are a million: a row's own names cost more than the query."""

    customer_key: str
    batch_id: int
    number: str
    holder_no: int
    holder_since: date | None
    pub_seq: int


def _published(*columns: Any) -> Select[Any]:
    return (
        select(*columns, batch.c.pub_seq)
        .join(batch, batch.c.id == customer_version.c.batch_id)
        .where(batch.c.state == State.PUBLISHED.value)
    )


def holders_from(connection: Connection, number: str, limit: int) -> Sequence[HolderVersion]:
    """Published versions from ``number`` on: number, holder, since when, and what decides which one is seen."""
    query = _published(
        customer_version.c.customer_key,
        customer_version.c.batch_id,
        customer_version.c.number,
        customer_version.c.holder_no,
        customer_version.c.holder_since,
    )
    query = query.where(customer_version.c.customer_key >= number)
    rows = connection.execute(query.order_by(customer_version.c.customer_key).limit(limit))
    return [*map(HolderVersion._make, rows)]


def versions_from(connection: Connection, number: str, limit: int) -> Sequence[Version]:
    """Published versions from ``number`` on, with all their columns."""
    query = _published(customer_version).where(customer_version.c.customer_key >= number)
    return connection.execute(query.order_by(customer_version.c.customer_key).limit(limit)).all()


def published_versions(connection: Connection, customer_key: str) -> Sequence[RowMapping]:
    """What the published batches say of a customer, the version that is seen first; without mere ends of contracts."""
    query = _published(customer_version, batch.c.published_at).where(
        customer_version.c.customer_key == customer_key, ~customer_version.c.tombstone
    )
    return connection.execute(query.order_by(batch.c.pub_seq.desc())).mappings().all()


def of_batch(connection: Connection, batch_id: int, customer_keys: Sequence[str]) -> dict[str, RowMapping]:
    """What a batch says of some customers, published or not, by their keys."""
    query = select(customer_version).where(
        customer_version.c.customer_key.in_(customer_keys), customer_version.c.batch_id == batch_id
    )
    return {row["customer_key"]: row for row in connection.execute(query).mappings()}


def contracts_from(connection: Connection, number: str, limit: int) -> Sequence[Version]:
    """Published versions of contract sets from ``number`` on."""
    query = (
        select(contract_set, batch.c.pub_seq)
        .join(batch, batch.c.id == contract_set.c.batch_id)
        .where(batch.c.state == State.PUBLISHED.value, contract_set.c.customer_key >= number)
    )
    return connection.execute(query.order_by(contract_set.c.customer_key).limit(limit)).all()
