"""Until when details of the trail are kept: what was typed into a search for less long than the rest."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from mypage.domain.trail import PurgeKind

# So many go in one transaction: nobody can add to the trail meanwhile, and it takes some hundredths of a second.
AT_ONCE: Final = 1000


class Keeping(NamedTuple):
    """How long details are kept."""

    searches: timedelta
    others: timedelta

    def before(self, kind: PurgeKind, now: datetime) -> datetime:
        """Details of rows that were written before this are purged."""
        return now - (self.searches if kind is PurgeKind.SEARCHES else self.others)
