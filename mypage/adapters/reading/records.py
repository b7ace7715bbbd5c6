"""Text or sheet → records of text cells, one for each of Excel's rows, in flat memory."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from mypage.adapters.reading import sheet_process
from mypage.adapters.reading.received import EXCEL, unpacked
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.columns import Unsplit

# Excel's own limit of a cell; the csv module has one limit for the whole programme.
LONGEST_CELL: Final = 32_767
LONGEST_LINE: Final = 1_000_000
csv.field_size_limit(LONGEST_CELL)


def records(
    path: Path, codec: str, *, progress: Callable[[int], None] = lambda _read: None
) -> Iterator[list[str]]:
    """The records of a received file, the header row first; empty rows come as empty lists.

    ``progress`` is told the bytes of unpacked text read so far. What cannot be split into cells comes as
    :class:`Unsplit`. Raises :class:`Unreadable`.
    """
    if codec == EXCEL:
        return _split(_lines(_counted(sheet_process.as_csv(path), progress), "utf-8"), ",")
    lines = _lines(_counted(unpacked(path), progress), codec)
    first = next(lines, "")
    return _split(_chained(first, lines), "\t" if first.count("\t") > first.count(",") else ",")


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _counted(chunks: Iterable[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        progress(total)
        yield chunk


def _lines(chunks: Iterable[bytes], codec: str) -> Iterator[str]:
    """Lines with their ends. A byte that the encoding does not have becomes U+FFFD, an error of its cell later."""
    decode = codecs.getincrementaldecoder(codec)(errors="replace").decode
    tail = ""
    for chunk in chunks:
        text = tail + decode(chunk)
        end = text.rfind("\n") + 1
        if end:
            # StringIO splits at line feeds only, unlike str.splitlines, and in C.
            yield from io.StringIO(text[:end], newline="\n")
        tail = text[end:]
        if len(tail) > LONGEST_LINE:
            raise Unreadable("line_too_long", {"longest": str(LONGEST_LINE)})
    # Programmes from the days of CP/M end a text with 0x1A.
    tail = (tail + decode(b"", True)).rstrip("\x1a")
    if tail:
        yield tail


def _split(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            yield from reader
        except csv.Error:
            yield Unsplit()
        else:
            return
