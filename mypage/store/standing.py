"""What is published under the keys of statements that a file names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from mypage.domain.batch import Kind, State
from mypage.store.schema import batch, statement

Version = Row[*tuple[Any, ...]]
Key = tuple[str, int, int]


def versions(connection: Connection, keys: Sequence[Key]) -> Sequence[Version]:
    """The published versions of statements of these customers and months, with what heads them.

    Those of other statement numbers come along. Asked for by lists: PostgreSQL takes ten times as long for a list of
    keys of three columns.
    """
    query = (
        select(
            statement.c.customer_key,
            statement.c.billing_month,
            statement.c.number,
            statement.c.batch_id,
            statement.c.hidden,
            statement.c.due_on,
            statement.c.payment_method,
            statement.c.payment_state,
            batch.c.pub_seq,
        )
        .join(batch, batch.c.id == statement.c.batch_id)
        .where(
            statement.c.customer_key.in_({key for key, _, _ in keys}),
            statement.c.billing_month.in_({month for _, month, _ in keys}),
            batch.c.state == State.PUBLISHED.value,
        )
    )
    return connection.execute(query).all()


def months(connection: Connection) -> set[int]:
    """The billing months (yyyymm) of all published charges."""
    published = select(batch.c.counts).where(
        batch.c.kind == Kind.CHARGES.value, batch.c.state == State.PUBLISHED.value
    )
    return {month for counts in connection.execute(published).scalars() for month in counts.get("months", ())}
