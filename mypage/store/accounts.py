"""Web logins: born at activation, with the one customer that was proven."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.raw import RawQuery, Source, instant
from mypage.store.schema import account, account_customer
from mypage.store.schema.accounts import IS_OWNER

OWNER = "owner"
_MAIL_REFUSED_AT = RawQuery("SELECT mail_refused_at FROM account WHERE id = ?")


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
    letter_for_approval: bool = False,
    changed_batch_id: int | None = None,
    awaits_approval: bool = False,
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
        letter_for_approval=letter_for_approval,
        changed_batch_id=changed_batch_id,
        awaits_approval=awaits_approval,
    )
    # By the words of the index: with a bound value PostgreSQL finds it for the first ten times only, and not once it
    # keeps one plan for whatever value comes.
    alone = wanted.on_conflict_do_nothing(index_elements=["customer_key"], index_where=IS_OWNER)
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


def change_link(connection: Connection, customer_key: str, account_id: str, /, **values: Any) -> None:
    """Write into how an account has a customer."""
    connection.execute(
        update(account_customer)
        .where(account_customer.c.customer_key == customer_key, account_customer.c.account_id == account_id)
        .values(**values)
    )


def awaiting_approval(connection: Connection, account_id: str) -> RowMapping | None:
    """How an account has the customer that staff are to look at, None where it waits for none."""
    query = select(account_customer).where(
        account_customer.c.account_id == account_id, account_customer.c.awaits_approval
    )
    return connection.execute(query.limit(1)).mappings().first()


def overdue_approvals(connection: Connection, since: datetime, limit: int) -> list[RowMapping]:
    """Customers whose registrations wait for staff since before then."""
    query = select(account_customer).where(
        account_customer.c.awaits_approval, account_customer.c.since <= since
    )
    return list(connection.execute(query.order_by(account_customer.c.customer_key).limit(limit)).mappings())


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


def ids_of_customer(connection: Connection, customer_key: str) -> list[str]:
    """The accounts that hold a customer."""
    query = select(account_customer.c.account_id).where(account_customer.c.customer_key == customer_key)
    return list(connection.scalars(query))


def by_id(connection: Connection, account_id: str) -> RowMapping | None:
    """One account."""
    return connection.execute(select(account).where(account.c.id == account_id)).mappings().one_or_none()


def by_login_key(connection: Connection, login_key: str) -> RowMapping | None:
    """The account with that folded login id."""
    query = select(account).where(account.c.login_key == login_key)
    return connection.execute(query).mappings().one_or_none()


def at_address(connection: Connection, email: str) -> Sequence[RowMapping]:
    """The accounts at an address, however its letters are written; the oldest first."""
    query = select(account).where(account.c.email_key == func.lower(email))
    return connection.execute(query.order_by(account.c.created_at, account.c.id)).mappings().all()


def lock(connection: Connection, account_id: str) -> RowMapping | None:
    """One account, as it is when all other deeds on it have ended. SQLite's write lock does that already."""
    query = select(account).where(account.c.id == account_id).with_for_update()
    return connection.execute(query).mappings().one_or_none()


def refuse_mail(connection: Connection, email: str, now: datetime) -> Sequence[str]:
    """Keep that mails to exactly this address are refused for good; the accounts there."""
    refused = (
        update(account)
        .where(account.c.email_key == func.lower(email), account.c.email == email)
        .values(mail_refused_at=now)
    )
    return connection.execute(refused.returning(account.c.id)).scalars().all()


def trust_mail(connection: Connection, account_id: str) -> None:
    """Forget that mails to the account's address were refused."""
    connection.execute(update(account).where(account.c.id == account_id).values(mail_refused_at=None))


def mail_refused_at(source: Source, account_id: str) -> datetime | None:
    """Since when mails to the account are refused for good, None where they arrive."""
    ((refused_at,),) = _MAIL_REFUSED_AT.rows(source, (account_id,))
    return None if refused_at is None else instant(refused_at)


def rename(connection: Connection, account_id: str, nickname: str) -> str | None:
    """Give an account another nickname; the one before, or None where it is the same (or the account is gone)."""
    # Locked, so that of two changes at once each knows what it replaces.
    query = select(account.c.nickname).where(account.c.id == account_id).with_for_update()
    before: str | None = connection.scalar(query)
    if before is None or before == nickname:
        return None
    connection.execute(update(account).where(account.c.id == account_id).values(nickname=nickname))
    return before
