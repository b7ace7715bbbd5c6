"""When the database does not answer: one at a time waits for it, all others are told at once.

A portal has few threads. If each of them waited for a database that hangs, even a page that needs none would wait
behind them.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# Who waited behind somebody who waited in vain need not wait as well.
_PAUSE: Final = 1.0


class DatabaseAway(OperationalError):
    """Not even tried: somebody waited in vain a moment ago, or waits now."""

    def __init__(self) -> None:
        super().__init__("not tried", None, TimeoutError(), hide_parameters=True)


class Outage:
    """Remembers that somebody waited in vain, until somebody is answered again.

    ``in_vain``: seconds before an error that count as that. One that comes sooner (a refused connection, a full
    table of connections) costs nobody anything. ``counts``: which errors are looked at.
    """

    def __init__(self, in_vain: float, counts: Callable[[Exception], bool] = lambda _: True) -> None:
        self._in_vain = in_vain
        self._counts = counts
        self.is_on = False
        self._paused_until = 0.0
        self._trying = threading.RLock()

    @contextmanager
    def noticed(self, *, tries: bool = True) -> Iterator[None]:
        """Around whatever asks the database. Raises :class:`DatabaseAway` where it is not to be asked now.

        ``tries``: whether this is worth somebody's wait, once it is known that they may wait in vain.
        """
        if self.is_on:
            is_paused = time.monotonic() < self._paused_until
            if not tries or is_paused or not self._trying.acquire(blocking=False):
                raise DatabaseAway
            try:
                yield from self._asked()
                self.is_on = False
            finally:
                self._trying.release()
        else:
            yield from self._asked()

    def _asked(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except (OperationalError, PoolTimeout) as error:
            self.tell(error, began)
            raise

    def tell(self, error: Exception, began: float) -> None:
        """Somebody asked at ``began`` (``time.monotonic()``) and got an error."""
        now = time.monotonic()
        if now - began >= self._in_vain and self._counts(error):
            self.is_on, self._paused_until = True, now + _PAUSE


def is_silence(error: Exception) -> bool:
    """Whether nothing at all was heard of the server, as opposed to an answer of its own that was long in coming."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) is None
