"""What a login is checked against, and what a password change replaces."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select, update

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


_COLUMNS = (
    account.c.id,
    account.c.login_id,
    account.c.password_hash,
    account.c.stamp,
    account.c.state,
    account.c.nickname,
    account.c.email,
    account.c.language,
)


def by_login_key(connection: Connection, login_key: str) -> Credentials | None:
    """Of the account with that folded login id."""
    row = connection.execute(select(*_COLUMNS).where(account.c.login_key == login_key)).first()
    return None if row is None else Credentials(*row)


def of_account(connection: Connection, account_id: str) -> Credentials | None:
    """Of the account with that id."""
    row = connection.execute(select(*_COLUMNS).where(account.c.id == account_id)).first()
    return None if row is None else Credentials(*row)


def note_login(connection: Connection, account_id: str, now: datetime, password_hash: str | None) -> None:
    """Keep when the account last logged in, and its password's hash made anew if there is one."""
    changed = {"last_login_at": now} | ({"password_hash": password_hash} if password_hash else {})
    connection.execute(update(account).where(account.c.id == account_id).values(changed))


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
