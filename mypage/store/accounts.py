"""Web logins: born at activation, with the one customer that was proven."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import account, account_customer
from mypage.store.schema.accounts import IS_OWNER

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
    # By the words of the index: with a bound value PostgreSQL finds it for the first ten times only, and not once it
    # keeps one plan for whatever value comes.
    alone = wanted.on_conflict_do_nothing(index_elements=["customer_key"], index_where=IS_OWNER)
    return connection.execute(alone.returning(account_customer.c.account_id)).first() is not None


def owner_of(connection: Connection, customer_key: str) -> RowMapping | None:
    """The account that owns a customer, None where nobody registered it."""
    query = (
        select(account)
        .join(account_customer, account_customer.c.account_id == account.c.id)
        .where(account_customer.c.customer_key == customer_key, account_customer.c.role == OWNER)
    )
    return connection.execute(query).mappings().one_or_none()


def by_id(connection: Connection, account_id: str) -> RowMapping | None:
    """One account."""
    return connection.execute(select(account).where(account.c.id == account_id)).mappings().one_or_none()
