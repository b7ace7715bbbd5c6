"""Lines of bills known by their text, without being split into cells.

A row of a statement begins and ends as the row before it, and what stands between is a line of a bill that stands on
thousands of others. That is exact: where a row has as many delimiters as its cells need, each of them parts two cells,
whatever is quoted; so what begins a row, the line and what ends the row mean the same wherever they stand.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from mypage.domain.columns import Plan
from mypage.domain.statement_build import Line


class Lines(Protocol):
    """The rows of a file as text. ``texts`` are its lines of text; a row may go on over several."""

    delimiter: str
    texts: Iterator[str]
    stood_alone: bool  # whether the record that was read last was in its first line of text alone

    def record(self, text: str) -> list[str]:
        """The cells of the row that begins with a line just taken from ``texts``."""


class Seen(NamedTuple):
    """How the rows of the open statement begin and end, and where between them their lines stand (``end`` from the end).

    ``among``: the cells of the head that stand among those of the line.
    """

    before: str
    after: str
    start: int
    end: int
    among: Sequence[str]


# What no row begins with.
NOTHING_SEEN: Final = Seen("\n\n", "\n\n", 0, 0, ())


class RepeatedLines:
    """The lines of bills of one file by their text: number, line, and the cells of the head among theirs."""

    def __init__(
        self, lines: Lines, plan: Plan, *, own: Sequence[str], head: Sequence[str], most: int
    ) -> None:
        """``own`` are the columns of a line, ``head`` those of its statement; ``most`` are remembered."""
        places = [plan.places[name] for name in own if name in plan.places]
        self._lines, self._width, self._most = lines, plan.width, most
        self._first, self._last = min(places), max(places)
        self._among = [place for name in head if self._first < (place := plan.places[name]) < self._last]
        self.by_text: dict[str, tuple[int, Line, Sequence[str]]] = {}

    def see(self, text: str, record: list[str], seen: Seen, number: int, line: Line) -> Seen:
        """Remember a row of the open statement that was read without an error; how its next rows begin and end."""
        lines = self._lines
        if not lines.stood_alone or text.count(lines.delimiter) != self._width - 1 or not text.endswith("\n"):
            return seen
        if not (text.startswith(seen.before) and text.endswith(seen.after)):
            seen = self._parted(text, record)
        if len(self.by_text) < self._most:
            self.by_text[text[seen.start : seen.end]] = (number, line, seen.among)
        return seen

    def _parted(self, text: str, record: list[str]) -> Seen:
        delimiter, behind = self._lines.delimiter, self._width - 1 - self._last
        start = len(text) - len(text.split(delimiter, self._first)[-1])
        until = text.rsplit(delimiter, behind)[0] if behind else text.rstrip("\r\n")
        end = len(until) - len(text)
        return Seen(text[:start], text[end:], start, end, [record[place] for place in self._among])
