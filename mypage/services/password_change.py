"""Changing the password: the old one is asked, all other sessions end, the person is mailed.

Sources: specification §2 (the rules of a password), §4 and "security" (a session thief must not stay in).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.password import ProfileName
from mypage.domain.trail import Action
from mypage.services import new_password, sessions, throttle, trail
from mypage.services.login import Browser, LoggedIn
from mypage.services.sessions import Lifetime, Session
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import accounts, credentials
from mypage.store.credentials import Credentials

COUNTER: Final = "password-change"


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


def changed_after(connection: Connection, session: Session, at: datetime) -> bool:
    """Whether the password was changed after the second of ``at``: what was typed on a page of then is overtaken."""
    account = accounts.by_id(connection, session.account_id)
    return account is not None and account["password_changed_at"].replace(microsecond=0) > at


def reserve(connection: Connection, session: Session, *, secret: str, now: datetime) -> Attempt | Waiting:
    """Count a try before it is made: who has a session must not guess the password with it.

    Raises ``LookupError`` where the account is gone.
    """
    account = credentials.of_account(connection, session.account_id)
    if account is None:
        raise LookupError("the account of a live session is gone")
    counter = Counter(COUNTER, session.account_id)
    reserved = throttle.reserve(connection, (counter,), secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            _refused(connection, account, "D-02", now)
        return reserved
    masters = new_password.masters(connection, (customer.key for customer in session.customers))
    return Attempt(account, masters, reserved)


def weaknesses(attempt: Attempt, new: str, profile: ProfileName) -> tuple[str, ...]:
    """Codes of the rules that the new password fails, each once."""
    return new_password.weaknesses(attempt.account.login_id, attempt.masters, new, profile)


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
    replaced = new_password.put(connection, account, new_hash, mail="password_changed", now=now)
    if replaced is None:
        _refused(connection, account, "overtaken", now)
        return Refusal.OVERTAKEN
    session = sessions.start(
        connection,
        account.account_id,
        stamp=replaced.stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=browser.held,
        now=now,
    )
    trail.record(
        connection,
        Action.PASSWORD_CHANGED,
        actor=f"account:{account.account_id}",
        account_id=account.account_id,
        now=now,
        sessions_ended=max(replaced.sessions_ended - 1, 0),
    )
    return LoggedIn(account.account_id, replaced.stamp, session)


def _refused(connection: Connection, account: Credentials, cause: str, now: datetime) -> None:
    trail.record(
        connection,
        Action.PASSWORD_CHANGE_REFUSED,
        actor=f"account:{account.account_id}",
        account_id=account.account_id,
        now=now,
        cause=cause,
    )
