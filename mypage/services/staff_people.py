"""What administrators do with members of staff (specification §5): invite, give a role, suspend, resume, begin anew.

Giving the role of administrator or of billing, and taking somebody's factors away, need another administrator
(``services.approvals``); nobody does any of it to themselves; and the last administrator who can log in stays one.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.link import LinkState
from mypage.domain.staff import Role, StaffState, needs_another
from mypage.domain.trail import Action
from mypage.services import approvals, second_factor, second_factor_enrolment, staff_invitation, trail
from mypage.services.approvals import AlreadyAsked, Settled, StaffRequest, Unfit
from mypage.services.staff_invitation import Invited
from mypage.services.staff_notices import notify
from mypage.services.staff_sessions import StaffSession, owner
from mypage.store import staff as store
from mypage.store import staff_invitations, staff_sessions

# The kinds of requests that are decided among administrators.
INVITE: Final = "staff-invite"
ROLE: Final = "staff-role"
RESET: Final = "staff-reset"
KINDS: Final = frozenset((INVITE, ROLE, RESET))
_REQUEST_LIFE: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Done:
    """It was done, to this member as they were before."""

    member: RowMapping


@dataclass(frozen=True, slots=True)
class Not:
    """Nothing was done; ``code`` of a sentence."""

    code: str


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What was approved can no longer be done; ``code`` of a sentence. The request has ended."""

    code: str


def invite(
    connection: Connection, *, name: str, email: str, role: Role, by: StaffSession, now: datetime
) -> Invited | StaffRequest | AlreadyAsked:
    """Invite somebody by mail, or ask another administrator to agree to it."""
    if needs_another(None, role):
        facts = {"name": name, "email": email, "role": role.word}
        return _ask(connection, INVITE, email.casefold(), facts, by, now)
    return _invite(connection, name, email, role, asked_by=by.staff_id, by=by.actor, now=now)


def invite_again(connection: Connection, staff_id: str, *, by: StaffSession, now: datetime) -> Invited | Not:
    """Send an invited member another link."""
    member = store.lock(connection, staff_id)
    if member is None or member["state"] != StaffState.INVITED:
        return Not("staff_not_invited")
    return staff_invitation.invite_again(
        connection, member, invited_by=member["invited_by"], by=by.actor, by_mail=True, now=now
    )


def change_role(
    connection: Connection, staff_id: str, role: Role, *, by: StaffSession, now: datetime
) -> Done | Not | StaffRequest | AlreadyAsked:
    """Give a member another role, or ask another administrator to agree to it."""
    member, refused = _open(connection, staff_id, by.staff_id, takes_admin=role is not Role.ADMIN)
    if refused is not None or member is None:
        return Not(refused or "staff_unknown")
    if member["role"] == role.word:
        return Not("staff_same_role")
    if needs_another(Role.named(member["role"]), role):
        return _ask(connection, ROLE, staff_id, {"role": role.word, "before": member["role"]}, by, now)
    return _give_role(connection, member, role, given_by=by.staff_id, by=by.actor, now=now)


def suspend(
    connection: Connection, staff_id: str, reason: str, *, by: StaffSession, now: datetime
) -> Done | Not:
    """Keep a member out: their sessions and invitations end at once."""
    member, refused = _open(connection, staff_id, by.staff_id, takes_admin=True)
    if refused is not None or member is None:
        return Not(refused or "staff_unknown")
    if member["state"] == StaffState.SUSPENDED:
        return Not("staff_suspended_already")
    store.change(connection, staff_id, state=StaffState.SUSPENDED.value, stamp=secrets.token_hex(16))
    staff_invitations.end(connection, staff_id, LinkState.EXPIRED.value)
    # Before the first row of the trail: who approves one of them waits for the trail while holding it.
    approvals.withdraw_all(connection, staff_id, staff_id=by.staff_id, now=now)
    ended = staff_sessions.remove_all(connection, staff_id)
    trail.record(
        connection,
        Action.STAFF_SUSPENDED,
        actor=by.actor,
        now=now,
        staff_id=staff_id,
        sessions_ended=ended,
        detail={"reason": reason},
    )
    return Done(member)


def resume(connection: Connection, staff_id: str, *, by: StaffSession, now: datetime) -> Done | Not:
    """Let a suspended member in again; one who never had a factor is invited anew."""
    member, refused = _open(connection, staff_id, by.staff_id, takes_admin=False)
    if refused is not None or member is None:
        return Not(refused or "staff_unknown")
    if member["state"] != StaffState.SUSPENDED:
        return Not("staff_not_suspended")
    is_ready = second_factor.held(connection, owner(staff_id)).factors > 0
    state = StaffState.ACTIVE if is_ready else StaffState.INVITED
    store.change(connection, staff_id, state=state.value)
    trail.record(
        connection, Action.STAFF_RESUMED, actor=by.actor, now=now, staff_id=staff_id, state=state.value
    )
    if is_ready:
        notify(connection, member, "resumed", now)
    else:
        staff_invitation.invite_again(
            connection, member, invited_by=member["invited_by"], by=by.actor, by_mail=True, now=now
        )
    return Done(member)


def ask_reset(
    connection: Connection, staff_id: str, reason: str, *, by: StaffSession, now: datetime
) -> Not | StaffRequest | AlreadyAsked:
    """Ask another administrator to let a member begin anew: password and factors go, an invitation is mailed."""
    member, refused = _open(connection, staff_id, by.staff_id, takes_admin=True)
    if refused is not None or member is None:
        return Not(refused or "staff_unknown")
    if member["state"] != StaffState.ACTIVE:
        return Not("staff_not_active")
    return _ask(connection, RESET, staff_id, {"reason": reason}, by, now)


