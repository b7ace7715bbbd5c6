"""The rows of the trail that tell what was done with a batch."""

from collections.abc import Collection

from sqlalchemy import Connection

from mypage.domain.trail_search import TrailRow
from mypage.store.schema import audit_event
from mypage.store.trail_search import selected

_event = audit_event.c


def deeds(
    connection: Connection, chain: str, batch_id: int, *, without: Collection[str], limit: int
) -> list[TrailRow]:
    """The newest of those that are about the batch and about no single customer, newest first.

    ``without``: words of actions that are left out.
    """
    conditions = (
        _event.chain == chain,
        _event.batch_id == batch_id,
        _event.customer_key.is_(None),
        _event.action.not_in(sorted(without)),
    )
    # Few rows are of one batch: the index that finds them is better than the one that is in order.
    return selected(connection, conditions, (_event.seq + 0).desc(), limit)
