"""The contracts of one customer: the version that is seen."""

from typing import Any

from sqlalchemy import Connection, select

from mypage.store.schema import batch, contract_set


def contracts(connection: Connection, customer_key: str) -> list[dict[str, Any]]:
    """The contracts as the newest published batch that names the customer has them; empty where none does."""
    query = (
        select(contract_set.c.contracts)
        .join(batch, batch.c.id == contract_set.c.batch_id)
        .where(contract_set.c.customer_key == customer_key, batch.c.pub_seq.is_not(None))
        .order_by(batch.c.pub_seq.desc())
        .limit(1)
    )
    return list(connection.execute(query).scalar_one_or_none() or ())
