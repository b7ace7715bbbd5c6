"""Publish what is to be published by now; what was missed while no worker ran is published at once."""

import logging
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.services import schedule
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.load.publish import Flip, publish
from mypage.works.load.stage import LoadedElsewhere
from mypage.works.load.task import LoadRules

log = logging.getLogger("mypage.batch")
_ACTOR: Final = "worker"


def publish_due(settings: Settings, database: Database, clock: Clock) -> int:
    """Publish the deliveries that are due; how many were."""
    published = 0
    for delivery in _due(database, clock):
        try:
            flip = publish(
                database,
                delivery,
                rules=LoadRules.of(settings),
                scratch=settings.scratch,
                actor=_ACTOR,
                clock=clock.now,
            )
        except LoadedElsewhere:
            continue  # somebody checks the same files at this moment: at the next look
        if flip.is_well:
            published += 1
            log.info("batches published at their time", extra={"batches": [batch.id for batch in delivery]})
        else:
            _failed(database, delivery, flip, clock)
    return published


def _due(database: Database, clock: Clock) -> Iterator[list[Batch]]:
    with database.reading() as connection:
        due = store.due(connection, clock.now())
    for _, delivery in groupby(due, key=lambda batch: batch.delivery):
        yield list(delivery)


def _failed(database: Database, delivery: list[Batch], flip: Flip, clock: Clock) -> None:
    """Said in the log and in the trail; nothing of it is published, and the operator hands the file over again."""
    reason = flip.refused.why.value if flip.refused is not None else _reason(flip)
    with database.writing() as connection:
        schedule.fail(
            connection, [batch.id for batch in delivery], reason=reason, actor=_ACTOR, now=clock.now()
        )
    log.error("batches not published", extra={"batches": [batch.id for batch in delivery], "reason": reason})


def _reason(flip: Flip) -> str:
    files = flip.again.refused_files if flip.again is not None else ()
    return files[0].error.code if files else "has_errors"
