"""Who had a hand in a batch, as the trail tells: handed its bytes over, approved, scheduled or published it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.sql.expression import ColumnElement

from mypage.domain.trail import Action
from mypage.store.schema import audit_event, batch

_DEEDS: Final = tuple(
    action.word
    for action in (
        Action.BATCH_APPROVAL_ASKED,
        Action.BATCH_APPROVED,
        Action.BATCH_SCHEDULED,
        Action.BATCH_PUBLISHED,
    )
)


def actors(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """The actors of these batches, with whoever handed their bytes over, in order."""
    done = _actors(connection, audit_event.c.batch_id.in_(batch_ids), audit_event.c.action.in_(_DEEDS))
    return sorted({*done, *handed_over(connection, batch_ids)})


def handed_over(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """The actors who handed the bytes of these batches over, in order: at any time, and with whatever options.

    The same bytes with other options (what is wrong left out, say) are another batch of the same file.
    """
    same_bytes = select(batch.c.sha256).where(batch.c.id.in_(batch_ids))
    same = select(batch.c.id).where(batch.c.sha256.in_(same_bytes))
    is_handed = audit_event.c.action == Action.BATCH_RECEIVED.word
    return _actors(connection, audit_event.c.batch_id.in_(same), is_handed)


def _actors(connection: Connection, *conditions: ColumnElement[bool]) -> list[str]:
    query = select(audit_event.c.actor).where(*conditions)
    return list(connection.scalars(query.distinct().order_by(audit_event.c.actor)))
