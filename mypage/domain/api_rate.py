"""How many requests of the API are answered in a minute, as a bucket that fills evenly.

One number a sender is enough (the "generic cell rate algorithm"): the instant at which the bucket will be full again.
Each request moves it by one share; a request that would move it more than a minute ahead is refused.
"""

from dataclasses import dataclass
from typing import Final

# Instants and times in whole microseconds.
PERIOD: Final = 60_000_000
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """How it stands with a sender after a request. ``wait``: whole seconds until the next one is answered.

    ``left`` requests would be answered at once; after ``reset`` seconds without one all ``limit`` would.
    """

    limit: int
    left: int
    reset: int
    wait: int = 0

    @property
    def is_refused(self) -> bool:
        """Whether this request is one too many."""
        return self.wait > 0


def share(limit: int) -> int:
    """By how much one request moves the instant; rounded up, so that no minute answers more than ``limit`` of them at once."""
    return -(-PERIOD // limit)


def taken(limit: int, full_at: int, now: int) -> Rate:
    """After a request that was taken, which moved the instant to ``full_at``."""
    ahead = full_at - now
    return Rate(limit, max((PERIOD - ahead) // share(limit), 0), -(-ahead // _SECOND))


def refused(limit: int, full_at: int, now: int) -> Rate:
    """After a request that was one too many; the instant stays at ``full_at``."""
    ahead = full_at - now
    wait = max(-(-(ahead + share(limit) - PERIOD) // _SECOND), 1)
    return Rate(limit, 0, max(-(-ahead // _SECOND), wait), wait)
