"""The clock. Only doors and the roof read it; everything below takes ``now`` as an argument."""

from datetime import UTC, datetime, timedelta
from pathlib import Path


class Clock:
    """The machine's clock in UTC; in the demo and in tests a file moves it.

    The file holds a number of seconds (may be negative) that is added to the machine's time. It is read at each
    call, so that a running portal follows it.
    """

    def __init__(self, offset_file: Path | None = None) -> None:
        self._offset_file = offset_file

    def now(self) -> datetime:
        """The instant now, aware, in UTC."""
        return datetime.now(UTC) + self._offset()

    def _offset(self) -> timedelta:
        if self._offset_file is None:
            return timedelta()
        try:
            return timedelta(seconds=float(self._offset_file.read_text(encoding="ascii").strip() or 0))
        except FileNotFoundError:
            return timedelta()
