"""Forms that are kept until their owner is back."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select

from mypage.store.schema import kept_form


def add(connection: Connection, row: dict[str, Any]) -> None:
    """Keep a form."""
    connection.execute(insert(kept_form).values(**row))


def find(connection: Connection, token_hash: str, now: datetime) -> RowMapping | None:
    """The form that a browser left, None where there is none (any more)."""
    query = select(kept_form).where(kept_form.c.token_hash == token_hash, kept_form.c.expires_at > now)
    return connection.execute(query).mappings().one_or_none()


def remove(connection: Connection, token_hash: str) -> None:
    """Forget what a browser left."""
    connection.execute(delete(kept_form).where(kept_form.c.token_hash == token_hash))


def remove_of_another(connection: Connection, token_hash: str, owner: str) -> bool:
    """Forget it if it is not ``owner``'s; whether it was not."""
    wrong = delete(kept_form).where(kept_form.c.token_hash == token_hash, kept_form.c.owner != owner)
    return connection.execute(wrong).rowcount == 1


def keep_newest(connection: Connection, owner: str, count: int) -> None:
    """Forget all forms of an owner but the newest."""
    newest = (
        select(kept_form.c.token_hash)
        .where(kept_form.c.owner == owner)
        .order_by(kept_form.c.expires_at.desc(), kept_form.c.token_hash)
        .limit(count)
    )
    connection.execute(
        delete(kept_form).where(kept_form.c.owner == owner, kept_form.c.token_hash.not_in(newest))
    )
