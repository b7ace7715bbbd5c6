"""Letters to the customers' addresses, and the tries at their codes."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from mypage.store.schema import letter


def add(
    connection: Connection,
    *,
    customer_key: str,
    account_id: str,
    serial: int,
    with_code: bool,
    now: datetime,
    asked_by: str | None = None,
) -> None:
    """A letter that waits to be posted. ``asked_by``: the member of staff who has it sent."""
    connection.execute(
        insert(letter).values(
            customer_key=customer_key,
            account_id=account_id,
            serial=serial,
            with_code=with_code,
            asked_at=now,
            tries=0,
            asked_by=asked_by,
        )
    )


def of_account(connection: Connection, customer_key: str, account_id: str) -> list[RowMapping]:
    """The letters about a customer of an account, oldest first."""
    query = select(letter).where(letter.c.customer_key == customer_key, letter.c.account_id == account_id)
    return list(connection.execute(query.order_by(letter.c.serial)).mappings())


def count_try(connection: Connection, customer_key: str, account_id: str, serial: int) -> None:
    """One try at the code of a letter more."""
    connection.execute(
        update(letter).where(_is(customer_key, account_id, serial)).values(tries=letter.c.tries + 1)
    )


def forget(connection: Connection, customer_key: str) -> None:
    """Remove all letters about a customer."""
    connection.execute(delete(letter).where(letter.c.customer_key == customer_key))


def _is(customer_key: str, account_id: str, serial: int) -> Any:
    return (
        (letter.c.customer_key == customer_key)
        & (letter.c.account_id == account_id)
        & (letter.c.serial == serial)
    )
