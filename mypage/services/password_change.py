"""Changing the password: the old one is asked, all other sessions end, the person is mailed.

Sources: specification §2 (the rules of a password), §4 and "security" (a session thief must not stay in).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import Connection, RowMapping

from mypage.domain import password as rules
from mypage.domain.password import ProfileName
from mypage.domain.trail import Action
from mypage.services import outbox, sessions, throttle, trail
from mypage.services.login import Browser, LoggedIn
from mypage.services.sessions import Lifetime, Session
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import credentials, holders
from mypage.store import sessions as stored_sessions
from mypage.store.credentials import Credentials


class Refusal(Enum):
    """Why the password stays as it is."""

    WRONG = auto()  # the old password is not right
    WEAK = auto()  # the new one fails the rules
    OVERTAKEN = auto()  # the sessions of the account ended while this was under way


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reserved try, with what the rules must know of the person."""

    account: Credentials
    masters: tuple[RowMapping, ...]
    reserved: Reserved


def reserve(connection: Connection, session: Session, *, secret: str, now: datetime) -> Attempt | Waiting:
    """Count a try before it is made: who has a session must not guess the password with it.

    Raises ``LookupError`` where the account is gone.
    """
    account = credentials.of_account(connection, session.account_id)
    if account is None:
        raise LookupError("the account of a live session is gone")
    counter = Counter("password-change", session.account_id)
    reserved = throttle.reserve(connection, (counter,), secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            _refused(connection, account, "D-02", now)
        return reserved
    masters = (holders.of_key(connection, customer.key) for customer in session.customers)
    return Attempt(account, tuple(master for master in masters if master is not None), reserved)


def weaknesses(attempt: Attempt, new: str, profile: ProfileName) -> tuple[str, ...]:
    """Codes of the rules that the new password fails, each once."""
    failed = dict.fromkeys(rules.weaknesses(new, profile, login_id=attempt.account.login_id))
    for master in attempt.masters:
        codes = rules.weaknesses(
            new,
            profile,
            customer_number=master["customer_key"],
            phone=_filled(master["phone"], master["phone2"]),
            names=_filled(master["name"], master["name_kana"], master["name_kana2"]),
        )
        failed.update(dict.fromkeys(codes))
    return tuple(failed)


def conclude(
    connection: Connection,
    attempt: Attempt,
    *,
    is_right: bool,
    new_hash: str | None,
    browser: Browser,
    lifetime: Lifetime,
    secret: str,
    now: datetime,
) -> LoggedIn | Refusal:
    """Record how the try ended. ``new_hash`` is None where the new password is not good enough."""
    account = attempt.account
    if not is_right:
        _refused(connection, account, "D-01", now)
        return Refusal.WRONG
    throttle.give_back(connection, attempt.reserved, secret=secret)
    if new_hash is None:
        _refused(connection, account, "B-02", now)
        return Refusal.WEAK
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
        _refused(connection, account, "overtaken", now)
        return Refusal.OVERTAKEN
    ended = stored_sessions.remove_all(connection, account.account_id)
    session = sessions.start(
        connection,
        account.account_id,
        stamp=stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=browser.held,
        now=now,
    )
    outbox.enqueue(
        connection,
        "password_changed",
        recipient=account.email,
        language=account.language,
        facts={"nickname": account.nickname, "at": now.isoformat()},
        account_id=account.account_id,
        now=now,
    )
    trail.record(
        connection,
        Action.PASSWORD_CHANGED,
        actor=f"account:{account.account_id}",
        account_id=account.account_id,
        now=now,
        sessions_ended=max(ended - 1, 0),
    )
    return LoggedIn(account.account_id, stamp, session)


def _refused(connection: Connection, account: Credentials, cause: str, now: datetime) -> None:
    trail.record(
        connection,
        Action.PASSWORD_CHANGE_REFUSED,
        actor=f"account:{account.account_id}",
        account_id=account.account_id,
        now=now,
        cause=cause,
    )


def _filled(*texts: str | None) -> Iterable[str]:
    return [text for text in texts if text]
