"""Rows as a file that Excel opens by itself, in pieces: however many there are, few are in memory."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence


def pieces(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, rows_at_once: int
) -> Iterator[bytes]:
    """UTF-8 with the mark that Excel needs, CRLF. What of a row it must not run is quoted by whoever makes the row."""
    written = io.StringIO(newline="")
    out = csv.writer(written)
    written.write("\ufeff")
    out.writerow(headings)
    for number, row in enumerate(rows, 1):
        out.writerow(row)
        if not number % rows_at_once:
            yield _taken(written)
    yield _taken(written)


def _taken(written: io.StringIO) -> bytes:
    piece = written.getvalue().encode("utf-8", "replace")
    written.seek(0)
    written.truncate()
    return piece
