"""The draft of screens 2 and 3: rows that exist only after an identity match."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from mypage.store.schema import signup_draft


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Begin a draft in place of the browser's former one."""
    remove(connection, row["token_hash"])
    connection.execute(insert(signup_draft).values(**row))


def find(connection: Connection, token_hash: str, now: datetime) -> RowMapping | None:
    """The draft of a browser, None when there is none that is alive."""
    query = select(signup_draft).where(
        signup_draft.c.token_hash == token_hash, signup_draft.c.expires_at > now
    )
    return connection.execute(query).mappings().one_or_none()


def count_id_check(connection: Connection, token_hash: str, most: int, now: datetime) -> bool:
    """Count one answer about a login id; False, and nothing counted, after ``most`` of them."""
    counted = (
        update(signup_draft)
        .where(
            signup_draft.c.token_hash == token_hash,
            signup_draft.c.expires_at > now,
            signup_draft.c.id_checks < most,
        )
        .values(id_checks=signup_draft.c.id_checks + 1)
    )
    return connection.execute(counted).rowcount == 1


def change(connection: Connection, token_hash: str, now: datetime, **values: Any) -> bool:
    """Write into a draft that is alive; False when there is none."""
    changed = (
        update(signup_draft)
        .where(signup_draft.c.token_hash == token_hash, signup_draft.c.expires_at > now)
        .values(**values)
    )
    return connection.execute(changed).rowcount == 1


def remove(connection: Connection, token_hash: str) -> None:
    """End a draft."""
    connection.execute(delete(signup_draft).where(signup_draft.c.token_hash == token_hash))
