"""Delete kept files whose time is over: first the row says so, then the bytes go; whoever was interrupted goes on."""

import logging
from datetime import datetime, timedelta
from typing import Final

from mypage.domain.kept_file import StoreFault
from mypage.services import kept_files as deeds
from mypage.store import kept_files as store
from mypage.works.keeping import Keeper

log = logging.getLogger("mypage.batch")
_AT_ONCE: Final = 500
# A store that was away for longer than this is cleared of what was deleted meanwhile by the operator.
_TRIED_FOR: Final = timedelta(days=30)


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
        left = [
            file
            for file_id in store.left_over(connection, now - _TRIED_FOR)
            if (file := store.get(connection, file_id)) is not None
        ]
    for file in left:
        try:
            keeper.remove(file)
        except StoreFault as fault:
            log.warning("kept file not removed yet", extra={"file": file.id, "fault": fault.why.value})
