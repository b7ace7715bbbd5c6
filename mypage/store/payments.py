"""What published payments files say of statements that a file names."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from mypage.domain.batch import State
from mypage.store.schema import batch, payment
from mypage.store.standing import Key


def versions(connection: Connection, keys: Sequence[Key]) -> Sequence[Row[Any]]:
    """The published versions of payments of these customers and months; other statement numbers come along."""
    query = (
        select(payment, batch.c.pub_seq)
        .join(batch, batch.c.id == payment.c.batch_id)
        .where(
            payment.c.customer_key.in_({key for key, _, _ in keys}),
            payment.c.billing_month.in_({month for _, month, _ in keys}),
            batch.c.state == State.PUBLISHED.value,
        )
    )
    return connection.execute(query).all()


def key_of(row: Any) -> Key:
    """Customer key, month and number of a row."""
    return row.customer_key, row.billing_month, row.number
