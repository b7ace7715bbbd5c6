"""What a check left that broke off: its staged rows, and a batch that would stay 検査中.

The repeat goes on with it; whoever does not want that gives it up. What nobody goes on with is given up by the worker.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from mypage.domain.batch import State
from mypage.domain.row_error import GIVEN_UP
from mypage.services import batches as deeds
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.works.load import scratch as scratch_folder
from mypage.works.load.hold import LoadedElsewhere, insisting, take
from mypage.works.load.report import packed
from mypage.works.load.stage import unstage

GIVEN_UP_AFTER: Final = timedelta(days=3)


def give_up(database: Database, batches: Sequence[Batch], *, actor: str, now: datetime) -> None:
    """Remove what is staged of batches whose check broke off, and say of them that they are 却下.

    Raises :class:`LoadedElsewhere` where one of them is being checked, or was meanwhile.
    """
    with holding(database) as hold:
        insisting(lambda: take(hold, [batch.id for batch in batches]))
        for batch in batches:
            unstage(database, batch.kind, batch.id)
        with database.writing() as connection:
            store.lock_all(connection, [batch.id for batch in batches])
            for batch in batches:
                told = packed(GIVEN_UP)
                if not deeds.give_up(connection, batch.id, packed=told, actor=actor, now=now):
                    raise LoadedElsewhere


def clean_up(database: Database, scratch: Path | None, *, actor: str, now: datetime) -> dict[str, int]:
    """Give up what nobody went on with for days, and remove scratch of processes that are gone. How many of each.

    Rows of what was staged and then discarded go, too: nobody would ever see them.
    """
    with database.reading() as connection:
        left = store.left_checking(connection, now - GIVEN_UP_AFTER)
        refused = store.refused_with_rows(connection)
    removed = {"batches": 0, "scratch": scratch_folder.sweep(scratch)}
    for batch in left:
        try:
            give_up(database, [batch], actor=actor, now=now)
        except LoadedElsewhere:
            continue  # a check that takes so long, or somebody who goes on with it at this moment
        removed["batches"] += 1
    for batch in refused:
        with suppress(LoadedElsewhere):  # somebody wants it after all
            _unstage_refused(database, batch)
    return removed


def _unstage_refused(database: Database, batch: Batch) -> None:
    with holding(database) as hold:
        take(hold, [batch.id])
        unstage(database, batch.kind, batch.id, State.REFUSED)
