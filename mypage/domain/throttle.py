"""How long a person waits after wrong tries.

``decisions.md`` "Throttle schedule": tries 1–4 free, then waits of 1, 2, 4 … 30 minutes; ten times looser per
client address; only misses count.

A counter forgets all of its misses 24 hours after the last one (:data:`FORGOTTEN_AFTER`). Forgetting sooner or
bit by bit would pay a patient guesser: who waits the thirty minutes each time has 48 tries a day, and four free
ones after a day of silence are fewer than those. A person who gave up begins the next evening anew.
"""

from datetime import timedelta
from typing import Final

FREE_TRIES: Final = 4
LONGEST_WAIT: Final = timedelta(minutes=30)
FORGOTTEN_AFTER: Final = timedelta(hours=24)
LOOSER_PER_ADDRESS: Final = 10
_NO_WAIT: Final = timedelta()
_MINUTE: Final = timedelta(minutes=1)


def wait_after(misses: int, looser: int = 1) -> timedelta:
    """How long after the last of ``misses`` the next try may come: none before the fourth, then 1, 2, 4 … 30 min.

    ``looser`` times as many misses are free, and each wait stands for as many (10 for a client address).
    """
    step = misses // looser - FREE_TRIES
    if step < 0:
        return _NO_WAIT
    return min(LONGEST_WAIT, _MINUTE * (1 << min(step, 10)))


def minutes_to_tell(wait: timedelta) -> int:
    """The wait in whole minutes, rounded up: who comes back after them is never too early."""
    return -(-wait // _MINUTE)
