"""Sessions of staff: apart from those of subscribers in table and cookie, and whole only with the second factor.

Who holds a session is read with it each time, so a suspension and a change of role work within one request
(specification §5). Sources of the limits: specification "security" (thief of a cookie).
"""

import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain.second_factor import Owner
from mypage.domain.staff import HALFWAY_LIFE, Role, StaffState, actor
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.sessions import Lifetime, hashed
from mypage.store import staff_sessions as store
from mypage.store.raw import Source

_TOUCHED_AGAIN: Final = timedelta(seconds=60)
_LONGEST_BROWSER: Final = 200


class StaffSession(NamedTuple):
    """A live session with what every page asks of it. ``id`` is the hash of what the browser holds.

    One that is not ``is_whole`` has proven the password only: it opens what asks for the second factor, no more.
    ``invitation``: the serial of the one by which it was opened, to enrol the first factor.
    """

    id: str
    staff_id: str
    name: str
    role: Role
    stamp: str
    is_whole: bool
    is_to_touch: bool
    invitation: int | None = None

    @property
    def owner(self) -> Owner:
        """Whose second factors are asked for."""
        return owner(self.staff_id)

    @property
    def actor(self) -> str:
        """How this member of staff stands in the trail."""
        return actor(self.staff_id)


def owner(staff_id: str) -> Owner:
    """A member of staff as the owner of second factors."""
    return Owner("staff", staff_id)


def start(
    connection: Connection,
    staff_id: str,
    *,
    stamp: str,
    lifetime: Lifetime,
    address: str,
    browser: str,
    replaces: str | None,
    is_whole: bool,
    invitation: int | None = None,
    now: datetime,
) -> str:
    """Open a session with that ``stamp``; the new secret for the browser's cookie.

    ``replaces`` is the secret that the browser held until now: that session ends. So do those that time has ended.
    """
    if replaces:
        store.remove(connection, hashed(replaces))
    remove_dead(connection, lifetime=lifetime, now=now, staff_id=staff_id)
    secret = secrets.token_urlsafe(32)
    store.add(
        connection,
        id_hash=hashed(secret),
        staff_id=staff_id,
        stamp=stamp,
        proven_at=now if is_whole else None,
        invitation=invitation,
        now=now,
        address=address,
        browser=browser[:_LONGEST_BROWSER],
    )
    return secret


def current(source: Source, secret: str, *, lifetime: Lifetime, now: datetime) -> StaffSession | None:
    """The live session of that secret, None where there is none (any more)."""
    id_hash = hashed(secret)
    stored = store.find(source, id_hash)
    if stored is None or stored.stamp != stored.staff_stamp:
        return None
    if stored.state != (StaffState.ACTIVE if stored.invitation is None else StaffState.INVITED):
        return None
    unused, age = now - stored.touched_at, now - stored.created_at
    is_whole = stored.proven_at is not None
    if unused > lifetime.idle or age > (lifetime.absolute if is_whole else HALFWAY_LIFE):
        return None
    return StaffSession(
        id_hash,
        stored.staff_id,
        stored.name,
        Role.named(stored.role),
        stored.stamp,
        is_whole,
        unused > _TOUCHED_AGAIN,
        stored.invitation,
    )


def touch(connection: Connection, session: StaffSession, now: datetime) -> None:
    """Keep that the session is in use."""
    store.touch(connection, session.id, now)


def end(connection: Connection, secret: str, now: datetime) -> None:
    """Log out: the session ends on the server. Nothing happens where it has ended already."""
    staff_id = store.remove(connection, hashed(secret))
    if staff_id is not None:
        trail.record(connection, Action.STAFF_LOGGED_OUT, actor=actor(staff_id), now=now)


def remove_dead(
    connection: Connection, *, lifetime: Lifetime, now: datetime, staff_id: str | None = None
) -> int:
    """Forget the sessions that time has ended, of one member of staff or of everybody; how many."""
    return store.remove_dead(
        connection,
        touched_before=now - lifetime.idle,
        created_before=now - lifetime.absolute,
        halfway_before=now - HALFWAY_LIFE,
        staff_id=staff_id,
    )
