"""Inviting somebody to the console, and taking an invitation up: password, then the first second factor.

The link is signed when it goes out and rests nowhere; besides its serial it carries a mark of the row, so neither the
database nor the signing key alone makes one. It is used up when the first factor is there, not before: whoever closes
the browser in between opens it again. An invitation that goes out anew kills the ones before.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import link as rules
from mypage.domain import login_id as login_ids
from mypage.domain.link import Link, LinkState, NewestLink, ShownLink
from mypage.domain.second_factor import Method
from mypage.domain.staff import INVITATION_LIFE, Role, StaffState, actor
from mypage.domain.trail import Action
from mypage.services import outbox, staff_sessions, trail
from mypage.services.login import Browser
from mypage.services.sessions import Lifetime
from mypage.services.staff_sessions import StaffSession
from mypage.store import staff as store
from mypage.store import staff_invitations as stored
from mypage.store import staff_sessions as stored_sessions

PURPOSE: Final = "staff-invitation"
PATH: Final = "/staff/invitation/"
MAIL: Final = "staff_invitation"


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a link says."""

    serial: int
    mark: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody was invited; ``payload`` is what their link says, for whoever hands it over by another way than mail."""

    staff_id: str
    serial: int
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a link is worth, and whom it invites where it is good (or where that person is known at all)."""

    link: Link
    member: RowMapping | None = None

    @property
    def is_good(self) -> bool:
        """Whether it opens the first page."""
        return self.link.state is LinkState.GOOD


def invite(
    connection: Connection,
    *,
    name: str,
    email: str,
    role: Role,
    invited_by: str,
    role_given_by: str,
    by: str,
    by_mail: bool,
    now: datetime,
) -> Invited:
    """Somebody may come. ``by`` is the actor of the trail; ``role_given_by`` who answers for the role."""
    staff_id = secrets.token_hex(8)
    store.add(
        connection,
        {
            "id": staff_id,
            "name": name,
            "email": email,
            "role": role.word,
            "role_given_by": role_given_by,
            "role_given_at": now,
            "invited_by": invited_by,
            "state": StaffState.INVITED.value,
            "stamp": secrets.token_hex(16),
            "created_at": now,
        },
    )
    invited = _new_link(connection, staff_id, name, email, role, invited_by, by_mail=by_mail, now=now)
    trail.record(
        connection,
        Action.STAFF_INVITED,
        actor=by,
        now=now,
        staff_id=staff_id,
        role=role.word,
        serial=invited.serial,
        detail={"name": name, "email": email},
    )
    return invited


def invite_again(
    connection: Connection, member: RowMapping, *, invited_by: str, by: str, by_mail: bool, now: datetime
) -> Invited:
    """Send another link to an invited member; the ones before are dead, and so is what was begun with them."""
    stored.end(connection, member["id"], LinkState.REPLACED.value)
    stored_sessions.remove_all(connection, member["id"])
    role = Role.named(member["role"])
    invited = _new_link(
        connection, member["id"], member["name"], member["email"], role, invited_by, by_mail=by_mail, now=now
    )
    trail.record(
        connection,
        Action.STAFF_INVITED_AGAIN,
        actor=by,
        now=now,
        staff_id=member["id"],
        serial=invited.serial,
    )
    return invited


def look(connection: Connection, token: TokenFacts | None, now: datetime) -> Shown:
    """What a link is worth. Reads only."""
    row = None if token is None else stored.by_serial(connection, token.serial)
    if token is None or row is None or row["mark"] != token.mark:
        return Shown(Link(LinkState.BROKEN))
    member = store.by_id(connection, row["staff_id"])
    if member is None or member["state"] != StaffState.INVITED:
        used = row["ended"] == LinkState.USED.value
        return Shown(Link(LinkState.USED if used else LinkState.EXPIRED), member)
    newest = stored.newest(connection, row["staff_id"]) or row
    state = rules.state(_facts(newest), ShownLink(token.serial, token.signed_at), now)
    newer_at = newest["handed_over_at"] if state is LinkState.REPLACED else None
    return Shown(Link(state, newer_at), member)


def begin(
    connection: Connection,
    token: TokenFacts,
    *,
    login_id: str,
    password_hash: str,
    lifetime: Lifetime,
    browser: Browser,
    now: datetime,
) -> str | Shown | None:
    """Set login id and password; the secret of a session in which the first factor is enrolled.

    :class:`Shown` where the link opens nothing any more, None where another member has that login id.
    """
    row = stored.by_serial(connection, token.serial)
    member = None if row is None else store.lock(connection, row["staff_id"])
    shown = look(connection, token, now)
    if not shown.is_good or member is None:
        return shown
    # Who has been here before keeps the id: colleagues and the trail know it.
    if member["login_key"] is None and not store.claim_login(
        connection,
        member["id"],
        login_id=login_ids.normalise(login_id),
        login_key=login_ids.key(login_id),
    ):
        return None
    stamp = secrets.token_hex(16)
    store.change(connection, member["id"], password_hash=password_hash, password_changed_at=now, stamp=stamp)
    stored_sessions.remove_all(connection, member["id"])
    return staff_sessions.start(
        connection,
        member["id"],
        stamp=stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=browser.held,
        is_whole=False,
        invitation=token.serial,
        now=now,
    )


def joins(connection: Connection, session: StaffSession, method: Method, now: datetime) -> bool:
    """The first factor is there: the member is at work, the link is used up.

    False, and nothing is done, where the invitation died meanwhile (the caller undoes what it has done).
    """
    member = store.lock(connection, session.staff_id)
    newest = stored.newest(connection, session.staff_id)
    is_open = newest is not None and newest["serial"] == session.invitation and newest["ended"] is None
    if member is None or newest is None or member["state"] != StaffState.INVITED or not is_open:
        return False
    stored.change(connection, newest["serial"], ended=LinkState.USED.value)
    store.change(connection, session.staff_id, state=StaffState.ACTIVE.value)
    trail.record(
        connection,
        Action.STAFF_JOINED,
        actor=actor(session.staff_id),
        now=now,
        role=member["role"],
        method=method.value,
    )
    return True


def _new_link(
    connection: Connection,
    staff_id: str,
    name: str,
    email: str,
    role: Role,
    invited_by: str,
    *,
    by_mail: bool,
    now: datetime,
) -> Invited:
    mark = secrets.token_hex(16)
    row = {
        "staff_id": staff_id,
        "mark": mark,
        "invited_by": invited_by,
        "made_at": now,
        "handed_over_at": None if by_mail else now,
    }
    serial = stored.add(connection, row)
    if by_mail:
        outbox.enqueue(
            connection,
            MAIL,
            recipient=email,
            language="ja",
            facts={"name": name, "role": role.label, "mark": mark},
            serial=serial,
            now=now,
        )
    return Invited(staff_id, serial, {"s": serial, "m": mark})


def _facts(row: RowMapping) -> NewestLink:
    return NewestLink(
        serial=row["serial"],
        life=INVITATION_LIFE,
        enqueued_at=row["made_at"],
        handed_over_at=row["handed_over_at"],
        ended=None if row["ended"] is None else LinkState(row["ended"]),
    )
