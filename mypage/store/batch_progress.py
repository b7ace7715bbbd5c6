"""How far the checks of batches are: a row each, while a worker is at it or is to be."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from mypage.store.batches import in_turn
from mypage.store.schema import batch, batch_progress


@dataclass(frozen=True, slots=True)
class Progress:
    """A row of ``batch_progress``.

    ``step`` (``receive``, ``check``, ``settle``, ``preview``, ``stage``; empty before the first) is at ``done`` of
    ``whole``, 0 where nobody knows; ``rows`` so far. ``since``: when this step began; ``at``: when that was written.
    """

    batch_id: int
    step: str
    done: int
    whole: int
    rows: int
    since: datetime
    at: datetime
    tries: int
    waits_for: str | None


def of(connection: Connection, batch_ids: Collection[int]) -> dict[int, Progress]:
    """Those that stand there of these batches, by their ids."""
    query = select(batch_progress).where(batch_progress.c.batch_id.in_(batch_ids))
    found = (_progress(row) for row in connection.execute(query))
    return {progress.batch_id: progress for progress in found}


def begin(connection: Connection, batch_id: int, *, now: datetime) -> None:
    """A worker begins with a batch, for the first time or again. Whoever calls holds it."""
    again = (
        update(batch_progress)
        .where(batch_progress.c.batch_id == batch_id)
        .values(
            step="",
            done=0,
            whole=0,
            rows=0,
            since=now,
            at=now,
            tries=batch_progress.c.tries + 1,
            waits_for=None,
        )
    )
    if connection.execute(again).rowcount == 0:
        first = {"step": "", "done": 0, "whole": 0, "rows": 0, "since": now, "at": now, "tries": 1}
        connection.execute(insert(batch_progress).values(batch_id=batch_id, **first))


def tell(connection: Connection, batch_id: int, **values: Any) -> None:
    """How far it is by now; nothing where the check is over already."""
    connection.execute(update(batch_progress).where(batch_progress.c.batch_id == batch_id).values(**values))


def wait(connection: Connection, batch_id: int, *, waits_for: str, now: datetime) -> None:
    """It cannot be gone on with for now: that was no try, and says why it waits."""
    told = batch_progress.c.batch_id == batch_id
    values = {"waits_for": waits_for, "at": now, "tries": batch_progress.c.tries - 1}
    connection.execute(update(batch_progress).where(told).values(**values))


def forget(connection: Connection, batch_id: int) -> None:
    """Its check is over, or begins anew."""
    connection.execute(delete(batch_progress).where(batch_progress.c.batch_id == batch_id))


def received_before(connection: Connection, batch_ids: Collection[int]) -> dict[int, int]:
    """How many deliveries are in their turn before each of these batches that the worker is to check."""
    query = select(batch.c.id, batch.c.delivery).where(in_turn()).order_by(batch.c.received_at, batch.c.id)
    places: dict[str, int] = {}
    found: dict[int, int] = {}
    for row in connection.execute(query):
        place = places.setdefault(row.delivery, len(places))
        if row.id in batch_ids:
            found[row.id] = place
    return found


def _progress(row: Row[Any]) -> Progress:
    return Progress(**dict(row._mapping))
