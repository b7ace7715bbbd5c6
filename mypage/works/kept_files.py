"""Delete kept files whose time is over: first the row says so, then the bytes go; whoever was interrupted goes on."""

import logging
from datetime import datetime
from typing import Final

from mypage.domain.kept_file import StoreFault
from mypage.services import kept_files as deeds
from mypage.store import kept_files as store
from mypage.works.keeping import Keeper

log = logging.getLogger("mypage.batch")
_AT_ONCE: Final = 500


def purge(keeper: Keeper, now: datetime) -> int:
    """Delete unfinished and unused uploads, and files of batches after their days; how many went."""
    limits = keeper.limits
    with keeper.database.reading() as connection:
        due = [
            *store.unused(connection, now - limits.open_for, _AT_ONCE),
            *store.aged(connection, now - limits.kept_for, _AT_ONCE),
        ]
    gone = 0
    for file in due:
        with keeper.database.writing() as connection:
            gone += deeds.purge(connection, file.id, limits=limits, actor="worker", now=now)
    _remove_bytes(keeper, now)
    if gone:
        log.info("kept files deleted", extra={"files": gone})
    return gone


def _remove_bytes(keeper: Keeper, now: datetime) -> None:
    with keeper.database.reading() as connection:
        left = store.left_over(connection, _AT_ONCE)
    for file in left:
        try:
            keeper.remove(file, now)
        except StoreFault as fault:
            log.warning("kept file not removed yet", extra={"file": file.id, "fault": fault.why.value})