def approve(
    connection: Connection, request_id: str, *, by: StaffSession, secret: str, now: datetime
) -> StaffRequest | Unfit | Settled | Overtaken:
    """Another administrator agrees, and what was asked is done in the same transaction."""
    found = approvals.find(connection, request_id, now=now)
    if found is None or found.kind not in KINDS:
        return Settled(None)
    # Staff before the request, as whoever suspends its asker does.
    store.lock_with_admins(connection, found.subject)
    request = approvals.open_for(connection, request_id, staff_id=by.staff_id, now=now)
    if not isinstance(request, StaffRequest):
        return request
    # Whom it is about is no second person either.
    if request.subject == by.staff_id:
        return Unfit("approver_is_subject")
    done = _carry_out(connection, request, secret, now)
    if isinstance(done, Not):
        approvals.overtake(connection, request, staff_id=by.staff_id, reason=done.code, now=now)
        return Overtaken(done.code)
    approvals.approve(connection, request, staff_id=by.staff_id, now=now)
    return request


def _carry_out(
    connection: Connection, request: StaffRequest, secret: str, now: datetime
) -> Done | Invited | Not:
    asked_by = f"staff:{request.asked_by}"
    asker = store.by_id(connection, request.asked_by)
    if asker is None or asker["state"] != StaffState.ACTIVE or asker["role"] != Role.ADMIN.word:
        return Not("staff_asker_gone")
    if request.kind == INVITE:
        facts: Mapping[str, str] = request.facts
        role = Role.named(facts["role"])
        return _invite(
            connection, facts["name"], facts["email"], role, asked_by=request.asked_by, by=asked_by, now=now
        )
    given = Role.named(request.facts["role"]) if request.kind == ROLE else None
    member, refused = _open(
        connection, request.subject, request.asked_by, takes_admin=given is not Role.ADMIN
    )
    if refused is not None or member is None:
        return Not(refused or "staff_unknown")
    if given is not None:
        if member["role"] != request.facts["before"]:
            return Not("staff_role_moved")
        return _give_role(connection, member, given, given_by=request.asked_by, by=asked_by, now=now)
    if member["state"] != StaffState.ACTIVE:
        return Not("staff_not_active")
    return _reset(connection, member, by=asked_by, asked_by=request.asked_by, secret=secret, now=now)


def _invite(
    connection: Connection, name: str, email: str, role: Role, *, asked_by: str, by: str, now: datetime
) -> Invited:
    return staff_invitation.invite(
        connection,
        name=name,
        email=email,
        role=role,
        invited_by=asked_by,
        role_given_by=asked_by,
        by=by,
        by_mail=True,
        now=now,
    )


def _give_role(
    connection: Connection, member: RowMapping, role: Role, *, given_by: str, by: str, now: datetime
) -> Done:
    store.change(connection, member["id"], role=role.word, role_given_by=given_by, role_given_at=now)
    # What they asked in the former role is not theirs to ask any more.
    approvals.withdraw_all(connection, member["id"], staff_id=given_by, now=now)
    trail.record(
        connection,
        Action.STAFF_ROLE_CHANGED,
        actor=by,
        now=now,
        staff_id=member["id"],
        before=member["role"],
        after=role.word,
    )
    notify(connection, member, "role_changed", now)
    return Done(member)


def _reset(
    connection: Connection, member: RowMapping, *, by: str, asked_by: str, secret: str, now: datetime
) -> Done:
    store.change(
        connection,
        member["id"],
        state=StaffState.INVITED.value,
        password_hash=None,
        stamp=secrets.token_hex(16),
    )
    approvals.withdraw_all(connection, member["id"], staff_id=asked_by, now=now)
    second_factor_enrolment.remove_all(connection, owner(member["id"]), secret=secret)
    ended = staff_sessions.remove_all(connection, member["id"])
    trail.record(
        connection, Action.STAFF_RESET, actor=by, now=now, staff_id=member["id"], sessions_ended=ended
    )
    staff_invitation.invite_again(connection, member, invited_by=asked_by, by=by, by_mail=True, now=now)
    return Done(member)


def _ask(
    connection: Connection,
    kind: str,
    subject: str,
    facts: Mapping[str, object],
    by: StaffSession,
    now: datetime,
) -> StaffRequest | AlreadyAsked:
    return approvals.ask(
        connection,
        kind=kind,
        subject=subject,
        facts=facts,
        mark="",
        staff_id=by.staff_id,
        life=_REQUEST_LIFE,
        now=now,
    )


def _open(
    connection: Connection, staff_id: str, by: str, *, takes_admin: bool
) -> tuple[RowMapping | None, str | None]:
    """The member, locked, and why nothing may be done to them. ``takes_admin``: they would be no administrator then."""
    member, admins = store.lock_with_admins(connection, staff_id)
    if member is None:
        return None, "staff_unknown"
    if staff_id == by:
        return member, "staff_oneself"
    others = [each for each in admins if each["id"] != staff_id and each["state"] == StaffState.ACTIVE]
    is_admin = member["role"] == Role.ADMIN.word and member["state"] == StaffState.ACTIVE
    return member, "staff_last_admin" if takes_admin and is_admin and not others else None
