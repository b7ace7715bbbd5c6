"""Web logins: born at activation, with the one customer that was proven."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import account, account_customer

OWNER = "owner"


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Write a new account."""
    connection.execute(insert(account).values(**row))


def become_owner(
    connection: Connection,
    *,
    customer_key: str,
    account_id: str,
    since: datetime,
    matched_batch_id: int | None,
) -> bool:
    """Give a customer its owner; False, and nothing written, where there is one (``uq_account_customer_owner``)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(account_customer).values(
        customer_key=customer_key,
        account_id=account_id,
        role=OWNER,
        since=since,
        matched_batch_id=matched_batch_id,
    )
    alone = wanted.on_conflict_do_nothing(
        index_elements=["customer_key"], index_where=account_customer.c.role == OWNER
    )
    return connection.execute(alone.returning(account_customer.c.account_id)).first() is not None


def owner_of(connection: Connection, keys: Sequence[str]) -> RowMapping | None:
    """The account that owns a customer under one of these keys, the oldest of several; None where nobody registered."""
    query = (
        select(account)
        .join(account_customer, account_customer.c.account_id == account.c.id)
        .where(account_customer.c.customer_key.in_(keys), account_customer.c.role == OWNER)
        .order_by(account_customer.c.since, account.c.id)
        .limit(1)
    )
    return connection.execute(query).mappings().one_or_none()


def by_id(connection: Connection, account_id: str) -> RowMapping | None:
    """One account."""
    return connection.execute(select(account).where(account.c.id == account_id)).mappings().one_or_none()
