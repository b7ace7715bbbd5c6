"""Customers whose registration was released, until somebody registers them anew."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import released_customer


def put(connection: Connection, *, customer_key: str, former_account_id: str, released_at: datetime) -> None:
    """Remember a release, in place of an earlier one."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(released_customer).values(
        customer_key=customer_key, former_account_id=former_account_id, released_at=released_at
    )
    named = ("former_account_id", "released_at", "objected_at")
    connection.execute(
        wanted.on_conflict_do_update(
            index_elements=["customer_key"], set_={name: wanted.excluded[name] for name in named}
        )
    )


def take(connection: Connection, customer_key: str) -> RowMapping | None:
    """The release of a customer who is registered anew now, which is thereby over; None where there was none."""
    taken = delete(released_customer).where(released_customer.c.customer_key == customer_key)
    return connection.execute(taken.returning(*released_customer.c)).mappings().one_or_none()


def of_customer(connection: Connection, customer_key: str) -> RowMapping | None:
    """The release of a customer whom nobody has registered since."""
    query = select(released_customer).where(released_customer.c.customer_key == customer_key)
    return connection.execute(query).mappings().one_or_none()


def object_to(connection: Connection, customer_key: str, at: datetime | None) -> None:
    """Keep that somebody objects to a release; with None, that the objection is settled."""
    connection.execute(
        update(released_customer)
        .where(released_customer.c.customer_key == customer_key)
        .values(objected_at=at)
    )
