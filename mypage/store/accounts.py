"""Web logins: born at activation, with the one customer that was proven."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update
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
    awaits_letter: bool = False,
) -> bool:
    """Give a customer its owner; False, and nothing written, where there is one (``uq_account_customer_owner``)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(account_customer).values(
        customer_key=customer_key,
        account_id=account_id,
        role=OWNER,
        since=since,
        matched_batch_id=matched_batch_id,
        awaits_letter=awaits_letter,
    )
    alone = wanted.on_conflict_do_nothing(
        index_elements=["customer_key"], index_where=account_customer.c.role == OWNER
    )
    return connection.execute(alone.returning(account_customer.c.account_id)).first() is not None


def close(
    connection: Connection, customer_key: str, *, shown_from: datetime | None, objected_at: datetime | None
) -> None:
    """Show nothing of a customer to its owner before ``shown_from``, nor while somebody objects."""
    connection.execute(
        update(account_customer)
        .where(_is_owned(customer_key))
        .values(shown_from=shown_from, objected_at=objected_at)
    )


def open_letter(connection: Connection, customer_key: str, account_id: str) -> None:
    """The code of the letter was entered."""
    connection.execute(
        update(account_customer)
        .where(account_customer.c.customer_key == customer_key, account_customer.c.account_id == account_id)
        .values(awaits_letter=False)
    )


def link(connection: Connection, customer_key: str, account_id: str) -> RowMapping | None:
    """How an account has a customer, None where it has not."""
    query = select(account_customer).where(
        account_customer.c.customer_key == customer_key, account_customer.c.account_id == account_id
    )
    return connection.execute(query).mappings().one_or_none()


def owner_link(connection: Connection, customer_key: str) -> RowMapping | None:
    """How the owner of a customer has it, None where nobody registered it."""
    return (
        connection.execute(select(account_customer).where(_is_owned(customer_key))).mappings().one_or_none()
    )


def leave(connection: Connection, customer_key: str) -> None:
    """Take a customer from everybody who has it."""
    connection.execute(delete(account_customer).where(account_customer.c.customer_key == customer_key))


def has_customers(connection: Connection, account_id: str) -> bool:
    """Whether an account has any customer."""
    found = select(account_customer.c.customer_key).where(account_customer.c.account_id == account_id)
    return connection.execute(found.limit(1)).first() is not None


def change(connection: Connection, account_id: str, /, **values: Any) -> None:
    """Write into an account."""
    connection.execute(update(account).where(account.c.id == account_id).values(**values))


def _is_owned(customer_key: str) -> ColumnElement[bool]:
    return (account_customer.c.customer_key == customer_key) & (account_customer.c.role == OWNER)


def owner_of(connection: Connection, customer_key: str) -> RowMapping | None:
    """The account that owns a customer, None where nobody registered it."""
    query = (
        select(account)
        .join(account_customer, account_customer.c.account_id == account.c.id)
        .where(account_customer.c.customer_key == customer_key, account_customer.c.role == OWNER)
    )
    return connection.execute(query).mappings().one_or_none()


def ids_of_customer(connection: Connection, customer_key: str) -> list[str]:
    """The accounts that hold a customer."""
    query = select(account_customer.c.account_id).where(account_customer.c.customer_key == customer_key)
    return list(connection.scalars(query))


def by_id(connection: Connection, account_id: str) -> RowMapping | None:
    """One account."""
    return connection.execute(select(account).where(account.c.id == account_id)).mappings().one_or_none()
