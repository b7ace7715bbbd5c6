"""Publishing at a time (予約): agreed on now, done by the worker, called off until then (specification §6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.batch import SecondPerson, State
from mypage.domain.trail import Action
from mypage.services import batch_notices, trail
from mypage.services.batch_notices import Facts, What
from mypage.services.publication import Refusal, Refused, needs, publishable
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.schema.metadata import instant_text


def schedule(
    connection: Connection,
    batch_ids: Sequence[int],
    *,
    at: datetime,
    actor: str,
    now: datetime,
    second_person: SecondPerson,
    notices: bool = True,
    asked_by: str | None = None,
) -> tuple[Batch, ...] | Refused:
    """Let checked batches be published at ``at``, each with all that was handed over with it.

    ``asked_by``: the actor who asked, where ``actor`` is the second person and approved these batches for that time just
    now. Without it nothing is scheduled that needs one: an approval is for one time only.
    """
    # What is agreed on a delivery is decided one after another.
    store.locked_publication(connection)
    members = publishable(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    if asked_by is None and needs(members, second_person):
        return Refused(Refusal.SECOND_PERSON, members[0].id, members[0].state)
    for batch in members:
        store.change(
            connection,
            batch.id,
            state=State.SCHEDULED.value,
            publish_at=at,
            due_at=at,
            late=None,
            failure=None,
            notices=notices,
            asked_by=asked_by or actor,
        )
    for batch in members:
        trail.record(
            connection,
            Action.BATCH_SCHEDULED,
            actor=actor,
            now=now,
            batch_id=batch.id,
            publish_at=instant_text(at),
        )
    return _read(connection, members)


def call_off(
    connection: Connection, batch_id: int, *, actor: str, now: datetime
) -> tuple[Batch, ...] | Refused:
    """Let a scheduled batch and its delivery be 確認済 again; whoever wants it published after all asks anew.

    So ends, too, what was to be published after a check that still goes on.
    """
    store.locked_publication(connection)
    asked = store.get(connection, batch_id)
    if asked is None:
        return Refused(Refusal.UNKNOWN, batch_id)
    members = [
        each for each in store.lock_deliveries(connection, [asked.delivery]) if each.publish_at is not None
    ]
    if batch_id not in [each.id for each in members]:
        return Refused(Refusal.NOT_SCHEDULED, batch_id, asked.state)
    _call_off(connection, members, actor, now)
    return _read(connection, members)


def lapse(connection: Connection, delivery: str, *, reason: str, actor: str, now: datetime) -> None:
    """What was agreed on a delivery does not hold any more (``reason``: a code): whoever asked for it is told by mail.

    Nothing is done where nobody wants it published. The caller holds the publication's row and the batches.
    """
    members = [each for each in store.of_delivery(connection, delivery) if each.publish_at is not None]
    if members:
        facts = Facts(due=members[0].due_at, reason=reason, by=actor)
        batch_notices.tell_concerned(connection, What.LAPSED, members, facts, now=now)
        _call_off(connection, members, actor, now)


def _call_off(connection: Connection, members: Sequence[Batch], actor: str, now: datetime) -> None:
    for batch in members:
        is_scheduled = batch.state is State.SCHEDULED
        store.change(
            connection,
            batch.id,
            state=State.CHECKED.value if is_scheduled else batch.state.value,
            publish_at=None,
            due_at=None,
            approved_report=None,
        )
    for batch in members:
        trail.record(connection, Action.BATCH_CALLED_OFF, actor=actor, now=now, batch_id=batch.id)


def fail(
    connection: Connection, batch_ids: Sequence[int], *, reason: str, actor: str, now: datetime
) -> list[int]:
    """What was to be published at a time cannot be: 却下, and trail, page and mail say why (a code). Which ones still waited."""
    failed = [each for each in store.lock_all(connection, batch_ids) if each.publish_at is not None]
    for batch in failed:
        store.change(
            connection,
            batch.id,
            state=State.REFUSED.value,
            publish_at=None,
            failure=reason,
            checked_epoch=None,
        )
    tell_failed(connection, failed, reason=reason, actor=actor, now=now)
    return [batch.id for batch in failed]


def tell_failed(
    connection: Connection, failed: Sequence[Batch], *, reason: str, actor: str, now: datetime
) -> None:
    """Say of batches that they are not published at the time for which that was agreed on."""
    if failed:
        facts = Facts(due=failed[0].due_at, reason=reason)
        batch_notices.tell_concerned(connection, What.FAILED, failed, facts, now=now)
    for batch in failed:
        trail.record(
            connection, Action.BATCH_SCHEDULE_FAILED, actor=actor, now=now, batch_id=batch.id, reason=reason
        )


def _read(connection: Connection, members: Sequence[Batch]) -> tuple[Batch, ...]:
    found = (store.get(connection, batch.id) for batch in members)
    return tuple(batch for batch in found if batch is not None)
