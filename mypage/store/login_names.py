"""Claims on login ids: one row an id, for provisional registrations and accounts alike."""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.raw import RawQuery, stored_instant
from mypage.store.schema import login_name

_CUSTOMER: Final = "customer"
# Each login asks.
_CLAIMED_BY = RawQuery("SELECT claimed_by FROM login_name WHERE login_key = ? AND expires_at > ?")


def claim_of(customer_key: str) -> str:
    """The name under which a customer's provisional registration claims an id."""
    return f"{_CUSTOMER}:{customer_key}"


def claim_of_account(account_id: str) -> str:
    """The name under which an account holds its id."""
    return f"account:{account_id}"


def claim(
    connection: Connection, login_key: str, *, claimed_by: str, expires_at: datetime | None, now: datetime
) -> bool:
    """Claim an id until ``expires_at`` (None: for good); False where somebody else's claim is alive.

    One statement, so that of two who claim at once exactly one gets it. An expired claim is taken over, one's own
    is renewed.
    """
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    wanted = insert(login_name).values(login_key=login_key, claimed_by=claimed_by, expires_at=expires_at)
    claimed = wanted.on_conflict_do_update(
        index_elements=["login_key"],
        set_={"claimed_by": wanted.excluded.claimed_by, "expires_at": wanted.excluded.expires_at},
        where=or_(login_name.c.expires_at <= now, login_name.c.claimed_by == claimed_by),
    ).returning(login_name.c.login_key)
    return connection.execute(claimed).first() is not None


def hand_on(connection: Connection, login_key: str, *, claimed_by: str, to: str) -> None:
    """Turn one's own claim into one for good under another name (a registration became an account)."""
    connection.execute(
        update(login_name)
        .where(login_name.c.login_key == login_key, login_name.c.claimed_by == claimed_by)
        .values(claimed_by=to, expires_at=None)
    )


def extend(connection: Connection, login_key: str, *, claimed_by: str, expires_at: datetime) -> None:
    """Move the end of one's own claim."""
    connection.execute(
        update(login_name)
        .where(login_name.c.login_key == login_key, login_name.c.claimed_by == claimed_by)
        .values(expires_at=expires_at)
    )


def release(connection: Connection, login_key: str, *, claimed_by: str) -> None:
    """Give one's own claim up."""
    connection.execute(
        delete(login_name).where(login_name.c.login_key == login_key, login_name.c.claimed_by == claimed_by)
    )


def claiming_customer(connection: Connection, login_key: str, now: datetime) -> str | None:
    """The customer whose provisional registration claims an id now; None where an account or nobody has it."""
    rows = _CLAIMED_BY.rows(connection, (login_key, stored_instant(connection, now)))
    kind, _, customer_key = rows[0][0].partition(":") if rows else ("", "", "")
    return customer_key if kind == _CUSTOMER else None


def is_free(connection: Connection, login_key: str, *, claimed_by: str, now: datetime) -> bool:
    """Whether :func:`claim` would succeed for ``claimed_by`` now."""
    alive = select(login_name.c.login_key).where(
        login_name.c.login_key == login_key,
        login_name.c.claimed_by != claimed_by,
        or_(login_name.c.expires_at.is_(None), login_name.c.expires_at > now),
    )
    return connection.execute(alive).first() is None
