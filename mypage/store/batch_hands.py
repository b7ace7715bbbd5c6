"""Who had a hand in a batch, as the trail tells: handed it over, checked, approved, scheduled or published it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from mypage.domain.trail import Action
from mypage.store.schema import audit_event, staff

_DEEDS: Final = tuple(
    action.word
    for action in (
        Action.BATCH_RECEIVED,
        Action.BATCH_CHECKED,
        Action.BATCH_APPROVED,
        Action.BATCH_SCHEDULED,
        Action.BATCH_PUBLISHED,
    )
)
_STAFF: Final = "staff:"


def actors(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """The actors of these batches, in order."""
    query = select(audit_event.c.actor).where(
        audit_event.c.batch_id.in_(batch_ids), audit_event.c.action.in_(_DEEDS)
    )
    return list(connection.scalars(query.distinct().order_by(audit_event.c.actor)))


def of_staff(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """The members of staff among them, by their ids."""
    found = [each.removeprefix(_STAFF) for each in actors(connection, batch_ids) if each.startswith(_STAFF)]
    known = select(staff.c.id).where(staff.c.id.in_(found)).order_by(staff.c.id)
    return list(connection.scalars(known))
