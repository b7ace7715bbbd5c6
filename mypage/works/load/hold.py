"""Hold batches while something is done with them that nobody else may do at the same time."""

import time
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Final, TypeVar

from mypage.store.checking import Hold

Done = TypeVar("Done")
# The server needs a moment to notice that somebody was killed who held a batch.
_PAUSE: Final = 0.05
_PAUSES: Final = 40


class LoadedElsewhere(Exception):
    """Another process is at work on the same batch."""


def take(hold: Hold, batch_ids: Iterable[int]) -> None:
    """Hold these batches too. Raises :class:`LoadedElsewhere`."""
    if not all(hold.take(batch_id) for batch_id in batch_ids):
        raise LoadedElsewhere


def insisting(deed: Callable[[], Done]) -> Done:
    """What ``deed`` gives, tried again for a moment where it raises :class:`LoadedElsewhere`."""
    for pause in repeat(_PAUSE, _PAUSES):
        try:
            return deed()
        except LoadedElsewhere:
            time.sleep(pause)
    return deed()
