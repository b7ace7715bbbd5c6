"""Settle what rested on batches that were taken back, where that was too much for the flip (``services.withdrawal``)."""

import logging
from collections.abc import Callable

from mypage.adapters.clock import Clock
from mypage.services import withdrawal
from mypage.store import resting
from mypage.store.engine import Database

log = logging.getLogger("mypage.batch")
_ACTOR = "worker"


def settle_taken_back(database: Database, clock: Clock, is_ending: Callable[[], bool] = lambda: False) -> int:
    """Go on with all of them, a short transaction at a time, until ``is_ending``; how many batches were settled."""
    with database.reading() as connection:
        batches = resting.unsettled(connection)
    settled = 0
    for batch in batches:
        while not is_ending():
            with database.writing() as connection:
                more = withdrawal.go_on(connection, batch["batch_id"], actor=_ACTOR, now=clock.now())
            if not more:
                settled += 1
                log.info("registrations of a batch settled", extra={"batch": batch["batch_id"]})
                break
    return settled
