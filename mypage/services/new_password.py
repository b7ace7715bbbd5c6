"""A new password of an account, however its owner has proven to be it: the rules, and what follows.

Sources: specification §2 (the rules of a password), §4 and "security" (a session thief must not stay in).
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, RowMapping

from mypage.domain import password as rules
from mypage.domain.password import ProfileName
from mypage.services import outbox
from mypage.store import credentials, holders
from mypage.store import sessions as stored_sessions
from mypage.store.credentials import Credentials


class Replaced(NamedTuple):
    """The password is the new one; every session of the account has ended, and no device is known any more."""

    stamp: str
    sessions_ended: int


def masters(connection: Connection, customer_keys: Iterable[str]) -> tuple[RowMapping, ...]:
    """What the master says of the account's customers: nothing of it may be the password."""
    found = (holders.of_key(connection, key) for key in customer_keys)
    return tuple(master for master in found if master is not None)


def weaknesses(
    login_id: str, masters: Sequence[RowMapping], new: str, profile: ProfileName
) -> tuple[str, ...]:
    """Codes of the rules that the new password fails, each once."""
    failed = dict.fromkeys(rules.weaknesses(new, profile, login_id=login_id))
    for master in masters:
        codes = rules.weaknesses(
            new,
            profile,
            customer_number=master["customer_key"],
            phone=_filled(master["phone"], master["phone2"]),
            names=_filled(master["name"], master["name_kana"], master["name_kana2"]),
        )
        failed.update(dict.fromkeys(codes))
    return tuple(failed)


def put(
    connection: Connection, account: Credentials, new_hash: str, *, mail: str, now: datetime
) -> Replaced | None:
    """Replace the password and mail its owner (``mail``: the kind that tells how it came about).

    None, and nothing done, where the account's sessions were all ended since ``account`` was read: what was proven
    then is worth nothing now.
    """
    stamp = secrets.token_hex(16)
    replaced = credentials.replace_password(
        connection,
        account.account_id,
        password_hash=new_hash,
        was_stamp=account.stamp,
        stamp=stamp,
        now=now,
    )
    if not replaced:
        return None
    ended = stored_sessions.remove_all(connection, account.account_id)
    outbox.enqueue(
        connection,
        mail,
        recipient=account.email,
        language=account.language,
        facts={"nickname": account.nickname, "at": now.isoformat()},
        account_id=account.account_id,
        now=now,
    )
    return Replaced(stamp, ended)


def _filled(*texts: str | None) -> Iterable[str]:
    return [text for text in texts if text]
