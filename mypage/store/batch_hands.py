"""Who had a hand in a batch, as the trail tells: handed it over, approved, scheduled or published it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from mypage.domain.trail import Action
from mypage.store.schema import audit_event

_DEEDS: Final = tuple(
    action.word
    for action in (
        Action.BATCH_RECEIVED,
        Action.BATCH_APPROVAL_ASKED,
        Action.BATCH_APPROVED,
        Action.BATCH_SCHEDULED,
        Action.BATCH_PUBLISHED,
    )
)


def actors(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """The actors of these batches, in order."""
    query = select(audit_event.c.actor).where(
        audit_event.c.batch_id.in_(batch_ids), audit_event.c.action.in_(_DEEDS)
    )
    return list(connection.scalars(query.distinct().order_by(audit_event.c.actor)))
