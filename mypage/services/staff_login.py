"""Staff's login: password, then second factor; each try reserved, and never a word about which was wrong.

Sources: specification §5, "security" (password guesser), "decisions" (*Transactions*, *Throttle schedule*). As at the
login of subscribers (``services.login``): whether an id exists can be told neither from the answer nor from the work.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mypage.domain import login_id as login_ids
from mypage.domain.second_factor import Method
from mypage.domain.staff import StaffState, actor
from mypage.domain.trail import Action
from mypage.services import staff_sessions, throttle, trail
from mypage.services.login import Browser, KnownDevice, Refused, known_device
from mypage.services.sessions import Lifetime
from mypage.services.staff_sessions import StaffSession
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import staff as store
from mypage.store import staff_sessions as stored_sessions
from mypage.store.staff import Credentials

WRONG: Final = "wrong"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reserved try. ``password_hash`` is None where nobody has that id: verify all the same."""

    member: Credentials | None
    reserved: Reserved

    @property
    def password_hash(self) -> str | None:
        """What the typed password is verified against."""
        return self.member.password_hash if self.member else None

    @property
    def may_enter(self) -> bool:
        """Whether the right password leads on."""
        return self.member is not None and self.member.state == StaffState.ACTIVE


@dataclass(frozen=True, slots=True)
class Halfway:
    """The password was right; ``secret`` is for the browser's cookie."""

    staff_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Both factors were given; ``stamp`` is for the device's cookie."""

    staff_id: str
    stamp: str
    secret: str


def reserve(
    connection: Connection,
    *,
    login_id: str,
    devices: Iterable[KnownDevice],
    address: str,
    secret: str,
    now: datetime,
) -> Attempt | Waiting:
    """Count a try before it is made. A device that has logged in before has a counter of its own."""
    login_key = login_ids.key(login_id)
    is_there, nearest = store.nearest(connection, login_key if login_key.isprintable() else "")
    member = nearest if is_there else None
    known = _known_device(member, devices)
    counters = (
        (Counter("staff-device", known),)
        if known is not None
        else (Counter("staff-account", login_key), throttle.per_address("staff-address", address))
    )
    reserved = throttle.reserve(connection, counters, secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            whom = member.staff_id if member else None
            trail.record(connection, Action.STAFF_LOGIN_THROTTLED, actor="visitor", now=now, staff_id=whom)
        return reserved
    return Attempt(member, reserved)


def conclude(
    connection: Connection,
    attempt: Attempt,
    *,
    is_right: bool,
    renewed_hash: str | None,
    browser: Browser,
    lifetime: Lifetime,
    secret: str,
    now: datetime,
) -> Halfway | Refused:
    """Record how the try ended; a right one is given back and opens a session that asks for the second factor.

    ``renewed_hash`` replaces a hash that was made with a lower cost than today's.
    """
    member = attempt.member
    if member is None or not is_right or not attempt.may_enter:
        trail.record(
            connection,
            Action.STAFF_LOGIN_REFUSED,
            actor="visitor",
            now=now,
            staff_id=member.staff_id if member else None,
            reason=member.state if member and is_right else WRONG,
            detail={"address": browser.address},
        )
        return Refused(attempt.reserved.misses)
    throttle.give_back(connection, attempt.reserved, secret=secret)
    if renewed_hash is not None:
        store.change(connection, member.staff_id, password_hash=renewed_hash)
    opened = staff_sessions.start(
        connection,
        member.staff_id,
        stamp=member.stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=browser.held,
        is_whole=False,
        now=now,
    )
    trail.record(
        connection,
        Action.STAFF_PASSWORD_PROVEN,
        actor=actor(member.staff_id),
        now=now,
        detail={"address": browser.address},
    )
    return Halfway(member.staff_id, opened)


def is_open(connection: Connection, session: StaffSession) -> bool:
    """Whether the half session still waits for its factor; locked. Of two equal answers the second one finds it gone."""
    return stored_sessions.lock(connection, session.id)


def complete(
    connection: Connection,
    session: StaffSession,
    method: Method,
    *,
    browser: Browser,
    lifetime: Lifetime,
    now: datetime,
) -> LoggedIn | None:
    """The second factor was given: a whole session takes the place of the half one.

    None where that one has ended meanwhile (the same answer sent twice, a suspension): the caller undoes its deed.
    """
    if stored_sessions.remove(connection, session.id) is None:
        return None
    member = store.by_id(connection, session.staff_id)
    if member is None or member["stamp"] != session.stamp or member["state"] != StaffState.ACTIVE:
        return None
    secret = staff_sessions.start(
        connection,
        session.staff_id,
        stamp=session.stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=None,
        is_whole=True,
        now=now,
    )
    store.change(connection, session.staff_id, last_login_at=now)
    trail.record(
        connection,
        Action.STAFF_LOGGED_IN,
        actor=session.actor,
        now=now,
        method=method.value,
        detail={"address": browser.address},
    )
    return LoggedIn(session.staff_id, session.stamp, secret)


def _known_device(member: Credentials | None, devices: Iterable[KnownDevice]) -> str | None:
    return None if member is None else known_device(member.staff_id, member.stamp, devices)
