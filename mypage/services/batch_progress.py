"""How far the checks of batches are that the worker does, for the page and for the API."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from mypage.store import batch_progress as store
from mypage.store.batch_progress import Progress


@dataclass(frozen=True, slots=True)
class Turn:
    """How it stands with a batch that the worker is to check.

    ``before``: deliveries whose turn comes first. ``progress``: None before a worker began with it.
    """

    before: int
    progress: Progress | None


def of(connection: Connection, batch_ids: Collection[int]) -> dict[int, Turn]:
    """By their ids those of these batches that the worker is to check (受付, or 検査中 from a kept file)."""
    places = store.received_before(connection, batch_ids)
    rows = store.of(connection, list(places))
    return {batch_id: Turn(before, rows.get(batch_id)) for batch_id, before in places.items()}
