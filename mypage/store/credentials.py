"""What a login is checked against, and what a password change replaces."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, update

from mypage.store.raw import RawQuery, stored_instant
from mypage.store.schema import account


class Credentials(NamedTuple):
    """Of one account. ``stamp`` is rotated by whatever ends all its sessions."""

    account_id: str
    login_id: str
    password_hash: str
    stamp: str
    state: str
    nickname: str
    email: str
    language: str


_COLUMNS = "id, login_id, password_hash, stamp, state, nickname, email, language"
_NEAREST = RawQuery(
    f"""
    SELECT login_key = ?, {_COLUMNS} FROM account
    WHERE login_key = COALESCE(
        (SELECT login_key FROM account WHERE login_key >= ? ORDER BY login_key LIMIT 1),
        (SELECT MIN(login_key) FROM account)
    )
    """  # noqa: S608 - nothing but column names of ours is written into it
)
_BY_ID = RawQuery(f"SELECT {_COLUMNS} FROM account WHERE id = ?")  # noqa: S608
_NOTE_LOGIN = RawQuery(
    """
    UPDATE account SET last_login_at = ?,
        password_hash = CASE WHEN stamp = ? THEN COALESCE(?, password_hash) ELSE password_hash END
    WHERE id = ? RETURNING id
    """
)


def nearest(connection: Connection, login_key: str) -> tuple[bool, Credentials | None]:
    """Of the account with that folded login id (True), else (False) of its neighbour; None where there is no account."""
    rows = _NEAREST.rows(connection, (login_key, login_key))
    return (bool(rows[0][0]), Credentials(*rows[0][1:])) if rows else (False, None)


def of_account(connection: Connection, account_id: str) -> Credentials | None:
    """Of the account with that id."""
    rows = _BY_ID.rows(connection, (account_id,))
    return Credentials(*rows[0]) if rows else None


def note_login(
    connection: Connection, account_id: str, now: datetime, password_hash: str | None, *, was_stamp: str
) -> None:
    """Keep when the account last logged in, and its password's hash made anew if there is one.

    Not that hash where the password was changed since ``was_stamp``: it would bring the old one back.
    """
    _NOTE_LOGIN.rows(connection, (stored_instant(connection, now), was_stamp, password_hash, account_id))


def replace_password(
    connection: Connection, account_id: str, *, password_hash: str, was_stamp: str, stamp: str, now: datetime
) -> bool:
    """Set a password and a stamp; False, and nothing done, where the stamp is no longer ``was_stamp``."""
    replaced = connection.execute(
        update(account)
        .where(account.c.id == account_id, account.c.stamp == was_stamp)
        .values(password_hash=password_hash, password_changed_at=now, stamp=stamp)
    )
    return replaced.rowcount == 1
