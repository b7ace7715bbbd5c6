"""The middle of a large text: a byte from which on a second process can read it, at which row of Excel's that is."""

from collections.abc import Iterator
from typing import IO, Final, NamedTuple

from mypage.adapters.reading.received import CHUNK, Received, is_packed
from mypage.adapters.reading.records import LONGEST_LINE, Records

# A line feed is one byte in them, and no part of another character.
_CODECS: Final = frozenset(("utf-8", "utf-8-sig", "cp932"))
_LONGEST_CHARACTER: Final = 4
_QUOTE: Final = b'"'


class Middle(NamedTuple):
    """The byte at which a record begins, and its row (from 1 on, the headings' included)."""

    offset: int
    row: int


def middle(received: Received) -> Middle | None:
    """Where the second half begins; None where that cannot be told at once (packed, a workbook, UTF-16)."""
    if received.codec not in _CODECS or is_packed(received.path):
        return None
    half = received.size // 2
    with received.path.open("rb") as file:
        found = _by_lines(file, half)
        if found is None:
            file.seek(0)
            found = _by_records(file, half, received.codec)
    return found if found is not None and 0 < found.offset < received.size else None


def _by_lines(file: IO[bytes], half: int) -> Middle | None:
    """Without a quotation mark each line is a record; None where there is one."""
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


def _by_records(file: IO[bytes], half: int, codec: str) -> Middle | None:
    """With quotation marks a record may go on over several lines: they are read as records, which is quickly done."""
    taken = 0

    def lines() -> Iterator[str]:
        nonlocal taken
        while raw := file.readline(LONGEST_LINE * _LONGEST_CHARACTER):
            taken += len(raw)
            yield raw.decode(codec, "replace")

    for row, _ in enumerate(Records(lines()), 2):
        if taken >= half:
            return Middle(taken, row)
    return None
