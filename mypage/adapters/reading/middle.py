"""The middle of a large text: a byte from which on a second process can read it, at which row of Excel's that is."""

from collections.abc import Callable, Iterator
from typing import IO, Final, NamedTuple

from mypage.adapters.reading.received import CHUNK, Received, is_packed
from mypage.adapters.reading.records import LONGEST_LINE, Records

# A line feed is one byte in them, and no part of another character.
_CODECS: Final = frozenset(("utf-8", "utf-8-sig", "cp932"))
_LONGEST_CHARACTER: Final = 4
_QUOTE: Final = b'"'
# Whether two records that follow one another must not be parted.
Together = Callable[[list[str], list[str]], bool]


class Middle(NamedTuple):
    """The byte at which a record begins, and its row (from 1 on, the headings' included)."""

    offset: int
    row: int


def can_be_halved(received: Received) -> bool:
    """Whether a file may have a middle: not where it is packed, a workbook or UTF-16."""
    return received.codec in _CODECS and not is_packed(received.path)


def middle(received: Received, delimiter: str, together: Together) -> Middle | None:
    """Where the second half begins, the first record behind the middle that does not stay with the one before.

    None where that cannot be told at once or where there is none.
    """
    if not can_be_halved(received):
        return None
    half = received.size // 2
    with received.path.open("rb") as file:
        counted = _lines_until(file, half)
        if counted is None:
            # With quotation marks a record may go on over several lines.
            file.seek(0)
            counted = Middle(0, 1)
        return _first_apart(file, counted, half, received.codec, delimiter, together)


def _lines_until(file: IO[bytes], half: int) -> Middle | None:
    """The line that begins at or behind ``half``: without a quotation mark each one is a record. None where there is one."""
    rows = offset = 0
    while offset < half:
        chunk = file.read(min(CHUNK, half - offset))
        if _QUOTE in chunk:
            return None
        rows += chunk.count(b"\n")
        offset += len(chunk)
    rest = file.readline(LONGEST_LINE)
    if _QUOTE in rest or not rest.endswith(b"\n"):
        return None
    return Middle(offset + len(rest), rows + 2)


def _first_apart(
    file: IO[bytes], start: Middle, half: int, codec: str, delimiter: str, together: Together
) -> Middle | None:
    """Read on from ``start`` as records, which is quickly done."""
    taken = start.offset

    def lines() -> Iterator[str]:
        nonlocal taken
        while raw := file.readline(LONGEST_LINE * _LONGEST_CHARACTER):
            taken += len(raw)
            yield raw.decode(codec, "replace")

    before: list[str] | None = None
    begins = taken
    for row, record in enumerate(Records(lines(), delimiter), start.row):
        if begins > half and before is not None and not together(before, record):
            return Middle(begins, row)
        before, begins = record, taken
    return None
