"""Purge the details of the trail whose time is over, a chunk a transaction, so that nobody waits for it."""

from collections.abc import Callable
from datetime import datetime

from mypage.config.settings import Settings
from mypage.domain.trail import PurgeKind
from mypage.domain.trail_purge import Keeping
from mypage.services import trail_purge
from mypage.store.engine import Database


def purge(
    settings: Settings, database: Database, now: datetime, is_ending: Callable[[], bool] = lambda: False
) -> int:
    """Purge all that is due; how many details went. Whoever is interrupted leaves the rest to the next."""
    keeping = Keeping(settings.audit_search_days, settings.audit_detail_days)
    purged = 0
    for kind in PurgeKind:
        # Looked for without the trail's lock: mostly there is nothing, and looking takes longer than purging.
        while not is_ending() and (seqs := _due(database, kind, keeping, now)):
            with database.writing() as connection:
                purged += trail_purge.purge(connection, kind, seqs, keeping, actor="worker", now=now)
    return purged


def _due(database: Database, kind: PurgeKind, keeping: Keeping, now: datetime) -> list[int]:
    with database.reading() as connection:
        return trail_purge.due(connection, kind, keeping, now=now)
