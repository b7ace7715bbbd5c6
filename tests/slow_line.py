"""A body on a line of a certain speed: the portal's clock goes on while it is read, and nobody waits.

SlowLine(content, 125_000, lambda seconds: move_clock(clock_file, timedelta(seconds=seconds)))   # a megabit a second
"""

import io
from collections.abc import Callable


class SlowLine(io.BytesIO):
    """``content`` at so many bytes a second; ``pass_time`` is told the seconds that went by since it began."""

    def __init__(self, content: bytes, speed: int, pass_time: Callable[[float], object]) -> None:
        super().__init__(content)
        self.speed, self._pass_time, self._seconds = speed, pass_time, 0.0

    def read(self, size: int | None = -1, /) -> bytes:
        """Some bytes, and the time that they take."""
        data = super().read(size)
        self._seconds += len(data) / self.speed
        self._pass_time(self._seconds)
        return data
