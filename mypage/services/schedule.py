"""Publishing at a time (予約): agreed on now, done by the worker, called off until then (specification §6)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.batch import State
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.publication import Refusal, Refused, lacks_approval, publishable
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
    notices: bool = True,
) -> tuple[Batch, ...] | Refused:
    """Let checked batches be published at ``at``, each with all that was handed over with it.

    ``notices``: whether the customers are told of it then (「請求確定のお知らせ」).
    """
    members = publishable(connection, batch_ids)
    if isinstance(members, Refused):
        return members
    unapproved = lacks_approval(members)
    if unapproved is not None:
        return unapproved
    for batch in members:
        store.change(connection, batch.id, state=State.SCHEDULED.value, publish_at=at, notices=notices)
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
    """Let a scheduled batch and its delivery be 確認済 again."""
    asked = store.locked(connection, batch_id)
    if asked is None:
        return Refused(Refusal.UNKNOWN, batch_id)
    if asked.state is not State.SCHEDULED:
        return Refused(Refusal.NOT_PUBLISHED, batch_id, asked.state)
    members = [
        each for each in store.of_delivery(connection, asked.delivery) if each.state is State.SCHEDULED
    ]
    for batch in members:
        store.change(connection, batch.id, state=State.CHECKED.value, publish_at=None, notices=True)
    for batch in members:
        trail.record(connection, Action.BATCH_CALLED_OFF, actor=actor, now=now, batch_id=batch.id)
    return _read(connection, members)


def fail(
    connection: Connection, batch_ids: Sequence[int], *, reason: str, actor: str, now: datetime
) -> list[int]:
    """What was to be published at a time cannot be: 却下, and the trail says why (a code). Which ones still waited."""
    failed = [batch_id for batch_id in batch_ids if _still_waits(connection, batch_id)]
    for batch_id in failed:
        store.change(connection, batch_id, state=State.REFUSED.value, publish_at=None, notices=True)
    for batch_id in failed:
        trail.record(
            connection, Action.BATCH_SCHEDULE_FAILED, actor=actor, now=now, batch_id=batch_id, reason=reason
        )
    return failed


def _still_waits(connection: Connection, batch_id: int) -> bool:
    batch = store.locked(connection, batch_id)
    return batch is not None and batch.publish_at is not None


def _read(connection: Connection, members: Sequence[Batch]) -> tuple[Batch, ...]:
    found = (store.get(connection, batch.id) for batch in members)
    return tuple(batch for batch in found if batch is not None)
