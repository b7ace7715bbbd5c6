"""Remove what has ended by time. Each kind in its own short transaction, so that nobody waits for another."""

from datetime import datetime, timedelta
from typing import Final

from mypage.config.settings import Settings
from mypage.domain.throttle import FORGOTTEN_AFTER
from mypage.store import leftovers
from mypage.store.engine import Database

# The limits of specification §7 count the mails of 24 hours.
_MAILS_COUNT_FOR: Final = timedelta(hours=24)


def clean_up(settings: Settings, database: Database, now: datetime) -> dict[str, int]:
    """Remove dead drafts, sessions, counters of tries and of mails; how many of each there were."""
    removed = {}
    with database.writing() as connection:
        removed["drafts"] = leftovers.remove_drafts(connection, now)
    with database.writing() as connection:
        removed["sessions"] = leftovers.remove_sessions(
            connection,
            touched_before=now - settings.session_idle,
            created_before=now - settings.session_absolute,
        )
    with database.writing() as connection:
        removed["counters"] = leftovers.remove_counters(
            connection, now=now, updated_before=now - FORGOTTEN_AFTER
        )
    with database.writing() as connection:
        removed["mail_counts"] = leftovers.remove_mail_counts(connection, before=now - _MAILS_COUNT_FOR)
    return removed
