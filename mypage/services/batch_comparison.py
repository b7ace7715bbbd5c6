"""Two charges batches statement by statement: what a correction file changes, before anybody else sees it.

In flat memory, and so much a request: a page ends where it is full, or where so many rows were read that the next
request is to go on. That somebody looked stands in the trail.
"""

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import batch_comparison as store
from mypage.store.batch_comparison import Difference as Difference
from mypage.store.batch_comparison import Only as Only
from mypage.store.batch_comparison import Place as Place

PAGE: Final = 100
# Rows of the index: a stretch is grouped at once, and a request reads some of them.
_STRETCH: Final = 200_000
_STRETCHES: Final = 5


class Compared(NamedTuple):
    """Differences in the order of the customers; ``after`` is where the next page begins, None at the end."""

    differences: tuple[Difference, ...]
    after: Place | None


def differences(
    connection: Connection,
    first: int,
    second: int,
    only: Only,
    after: Place | None,
    *,
    stretch: int = _STRETCH,
) -> Compared:
    """A page of the statements that two batches tell differently. Reads only."""
    found: list[Difference] = []
    for _ in range(_STRETCHES):
        end = store.stretch_end(connection, after, stretch)
        wanted = PAGE + 1 - len(found)
        found += store.differences(connection, first, second, only, after=after, before_key=end, limit=wanted)
        if len(found) > PAGE:
            return Compared(tuple(found[:PAGE]), found[PAGE - 1].place)
        if end is None:
            return Compared(tuple(found), None)
        after = Place(end, 0, 0)
    return Compared(tuple(found), after)


def looked(
    connection: Connection, batch_id: int, other: int, *, answers: int, actor: str, now: datetime
) -> None:
    """Keep that statements of customers were looked at."""
    trail.record(
        connection,
        Action.BATCH_COMPARED,
        actor=actor,
        now=now,
        batch_id=batch_id,
        with_batch=other,
        answers=answers,
    )
