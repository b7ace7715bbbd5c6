"""Publish what is to be published by now; what was missed while no worker ran is published at once."""

import logging
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.domain.batch import State
from mypage.services import schedule
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.delivery import check_again
from mypage.works.load.hold import LoadedElsewhere
from mypage.works.load.publish import Flip, publish
from mypage.works.load.task import LoadRules

log = logging.getLogger("mypage.batch")
_ACTOR: Final = "worker"


def publish_due(settings: Settings, database: Database, clock: Clock) -> int:
    """Publish the deliveries that are due; how many were."""
    published = 0
    for delivery in _due(database, clock):
        try:
            flip = _flip(settings, database, delivery, clock)
        except LoadedElsewhere:
            continue  # somebody checks the same files at this moment: at the next look
        if flip.refused is not None and flip.refused.state is State.CHECKING:
            continue  # somebody began to, a moment ago
        if flip.is_well:
            published += 1
            log.info("batches published at their time", extra={"batches": [batch.id for batch in delivery]})
        else:
            _failed(database, delivery, flip, clock)
    return published


def _flip(settings: Settings, database: Database, delivery: list[Batch], clock: Clock) -> Flip:
    """Publish a delivery; first check it again where a process was killed that did so. Raises :class:`LoadedElsewhere`."""
    tools: dict[str, Any] = {
        "keeper": Keeper(settings, database),
        "rules": LoadRules.of(settings),
        "scratch": settings.scratch,
        "actor": _ACTOR,
        "clock": clock.now,
    }
    if any(batch.state is State.CHECKING for batch in delivery):
        again = check_again(database, delivery, **tools)
        if not again.is_well:
            return Flip(again.batches, again=again)
    return publish(database, delivery, **tools)


def _due(database: Database, clock: Clock) -> Iterator[list[Batch]]:
    with database.reading() as connection:
        due = store.due(connection, clock.now())
    for _, delivery in groupby(due, key=lambda batch: batch.delivery):
        yield list(delivery)


def _failed(database: Database, delivery: list[Batch], flip: Flip, clock: Clock) -> None:
    """Said in the log and in the trail; nothing of it is published, and the operator hands the file over again.

    Nothing is said where somebody else published or refused it meanwhile.
    """
    reason = flip.refused.why.value if flip.refused is not None else _reason(flip)
    with database.writing() as connection:
        ids = [batch.id for batch in delivery]
        failed = schedule.fail(connection, ids, reason=reason, actor=_ACTOR, now=clock.now())
    if failed:
        log.error("batches not published", extra={"batches": failed, "reason": reason})


def _reason(flip: Flip) -> str:
    files = flip.again.refused_files if flip.again is not None else ()
    return files[0].error.code if files else "has_errors"
