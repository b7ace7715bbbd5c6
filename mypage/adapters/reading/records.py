"""Text or sheet → records of text cells, one for each of Excel's rows, in flat memory."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Final

from mypage.adapters.reading import sheet_process
from mypage.adapters.reading.received import EXCEL, part_of, unpacked
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.columns import Unsplit

# Excel's own limit of a cell; the csv module has one limit for the whole programme.
LONGEST_CELL: Final = 32_767
LONGEST_LINE: Final = 1_000_000
csv.field_size_limit(LONGEST_CELL)


class Records(Iterator[list[str]]):
    """The records of a file, the header row first; empty rows come as empty lists.

    What cannot be split into cells comes as :class:`Unsplit`. Most rows of a month repeat what others hold: who wants to
    know them by their text takes ``texts`` instead, and asks for the :meth:`record` of those that are new.
    """

    def __init__(self, lines: Iterator[str], delimiter: str | None = None) -> None:
        first = next(lines, "")
        self.delimiter = delimiter or ("\t" if first.count("\t") > first.count(",") else ",")
        self.texts: Iterator[str] = chain((first,), lines)
        self.stood_alone = False  # whether the record that was read last was in its first line of text alone
        self._begun: str | None = None
        self._reader = csv.reader(self._lines(), delimiter=self.delimiter)

    def __next__(self) -> list[str]:
        try:
            return next(self._reader)
        except csv.Error:
            return Unsplit()

    def record(self, text: str) -> list[str]:
        """The record that begins with a text just taken from ``texts``; what else belongs to it is taken, too."""
        self._begun, self.stood_alone = text, True
        return next(self)

    def _lines(self) -> Iterator[str]:
        while True:
            if self._begun is None:
                text = next(self.texts, None)
                self.stood_alone = False
                if text is None:
                    return
                yield text
            else:
                text, self._begun = self._begun, None
                yield text


@contextmanager
def records(
    path: Path,
    codec: str,
    *,
    progress: Callable[[int], None] = lambda _read: None,
    until: int | None = None,
) -> Iterator[Records]:
    """The records of a received file, of one that is not packed those before the byte ``until``.

    The file, or the process that reads an Excel file, is closed with the block, however far it was read: the records
    and what they read hold one another, so by itself it would stay open for as long as nobody looks for such rings.
    ``progress`` is told the bytes of unpacked text read so far. Raises :class:`Unreadable`, also while it is read.
    """
    if codec == EXCEL:
        with closing(sheet_process.as_csv(path)) as chunks:
            yield Records(_lines(_counted(chunks, progress), "utf-8"), ",")
    else:
        with closing(unpacked(path) if until is None else part_of(path, 0, until)) as chunks:
            yield Records(_lines(_counted(chunks, progress), codec))


@contextmanager
def records_behind(
    path: Path,
    codec: str,
    offset: int,
    delimiter: str,
    *,
    progress: Callable[[int], None] = lambda _read: None,
) -> Iterator[Records]:
    """The records of a file that is not packed from the byte ``offset`` on, where one begins; closed with the block."""
    # The mark at the beginning of a text is none in the middle.
    codec = "utf-8" if codec == "utf-8-sig" else codec
    with closing(part_of(path, offset, None)) as chunks:
        yield Records(_lines(_counted(chunks, progress), codec), delimiter)


def _counted(chunks: Iterable[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        total += len(chunk)
        progress(total)
        yield chunk


def _as_begun(codec: str, start: bytes) -> str:
    """The encoding of a text that begins so: UTF-16 that somebody forced may lack its mark, as some write it on Windows."""
    is_marked = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16-le" if codec == "utf-16" and not is_marked else codec


def _lines(chunks: Iterable[bytes], codec: str) -> Iterator[str]:
    """Lines with their ends. A byte that the encoding does not have becomes U+FFFD, an error of its cell later."""
    pieces = iter(chunks)
    start = next(pieces, b"")
    decode = codecs.getincrementaldecoder(_as_begun(codec, start))(errors="replace").decode
    tail = ""
    for chunk in chain((start,), pieces):
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
