"""Publish what is to be published by now; what was missed while no worker ran is published at once, and told.

What a second person approved, and something else was published before, is checked again and asked for again, never
published as it is. So is what still waits for a second person when something else is published.
"""

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.domain.batch import State
from mypage.services import batch_requests, publication, rechecks, schedule
from mypage.services.publication import Refusal, Refused
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
    rules, published = LoadRules.of(settings), 0
    for delivery in _due(database, clock):
        told = {"batches": [batch.id for batch in delivery]}
        try:
            flip = _flip(settings, rules, database, delivery, clock)
        except LoadedElsewhere:
            continue  # somebody checks the same files at this moment: at the next look
        if flip.refused is not None and flip.refused.state is State.CHECKING:
            continue  # somebody began to, a moment ago
        if flip.is_well:
            published += 1
            log.info("batches published at their time", extra=told)
        elif flip.refused is not None and flip.refused.why is Refusal.SECOND_PERSON:
            _ask_again(database, delivery, rules, clock)
            log.warning("batches wait for a second person", extra=told)
        else:
            _failed(database, delivery, flip, clock)
    _renew(database, clock)
    return published


def _flip(
    settings: Settings, rules: LoadRules, database: Database, delivery: list[Batch], clock: Clock
) -> Flip:
    """Publish a delivery; first check it again where a process was killed that did so. Raises :class:`LoadedElsewhere`."""
    taken_up = clock.now()
    tools: dict[str, Any] = {
        "keeper": Keeper(settings, database),
        "rules": rules,
        "scratch": settings.scratch,
        "actor": _ACTOR,
        "clock": clock.now,
    }
    if any(batch.state is State.CHECKING for batch in delivery):
        again = check_again(database, delivery, **tools)
        if not again.is_well:
            return Flip(again.batches, again=again)
    return publish(database, delivery, taken_up=taken_up, **tools)


def _due(database: Database, clock: Clock) -> Iterable[list[Batch]]:
    """By delivery: two for the same time may have ids that alternate."""
    with database.reading() as connection:
        due = store.due(connection, clock.now())
    deliveries: dict[str, list[Batch]] = {}
    for batch in due:
        deliveries.setdefault(batch.delivery, []).append(batch)
    return deliveries.values()


def _ask_again(database: Database, delivery: list[Batch], rules: LoadRules, clock: Clock) -> None:
    """What was to be published now and nobody approved waits for that. The check before may have asked already."""
    with database.writing() as connection:
        members = publication.locked_members(connection, [batch.id for batch in delivery])
        if not isinstance(members, Refused) and all(_waits_unasked(batch) for batch in members):
            batch_requests.ask_again(connection, members, life=rules.request_life, now=clock.now())


def _waits_unasked(batch: Batch) -> bool:
    return batch.publish_at is not None and batch.state in (State.SCHEDULED, State.CHECKED)


def _renew(database: Database, clock: Clock) -> None:
    """Let what waits for a second person be checked again where something was published since it was asked."""
    with database.reading() as connection:
        outdated = batch_requests.outdated(connection, now=clock.now())
    for request_id in outdated:
        with database.writing() as connection:
            rechecks.renew(connection, request_id, actor=_ACTOR, now=clock.now())


def _failed(database: Database, delivery: list[Batch], flip: Flip, clock: Clock) -> None:
    """Said in the log, in the trail and by mail; nothing of it is published, and the operator hands the file over again.

    Nothing is said where somebody else published or refused it meanwhile; and what a new check refused, it told itself.
    """
    reason = flip.refused.why.value if flip.refused is not None else _reason(flip)
    now: datetime = clock.now()
    with database.writing() as connection:
        ids = [batch.id for batch in delivery]
        failed = schedule.fail(connection, ids, reason=reason, actor=_ACTOR, now=now)
    if failed:
        log.error("batches not published", extra={"batches": failed, "reason": reason})


def _reason(flip: Flip) -> str:
    files = flip.again.refused_files if flip.again is not None else ()
    return files[0].error.code if files else "has_errors"
