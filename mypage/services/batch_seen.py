"""Who saw which statement of a batch: asked for after a mistake, and that it was asked stands in the trail."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import statement_views as store
from mypage.store.statement_views import View as View

PAGE: Final = 50


def page(connection: Connection, batch_id: int, number: int) -> list[View]:
    """The marks of that page (from 1), and one of the next where there is one. Reads only."""
    return list(store.of_batch(connection, batch_id, limit=PAGE + 1, offset=(number - 1) * PAGE))


def every(connection: Connection, batch_id: int) -> Iterator[View]:
    """All of them. Reads only."""
    return store.of_batch(connection, batch_id)


def looked(
    connection: Connection, batch_id: int, *, part: int, answers: int, actor: str, now: datetime
) -> None:
    """Keep that a page of the list was looked at."""
    trail.record(
        connection,
        Action.BATCH_SEEN_LISTED,
        actor=actor,
        now=now,
        batch_id=batch_id,
        part=part,
        answers=answers,
    )


def exported(connection: Connection, batch_id: int, *, actor: str, now: datetime) -> None:
    """Keep that the whole list leaves as a file."""
    trail.record(connection, Action.BATCH_SEEN_EXPORTED, actor=actor, now=now, batch_id=batch_id)
