"""What members of staff do with their own login: password, sessions, factors. The password is asked each time.

Whoever sits down at an unlocked desk must not stay in: so what opens the login for longer asks for the password, with
a counter of its own, and is told by mail.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.password import weaknesses
from mypage.domain.trail import Action
from mypage.services import staff_sessions, throttle, trail
from mypage.services.login import Browser
from mypage.services.sessions import Lifetime
from mypage.services.staff_login import LoggedIn
from mypage.services.staff_notices import notify
from mypage.services.staff_sessions import StaffSession
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import staff as store
from mypage.store import staff_sessions as stored_sessions
from mypage.store.staff_sessions import OpenedSession

PROFILE: Final = "strict"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reserved try of the own password."""

    member: RowMapping
    reserved: Reserved


def faults(password: str, *, login_id: str, name: str) -> tuple[str, ...]:
    """Codes of the rules that a new password fails: the strict profile, whatever subscribers have."""
    return weaknesses(password, PROFILE, login_id=login_id, names=(name,))


def reserve(
    connection: Connection, session: StaffSession, *, secret: str, now: datetime
) -> Attempt | Waiting:
    """Count a try before it is made: who has a session must not guess the password with it."""
    reserved = throttle.reserve(connection, (Counter("staff-own", session.staff_id),), secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            _refused(connection, session, "throttled", now)
        return reserved
    member = store.by_id(connection, session.staff_id)
    if member is None:
        raise LookupError("the member of a live session is gone")
    return Attempt(member, reserved)


def confirm(
    connection: Connection,
    session: StaffSession,
    attempt: Attempt,
    *,
    is_right: bool,
    deed: str,
    secret: str,
    now: datetime,
) -> bool:
    """Record how the try ended; True where the ``deed`` that it was for may be done, in this transaction."""
    if not is_right:
        _refused(connection, session, deed, now)
        return False
    throttle.give_back(connection, attempt.reserved, secret=secret)
    member = store.lock(connection, session.staff_id)
    return member is not None and member["stamp"] == session.stamp


def change_password(
    connection: Connection,
    session: StaffSession,
    *,
    password_hash: str,
    browser: Browser,
    lifetime: Lifetime,
    now: datetime,
) -> LoggedIn | None:
    """Set the new password: all sessions end but a new one here. None where the sessions ended meanwhile."""
    stamp = secrets.token_hex(16)
    if not store.replace_password(
        connection,
        session.staff_id,
        password_hash=password_hash,
        was_stamp=session.stamp,
        stamp=stamp,
        now=now,
    ):
        return None
    ended = stored_sessions.remove_all(connection, session.staff_id)
    secret = staff_sessions.start(
        connection,
        session.staff_id,
        stamp=stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=None,
        is_whole=True,
        now=now,
    )
    tell(connection, session, "password_changed", now)
    trail.record(
        connection,
        Action.STAFF_PASSWORD_CHANGED,
        actor=session.actor,
        now=now,
        sessions_ended=max(ended - 1, 0),
    )
    return LoggedIn(session.staff_id, stamp, secret)


def sessions(connection: Connection, session: StaffSession) -> Sequence[OpenedSession]:
    """The own sessions, the last used first. Reads only."""
    return stored_sessions.of_member(connection, session.staff_id, session.stamp)


def end_session(connection: Connection, session: StaffSession, id_hash: str | None, now: datetime) -> int:
    """End one other session of one's own, or all others (None); how many ended."""
    if id_hash is None:
        ended = stored_sessions.remove_all(connection, session.staff_id, but=session.id)
    elif id_hash == session.id:
        ended = 0
    else:
        ended = int(stored_sessions.remove(connection, id_hash, session.staff_id) is not None)
    if ended:
        trail.record(
            connection, Action.STAFF_SESSIONS_ENDED, actor=session.actor, now=now, sessions_ended=ended
        )
    return ended


def tell(connection: Connection, session: StaffSession, what: str, now: datetime) -> None:
    """Mail the person what was done with their login."""
    member = store.by_id(connection, session.staff_id)
    if member is not None:
        notify(connection, member, what, now)


def _refused(connection: Connection, session: StaffSession, deed: str, now: datetime) -> None:
    trail.record(connection, Action.STAFF_PASSWORD_REFUSED, actor=session.actor, now=now, deed=deed)
