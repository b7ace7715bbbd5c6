"""What waits is to be checked anew by the worker (受付 once more), or is not wanted any more (却下).

Somebody may want it published as soon as it is checked: then it carries that wish (``publish_at``, ``asked_by``) through
the check, and what needs a second person is asked for by itself (:func:`mypage.services.batch_requests.settle`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from mypage.domain.batch import LEAVES_OUT, PUBLISH_REQUEST, WITHOUT_ERRORS, State, may_become
from mypage.domain.trail import Action
from mypage.services import approvals, batch_requests, trail
from mypage.services import batches as deeds
from mypage.services.approvals import StaffRequest
from mypage.services.batches import Handed
from mypage.services.publication import Refusal, Refused, locked_members
from mypage.store import batches as store
from mypage.store.batches import Batch


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to become of a delivery after its check: published ``at`` a time (None: at once), for whom (an actor)."""

    asked_by: str
    at: datetime | None = None
    notices: bool = True


def check_again(
    connection: Connection, batch_id: int, *, wish: Wish | None = None, actor: str, now: datetime
) -> tuple[Batch, ...] | Refused:
    """Let the worker check a delivery anew, from the files as they were received.

    What is scheduled stays so. A request for a second person ends: what they would approve is not checked any more.
    """
    store.locked_publication(connection)
    members = locked_members(connection, [batch_id])
    if isinstance(members, Refused):
        return members
    # What is seen of a delivery stays as it is: taken back alone, a batch is published again alone.
    unseen = [batch for batch in members if batch.state is not State.PUBLISHED]
    for batch in (*unseen, *(each for each in members if each.id == batch_id)):
        if not may_become(batch.state, State.RECEIVED) or batch.state is State.CHECKING:
            return Refused(Refusal.NOT_TO_CHECK, batch.id, batch.state)
    if len(unseen) < len(members):
        delivery = uuid.uuid4().hex
        for batch in unseen:
            store.change(connection, batch.id, delivery=delivery)
        members = unseen
    _end_request(connection, members, "batch_checked_again", actor, now)
    return _received(connection, members, wish, actor, now)


def without_errors(
    connection: Connection, batch_id: int, *, actor: str, now: datetime
) -> tuple[Batch, ...] | Refused:
    """[エラーの請求を除いて公開]: let the worker check a refused delivery so that what is wrong is left out.

    The same bytes with that choice are another batch; nothing is seen before somebody publishes what was left in.
    """
    store.locked_publication(connection)
    members = locked_members(connection, [batch_id])
    if isinstance(members, Refused):
        return members
    for batch in members:
        if batch.state is not State.REFUSED:
            return Refused(Refusal.NOT_TO_CHECK, batch.id, batch.state)
    handed = [_leaving_out(batch) for batch in members]
    taken = deeds.receive(
        connection, handed, delivery=uuid.uuid4().hex, actor=actor, now=now, state=State.RECEIVED
    )
    return (*(batch for batch in taken.batches if batch is not None), *taken.in_force)


def discard(
    connection: Connection, batch_id: int, *, actor: str, now: datetime
) -> tuple[Batch, ...] | Refused:
    """[却下する]: nobody publishes a delivery any more that was received or checked; its request ends."""
    store.locked_publication(connection)
    members = locked_members(connection, [batch_id])
    if isinstance(members, Refused):
        return members
    for batch in members:
        if batch.state not in (State.RECEIVED, State.CHECKED, State.APPROVED):
            return Refused(Refusal.NOT_TO_DISCARD, batch.id, batch.state)
    _end_request(connection, members, "batch_discarded", actor, now)
    for batch in members:
        store.change(
            connection, batch.id, state=State.REFUSED.value, publish_at=None, due_at=None, checked_epoch=None
        )
    for batch in members:
        trail.record(connection, Action.BATCH_DISCARDED, actor=actor, now=now, batch_id=batch.id)
    return _read(connection, members)


def renew(connection: Connection, request_id: str, *, actor: str, now: datetime) -> tuple[Batch, ...] | None:
    """Something was published since a second person was asked: let the delivery be checked, and asked for again.

    None where the request has ended, or is still about what it was.
    """
    in_force = store.locked_publication(connection)
    request = batch_requests.find(connection, request_id, now=now)
    if request is None or batch_requests.of_delivery(connection, request.subject, now=now) != request:
        return None
    ids = [batch.id for batch in store.of_delivery(connection, request.subject)]
    members = locked_members(connection, ids)
    if isinstance(members, Refused) or all(batch.checked_epoch == in_force.epoch for batch in members):
        return None
    _end_request(connection, members, "batch_published_since_asked", actor, now)
    wish = Wish(request.facts["by"], batch_requests.wanted_at(request), request.facts["notices"])
    return _received(connection, members, wish, actor, now)


def _received(
    connection: Connection, members: Sequence[Batch], wish: Wish | None, actor: str, now: datetime
) -> tuple[Batch, ...]:
    values: dict[str, Any] = {
        "state": State.RECEIVED.value,
        "checked_epoch": None,
        "received_at": now,
        "failure": None,
    }
    if wish is not None:
        values |= {"asked_by": wish.asked_by, "notices": wish.notices}
        values |= {"due_at": wish.at, "publish_at": wish.at or now}
    for batch in members:
        store.change(connection, batch.id, **values)
    for batch in members:
        trail.record(connection, Action.BATCH_TO_CHECK_AGAIN, actor=actor, now=now, batch_id=batch.id)
    return _read(connection, members)


def _leaving_out(batch: Batch) -> Handed:
    options = dict(batch.options)
    if batch.kind in LEAVES_OUT:
        options[WITHOUT_ERRORS] = True
    return Handed(
        kind=batch.kind,
        sha256=batch.sha256,
        options=options,
        filename=batch.filename,
        source=batch.source,
        size=batch.size,
        encoding=batch.encoding or "",
    )


def _end_request(
    connection: Connection, members: Sequence[Batch], reason: str, actor: str, now: datetime
) -> StaffRequest | None:
    return approvals.overtake_waiting(
        connection, PUBLISH_REQUEST, members[0].delivery, by=actor, reason=reason, now=now
    )


def _read(connection: Connection, members: Sequence[Batch]) -> tuple[Batch, ...]:
    found = (store.get(connection, batch.id) for batch in members)
    return tuple(batch for batch in found if batch is not None)
