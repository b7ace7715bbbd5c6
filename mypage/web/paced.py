"""Bodies that come too slowly are given up: one of them holds a thread, and a large one the turn of all large ones.

The pace is a mean, of the time that was spent waiting for the line and nothing else: who sends at a quarter of a megabit
a second may send for as long as it takes. It can only be looked at when bytes come, for a read of the server's cannot be
given up; so the slower a line is, the fewer bytes are asked for at once. One that is silent is cut by the proxy.
"""

import io
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any, Final

from werkzeug.exceptions import RequestTimeout

# Seconds that a line may be behind, and bytes that have to come in each second else.
PATIENCE: Final = 60
LEAST: Final = 32_768
_ASKED: Final = 4_096
_ASKED_OF_SLOW: Final = 256


class Paced(io.RawIOBase):
    """The stream of a body. Raises ``RequestTimeout`` (408) where it comes too slowly."""

    def __init__(self, stream: IO[bytes], clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._stream, self._clock = stream, clock
        self._arrived, self._waited = 0, 0.0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill it, but at the end of the body: the parser of forms takes a field for ended where less comes."""
        view, filled = memoryview(buffer), 0
        while data := self._some(len(view) - filled):
            view[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def _some(self, most: int) -> bytes:
        ahead = self._arrived - int(self._waited * LEAST)
        began = self._clock()
        data = self._stream.read(min(most, _ASKED, max(ahead, _ASKED_OF_SLOW)))
        # A clock that is set back counts as nothing.
        self._waited += max((self._clock() - began).total_seconds(), 0.0)
        self._arrived += len(data)
        if data and self._waited > PATIENCE + self._arrived / LEAST:
            raise RequestTimeout
        return data
