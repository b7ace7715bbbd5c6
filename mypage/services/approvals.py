"""What one member of staff asks and a truly different one approves (specification §5): acts, a signup, a batch.

The asker may be the command line, too; and somebody's token, which asks for whoever made it (``through``).

A request says exactly what is to be done (``facts``) and in which state it was asked (``mark``). Whoever approves does
the deed in the same transaction, between :func:`open_for` and :func:`approve`; where the state is another one by then,
:func:`overtake` ends the request, and it must be asked again.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import approval as rules
from mypage.domain.approval import Colleague, RequestState
from mypage.domain.staff import COMMAND_LINE, actor
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import approvers
from mypage.store import staff_requests as store

# Who asks where nobody does: the portal itself.
AUTOMATIC: Final = "worker"
_NOBODY: Final = frozenset((COMMAND_LINE, AUTOMATIC))
# How long an asker finds the answers below the queue.
ANSWERS_SHOWN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """A request as it is at one moment. ``facts`` may be personal; ``reply`` is why it was declined."""

    id: str
    kind: str
    subject: str
    customer_key: str | None
    facts: Mapping[str, Any]
    mark: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    state: RequestState
    decided_by: str | None
    decided_at: datetime | None
    reply: str | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlreadyAsked:
    """A request of that kind about that subject waits already."""

    request: StaffRequest


@dataclass(frozen=True, slots=True)
class Unfit:
    """Somebody may not approve this request: ``code`` of a sentence."""

    code: str


@dataclass(frozen=True, slots=True)
class Settled:
    """It was decided, withdrawn or expired before: ``request`` as it is now. None: there is no such request."""

    request: StaffRequest | None


def ask(
    connection: Connection,
    *,
    kind: str,
    subject: str,
    customer_key: str | None = None,
    facts: Mapping[str, object],
    mark: str,
    staff_id: str,
    life: timedelta,
    now: datetime,
    through: str | None = None,
) -> StaffRequest | AlreadyAsked:
    """Ask for a second person. ``facts`` are JSON; they stand in the trail as a detail.

    ``staff_id`` is who asks (:data:`COMMAND_LINE`, :data:`AUTOMATIC`: nobody of the staff); ``through`` is the actor that did so for them.
    """
    store.expire(connection, now)
    request_id = secrets.token_hex(8)
    row: dict[str, object] = {
        "id": request_id,
        "kind": kind,
        "subject": subject,
        "customer_key": customer_key,
        "facts": dict(facts),
        "mark": mark,
        "asked_by": staff_id,
        "asked_at": now,
        "expires_at": now + life,
        "state": RequestState.WAITING.value,
    }
    if not store.add(connection, row):
        other = store.waiting_like(connection, kind, subject)
        assert other is not None  # noqa: S101 - it is what kept this one out
        return AlreadyAsked(_request(other, now))
    asked = _found(connection, request_id, now)
    _tell(connection, Action.REQUEST_ASKED, asked, through or _actor(staff_id), now, detail=facts)
    return asked


def find(connection: Connection, request_id: str, *, now: datetime) -> StaffRequest | None:
    """One request, None where there is none. Reads only."""
    row = store.by_id(connection, request_id)
    return None if row is None else _request(row, now)


def waiting(connection: Connection, *, now: datetime) -> list[StaffRequest]:
    """The queue, the oldest first. Reads only."""
    return [_request(row, now) for row in store.waiting(connection, now)]


def waiting_about(connection: Connection, kind: str, subject: str, *, now: datetime) -> StaffRequest | None:
    """The request of a kind about a subject that waits, None where none does. Reads only."""
    row = store.waiting_like(connection, kind, subject)
    request = None if row is None else _request(row, now)
    return request if request is not None and request.state is RequestState.WAITING else None


def count_waiting(connection: Connection, *, now: datetime) -> int:
    """How many stand in the queue. Reads only."""
    return store.count_waiting(connection, now)


def of_customer(connection: Connection, customer_key: str, *, now: datetime) -> list[StaffRequest]:
    """What waits about a customer. Reads only."""
    return [_request(row, now) for row in store.of_customer(connection, customer_key, now)]


def answers(connection: Connection, staff_id: str, *, now: datetime) -> list[StaffRequest]:
    """What became of the requests that somebody asked in the last days, the newest first. Reads only."""
    return [_request(row, now) for row in store.answered(connection, staff_id, now - ANSWERS_SHOWN, now)]


def see_answers(connection: Connection, staff_id: str, seen: list[StaffRequest], *, now: datetime) -> None:
    """The asker looked at these answers."""
    store.mark_seen(connection, [each.id for each in seen if each.seen_at is None], staff_id, now)


def open_for(
    connection: Connection, request_id: str, *, staff_id: str, now: datetime, also: Sequence[str] = ()
) -> StaffRequest | Unfit | Settled:
    """The request, locked until the end of the transaction, if this person may approve it now.

    ``also``: who else had a hand in it, so that the approver must be truly another than each of them.
    """
    request = _locked(connection, request_id, now)
    if not isinstance(request, StaffRequest):
        return request
    unfit = unfitness(connection, request, staff_id=staff_id, now=now, also=also)
    if unfit is None:
        return request
    _tell(connection, Action.REQUEST_REFUSED, request, actor(staff_id), now, reason=unfit)
    return Unfit(unfit)


def unfitness(
    connection: Connection, request: StaffRequest, *, staff_id: str, now: datetime, also: Sequence[str] = ()
) -> str | None:
    """Why somebody may not approve a request, as the code of a sentence; None if they may. Reads only."""
    approver = _colleague(connection, staff_id, now)
    asker_works = works(connection, request.asked_by)
    found = rules.unfit(approver, _colleague(connection, request.asked_by, now), now, asker_works=asker_works)
    for other in also if found is None else ():
        found = found or rules.unfit(approver, _colleague(connection, other, now), now)
    return found


def works(connection: Connection, asker: str) -> bool:
    """Whether an asker is there to answer for what was asked: at work, or the command line. Reads only."""
    return asker in _NOBODY or approvers.works(connection, asker)


def approve(connection: Connection, request: StaffRequest, *, staff_id: str, now: datetime) -> None:
    """What was asked is done, by this very transaction. The request is from :func:`open_for`."""
    _settle(connection, request, RequestState.APPROVED, staff_id, None, now)
    _tell(connection, Action.REQUEST_APPROVED, request, actor(staff_id), now, asked_by=request.asked_by)


def overtake(
    connection: Connection, request: StaffRequest, *, staff_id: str, reason: str, now: datetime
) -> None:
    """What it is about is not as it was when it was asked (``reason``: a code). The request is from :func:`open_for`."""
    _overtake(connection, request, staff_id, actor(staff_id), reason, now)


def overtake_waiting(
    connection: Connection, kind: str, subject: str, *, by: str, reason: str, now: datetime
) -> StaffRequest | None:
    """End what waits about a subject, because the subject is another one now (``by``: the actor that changed it).

    What ended, None where nothing waited.
    """
    row = store.waiting_like(connection, kind, subject)
    request = None if row is None else _locked(connection, row["id"], now)
    if not isinstance(request, StaffRequest):
        return None
    _overtake(connection, request, by.removeprefix(actor("")), by, reason, now)
    return request


def hold(connection: Connection, requests: Iterable[StaffRequest]) -> None:
    """Lock several, before the trail: whoever decides one of them waits for the trail while holding it."""
    for request_id in sorted(request.id for request in requests):
        store.lock(connection, request_id)


def supersede(connection: Connection, request_id: str, *, staff_id: str, reason: str, now: datetime) -> None:
    """Somebody asks anew for what cannot be approved any more (``reason``): the former request ends if it still waits."""
    request = _locked(connection, request_id, now)
    if isinstance(request, StaffRequest):
        overtake(connection, request, staff_id=staff_id, reason=reason, now=now)


def decline(
    connection: Connection, request_id: str, *, staff_id: str, reply: str, now: datetime
) -> StaffRequest | Unfit | Settled:
    """Somebody else than the asker says no, and why."""
    request = _locked(connection, request_id, now)
    if not isinstance(request, StaffRequest):
        return request
    if request.asked_by == staff_id:
        return Unfit("approver_is_asker")
    _settle(connection, request, RequestState.DECLINED, staff_id, reply, now)
    _tell(connection, Action.REQUEST_DECLINED, request, actor(staff_id), now, detail={"reply": reply})
    return _found(connection, request_id, now)


def withdraw(
    connection: Connection, request_id: str, *, staff_id: str, now: datetime, by: str | None = None
) -> StaffRequest | Unfit | Settled:
    """The asker takes it back (``by``: the actor that does so for them)."""
    request = _locked(connection, request_id, now)
    if not isinstance(request, StaffRequest):
        return request
    if request.asked_by != staff_id:
        return Unfit("request_of_another")
    _settle(connection, request, RequestState.WITHDRAWN, staff_id, None, now)
    _tell(connection, Action.REQUEST_WITHDRAWN, request, by or _actor(staff_id), now)
    return _found(connection, request_id, now)


def withdraw_all(connection: Connection, asked_by: str, *, staff_id: str, now: datetime) -> int:
    """Somebody is suspended or in another role: nobody approves any more what they asked. How many that ended."""
    rows = store.withdraw_all(connection, asked_by, decided_by=staff_id, now=now)
    for row in rows:
        _tell(connection, Action.REQUEST_WITHDRAWN, _request(row, now), actor(staff_id), now)
    return len(rows)


def _overtake(
    connection: Connection, request: StaffRequest, who: str, by: str, reason: str, now: datetime
) -> None:
    _settle(connection, request, RequestState.OVERTAKEN, who, reason, now)
    _tell(connection, Action.REQUEST_OVERTAKEN, request, by, now, reason=reason)


def _actor(asker: str) -> str:
    return asker if asker in _NOBODY else actor(asker)


def _colleague(connection: Connection, staff_id: str, now: datetime) -> Colleague:
    if staff_id == AUTOMATIC:
        return Colleague(AUTOMATIC, invited_by="", role_given_by="", role_given_at=now)
    if staff_id == COMMAND_LINE:
        return Colleague.command_line(now)
    row = approvers.of_staff(connection, staff_id)
    return Colleague(staff_id, row["invited_by"], row["role_given_by"], row["role_given_at"])


def _locked(connection: Connection, request_id: str, now: datetime) -> StaffRequest | Settled:
    row = store.lock(connection, request_id)
    request = None if row is None else _request(row, now)
    waits = request is not None and request.state is RequestState.WAITING
    return request if request is not None and waits else Settled(request)


def _settle(
    connection: Connection,
    request: StaffRequest,
    state: RequestState,
    staff_id: str,
    reply: str | None,
    now: datetime,
) -> None:
    store.settle(connection, request.id, state=state.value, decided_by=staff_id, decided_at=now, reply=reply)


def _tell(
    connection: Connection,
    action: Action,
    request: StaffRequest,
    by: str,
    now: datetime,
    *,
    detail: Mapping[str, object] | None = None,
    **facts: Any,
) -> None:
    trail.record(
        connection,
        action,
        actor=by,
        now=now,
        customer_key=request.customer_key,
        detail=detail or None,
        request_id=request.id,
        kind=request.kind,
        **facts,
    )


def _found(connection: Connection, request_id: str, now: datetime) -> StaffRequest:
    row = store.by_id(connection, request_id)
    assert row is not None  # noqa: S101 - it was written in this transaction
    return _request(row, now)


def _request(row: RowMapping, now: datetime) -> StaffRequest:
    state = rules.state_at(RequestState(row["state"]), row["expires_at"], now)
    facts = {name: row[name] for name in StaffRequest.__slots__ if name != "state"}
    return StaffRequest(**facts, state=state)
