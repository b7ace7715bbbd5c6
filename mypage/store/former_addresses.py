"""The address that an account had before staff corrected it, while that can be taken back."""

from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import former_address


def put(connection: Connection, *, account_id: str, email: str, replaced_at: datetime) -> None:
    """Keep an address, in place of one that was kept before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    wanted = dialect.insert(former_address).values(
        account_id=account_id, email=email, replaced_at=replaced_at
    )
    named = ("email", "replaced_at")
    connection.execute(
        wanted.on_conflict_do_update(
            index_elements=["account_id"], set_={name: wanted.excluded[name] for name in named}
        )
    )


def kept(connection: Connection, account_id: str, *, since: datetime | None = None) -> str | None:
    """The address that was replaced (after ``since``); None where there is none."""
    query = select(former_address.c.email).where(former_address.c.account_id == account_id)
    if since is not None:
        query = query.where(former_address.c.replaced_at > since)
    found: str | None = connection.scalar(query)
    return found


def forget(connection: Connection, account_id: str) -> None:
    """Nothing of the account can be taken back (any more)."""
    connection.execute(delete(former_address).where(former_address.c.account_id == account_id))


def remove(connection: Connection, *, replaced_before: datetime) -> int:
    """Forget addresses that nobody can restore any more; how many."""
    old = delete(former_address).where(former_address.c.replaced_at <= replaced_before)
    return connection.execute(old).rowcount
