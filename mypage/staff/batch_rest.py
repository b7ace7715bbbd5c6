"""What the page of a batch tells of who its customers are, and of registrations that rest or rested on it."""

from typing import Any, Final

from sqlalchemy import Connection

from mypage.domain.batch import Kind, State
from mypage.services import withdrawal
from mypage.services.batches import Batch
from mypage.shown import identity_changes as shown

# On the page of the batch; the rest on a page of its own.
_TOLD: Final = 20


def told(connection: Connection, batch: Batch) -> dict[str, Any]:
    """What the page of a batch says of it: how many customers it changes, and what became of what rested on it."""
    if batch.kind not in (Kind.CUSTOMERS, Kind.NUMBER_CHANGES):
        return {"identity_changes": 0, "rested": None, "resting": None}
    is_back = batch.kind is Kind.CUSTOMERS and batch.state is State.TAKEN_BACK
    return {
        # What is not staged (a file with errors) is not there to be looked at.
        "identity_changes": 0 if batch.checkpoint is None else batch.counts.get("identity_changes", 0),
        "rested": rested(connection, batch, after=0, limit=_TOLD) if is_back else None,
        "counted": withdrawal.COUNTED,
        "resting": withdrawal.outlook(connection, batch)
        if batch.state is State.PUBLISHED and batch.kind is Kind.CUSTOMERS
        else None,
    }


def rested(connection: Connection, batch: Batch, *, after: int, limit: int) -> dict[str, Any]:
    """Registrations that ended or were suspended with the taking back, behind the place ``after``."""
    rows = withdrawal.told(connection, batch.id, after=after, limit=limit + 1)
    return {
        "rows": [(each, shown.number(each.customer_key)) for each in rows[:limit]],
        "next_seq": rows[limit - 1].seq if len(rows) > limit else None,
        "is_settling": withdrawal.is_settling(connection, batch.id),
    }
