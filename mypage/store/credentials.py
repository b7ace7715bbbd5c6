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


_OF_ACCOUNT = "SELECT id, login_id, password_hash, stamp, state, nickname, email, language FROM account"
_BY_LOGIN_KEY = RawQuery(f"{_OF_ACCOUNT} WHERE login_key = ?")
_BY_ID = RawQuery(f"{_OF_ACCOUNT} WHERE id = ?")
_NOTE_LOGIN = RawQuery(
    "UPDATE account SET last_login_at = ?, password_hash = COALESCE(?, password_hash) WHERE id = ? RETURNING id"
)


def by_login_key(connection: Connection, login_key: str) -> Credentials | None:
    """Of the account with that folded login id."""
    rows = _BY_LOGIN_KEY.rows(connection, (login_key,))
    return Credentials(*rows[0]) if rows else None


def of_account(connection: Connection, account_id: str) -> Credentials | None:
    """Of the account with that id."""
    rows = _BY_ID.rows(connection, (account_id,))
    return Credentials(*rows[0]) if rows else None


def note_login(connection: Connection, account_id: str, now: datetime, password_hash: str | None) -> None:
    """Keep when the account last logged in, and its password's hash made anew if there is one."""
    _NOTE_LOGIN.rows(connection, (stored_instant(connection, now), password_hash, account_id))


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
