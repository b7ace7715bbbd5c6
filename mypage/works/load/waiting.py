"""Check what was received through a browser or the API, a delivery at a time, the one first that came first.

Any number of workers may look: each delivery is held by one. Whoever is killed lets go of it, and the next look goes on.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mypage.adapters.clock import Clock
from mypage.adapters.keeping.disk import DISK_FULL
from mypage.adapters.reading.unreadable import Unreadable
from mypage.config.settings import Settings
from mypage.domain.kept_file import StoreFault
from mypage.domain.row_error import RowError
from mypage.services import batch_requests
from mypage.services import batches as deeds
from mypage.store import batch_progress
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.delivery import check_held
from mypage.works.load.report import packed
from mypage.works.load.source import opened, refusable
from mypage.works.load.stage import unstage
from mypage.works.load.task import LoadRules

log = logging.getLogger("mypage.batch")
_ACTOR: Final = "worker"
# A delivery that ended its worker so often is given up.
MOST_TRIES: Final = 5
_TOLD_EVERY: Final = 1.0
# Why a delivery waits although a worker would check it.
_STORE_AWAY: Final = "store_away"
_DISK_FULL: Final = "disk_full"
# How long a delivery that cannot be gone on with rests before it is tried again.
_RESTS: Final = timedelta(seconds=20)


def check_received(settings: Settings, database: Database, keeper: Keeper, clock: Clock) -> bool:
    """Check the delivery whose turn it is; False where there is none, or none that can be gone on with now."""
    with database.reading() as connection:
        waiting = store.waiting_for_worker(connection)
        resting = _resting(connection, waiting, clock.now())
    # What waits for a disk or a store lets the others pass, and is looked at again.
    for delivery, members in _by_delivery(waiting).items():
        if delivery in resting:
            continue
        with holding(database) as hold:
            if not all(hold.take(batch.id) for batch in members):
                continue  # another worker is at it, or somebody hands the same file over
            if not _begun(database, members, clock):
                continue
            if _checked(settings, database, keeper, clock, members):
                return True
    return False


def check_all_received(settings: Settings, database: Database, keeper: Keeper, clock: Clock) -> int:
    """Check all that waits now; how many deliveries were."""
    done = 0
    while check_received(settings, database, keeper, clock):
        done += 1
    return done


def _by_delivery(waiting: Sequence[Batch]) -> dict[str, list[Batch]]:
    ordered: dict[str, list[Batch]] = {}
    for batch in waiting:
        ordered.setdefault(batch.delivery, []).append(batch)
    return ordered


def _resting(connection: Connection, waiting: Sequence[Batch], now: datetime) -> set[str]:
    rows = batch_progress.of(connection, [batch.id for batch in waiting])
    rest = {row.batch_id for row in rows.values() if row.waits_for and now - _RESTS < row.at <= now}
    return {batch.delivery for batch in waiting if batch.id in rest}


def _begun(database: Database, members: Sequence[Batch], clock: Clock) -> bool:
    with database.writing() as connection:
        return deeds.begin_check(connection, members, now=clock.now())


def _checked(
    settings: Settings, database: Database, keeper: Keeper, clock: Clock, members: Sequence[Batch]
) -> bool:
    """Check what is begun and held; False where it has to wait for a disk or a store."""
    ids, rules = [batch.id for batch in members], LoadRules.of(settings)
    with database.reading() as connection:
        tries = max(row.tries for row in batch_progress.of(connection, ids).values())
    if tries > MOST_TRIES:
        _refuse(database, members, clock, rules, "check_failed", {})
        return True
    log.info("check begins", extra={"batches": ids, "try": tries})
    began = time.monotonic()
    try:
        with opened(keeper, members, settings.scratch) as handed:
            refused = check_held(
                database,
                members,
                handed,
                rules=rules,
                scratch=settings.scratch,
                actor=_ACTOR,
                clock=clock.now,
                progress_of=lambda batch_id: _Told(database, batch_id, clock),
            )
    except Unreadable as error:
        _refuse(database, members, clock, rules, *refusable(error))
    except StoreFault:
        return _waits(database, members, clock, _STORE_AWAY)
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        return _waits(database, members, clock, _DISK_FULL)
    else:
        if refused is not None:
            _refuse(database, members, clock, rules, refused.error.code, refused.error.facts)
    log.info("check ends", extra={"batches": ids, "seconds": round(time.monotonic() - began, 1)})
    return True


def _waits(database: Database, members: Sequence[Batch], clock: Clock, waits_for: str) -> bool:
    for batch in members:
        with database.writing() as connection:
            batch_progress.wait(connection, batch.id, waits_for=waits_for, now=clock.now())
    log.error("check waits", extra={"batches": [batch.id for batch in members], "for": waits_for})
    return False


def _refuse(
    database: Database,
    members: Sequence[Batch],
    clock: Clock,
    rules: LoadRules,
    code: str,
    facts: Mapping[str, str],
) -> None:
    """却下 of all of them, because of what keeps them from being checked at all."""
    why = RowError(code, 0, "", "", "", facts)
    for batch in members:
        unstage(database, batch.kind, batch.id)
    now = clock.now()
    with database.writing() as connection:
        store.lock_all(connection, [batch.id for batch in members])
        for batch in members:
            deeds.give_up(connection, batch.id, packed=packed(why), actor=_ACTOR, now=now, why=why)
        # Whoever wants it published is told.
        batch_requests.settle(
            connection,
            [batch.id for batch in members],
            by=_ACTOR,
            second_person=rules.second_person,
            life=rules.request_life,
            now=now,
        )
    log.error("check refused", extra={"batches": [batch.id for batch in members], "code": code})


class _Told:
    """Writes how far a batch is, at most once a second and at each new step."""

    def __init__(self, database: Database, batch_id: int, clock: Clock) -> None:
        self._database, self._batch_id, self._clock = database, batch_id, clock
        self._step, self._told = "", 0.0

    def __call__(self, step: str, done: int, whole: int, rows: int) -> None:
        """How far it is."""
        tick = time.monotonic()
        if step == self._step and tick - self._told < _TOLD_EVERY:
            return
        now = self._clock.now()
        values: dict[str, object] = {"step": step, "done": done, "whole": whole, "rows": rows, "at": now}
        if step != self._step:
            values["since"] = now
        self._step, self._told = step, tick
        try:
            # Others wait in vain at this moment: the check matters, its progress does not.
            with self._database.writing(matters=False) as connection:
                batch_progress.tell(connection, self._batch_id, **values)
        except (DBAPIError, PoolTimeout):
            log.warning("progress not told")
