"""Provisional registrations: one row a customer, and the mails that signups asked for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, delete, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import registration, signup_mail


def lock(connection: Connection, customer_key: str) -> None:
    """Let one deed at a time change a customer's registration, before there is a row to lock.

    SQLite's write lock does that already.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"registration:{customer_key}"},
        )


def lock_destination(connection: Connection, destination: str) -> None:
    """Let one signup at a time count the mails to a destination."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"destination:{destination}"},
        )


def of_customer(connection: Connection, customer_key: str) -> RowMapping | None:
    """The registration of a customer, in whatever state."""
    query = select(registration).where(registration.c.customer_key == customer_key)
    return connection.execute(query).mappings().one_or_none()


def by_id(connection: Connection, registration_id: str) -> RowMapping | None:
    """The registration that a link names."""
    query = select(registration).where(registration.c.registration_id == registration_id)
    return connection.execute(query).mappings().one_or_none()


def of_browser(connection: Connection, browser_hash: str) -> RowMapping | None:
    """The newest registration that a browser made."""
    query = (
        select(registration)
        .where(registration.c.browser_hash == browser_hash)
        .order_by(registration.c.created_at.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().one_or_none()


def put(connection: Connection, row: dict[str, Any]) -> None:
    """Write a customer's registration in place of the one before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(registration).values(**row)
    connection.execute(
        wanted.on_conflict_do_update(
            index_elements=["customer_key"],
            set_={name: wanted.excluded[name] for name in row if name != "customer_key"},
        )
    )


def change(connection: Connection, registration_id: str, serial: int, /, **values: Any) -> bool:
    """Write into a registration if ``serial`` is still its serial; False where a newer one took its place."""
    changed = (
        update(registration)
        .where(registration.c.registration_id == registration_id, registration.c.serial == serial)
        .values(**values)
    )
    return connection.execute(changed).rowcount == 1


def add_mail(connection: Connection, row: dict[str, Any]) -> None:
    """Remember that a mail was asked for."""
    connection.execute(insert(signup_mail).values(**row))


def mails_of_customer(
    connection: Connection, customer_key: str, since: datetime
) -> list[Row[datetime, str, bool]]:
    """Instant, destination and whether it replaced a registration, of the mails asked for since then."""
    query = select(signup_mail.c.at, signup_mail.c.destination, signup_mail.c.replaces)
    mine = query.where(signup_mail.c.customer_key == customer_key, signup_mail.c.at > since)
    return list(connection.execute(mine.order_by(signup_mail.c.at)))


def mails_to(connection: Connection, destination: str, since: datetime) -> list[datetime]:
    """When mails to a destination were asked for since then, whichever customer it was for."""
    query = select(signup_mail.c.at).where(signup_mail.c.destination == destination, signup_mail.c.at > since)
    return list(connection.scalars(query.order_by(signup_mail.c.at)))


def replacements_to(connection: Connection, destination: str, since: datetime) -> list[datetime]:
    """When mails to a destination replaced a registration since then, whichever customer's it was."""
    query = select(signup_mail.c.at).where(
        signup_mail.c.destination == destination, signup_mail.c.at > since, signup_mail.c.replaces
    )
    return list(connection.scalars(query.order_by(signup_mail.c.at)))


def forget_mails(connection: Connection, customer_key: str, before: datetime) -> None:
    """Remove what no limit counts any more."""
    connection.execute(
        delete(signup_mail).where(signup_mail.c.customer_key == customer_key, signup_mail.c.at <= before)
    )
