"""Rows that are ready to be staged: a file of lines, known by its digest, read back in chunks."""

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

# Rows a chunk: on SQLite its transaction is over before a login waits a tenth of a second.
CHUNK_ROWS: Final = 1_000
_BLOCK: Final = 1 << 20


class Written:
    """Rows that were written, perhaps by another process.

    The file is open only while a block of it is read: whoever reads may stop in the middle and be kept for long.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> Iterator[bytes]:
        """All lines in the order in which they were written."""
        place = 0
        while True:
            with self.path.open("rb") as file:
                file.seek(place)
                several = file.readlines(_BLOCK)
                place = file.tell()
            if not several:
                return
            yield from several


class Ready(Written):
    """Write lines, :meth:`close`, then read chunks. ``is_part``: of something that is digested as a whole elsewhere."""

    def __init__(self, path: Path, *, is_part: bool = False) -> None:
        super().__init__(path)
        self.rows = 0  # what is on disk; all of them once it is closed
        self.digest = ""
        self._file = path.open("wb")
        self._hash = None if is_part else hashlib.sha256()
        self._waiting: list[bytes] = []
        self._ends = [0]

    @property
    def rows_written(self) -> int:
        """How many lines were written so far."""
        return self.rows + len(self._waiting)

    def write(self, line: bytes) -> None:
        """Add a line with its line feed."""
        self._waiting.append(line)
        if len(self._waiting) == CHUNK_ROWS:
            self._write_chunk()

    def extend(self, lines: Iterable[bytes]) -> None:
        """Add many lines."""
        rest = iter(lines)
        while several := list(islice(rest, CHUNK_ROWS - len(self._waiting))):
            self._waiting += several
            if len(self._waiting) == CHUNK_ROWS:
                self._write_chunk()

    def close(self) -> None:
        """No more lines come."""
        if self._waiting:
            self._write_chunk()
        self._file.close()
        if self._hash is not None:
            self.digest = self._hash.hexdigest()

    def chunks(self, from_row: int, chunks_at_once: int) -> Iterator[tuple[int, Iterator[bytes]]]:
        """From a row on (a multiple of ``CHUNK_ROWS``): the number of rows up to its end, and its blocks."""
        for place in range(from_row // CHUNK_ROWS, len(self._ends) - 1, chunks_at_once):
            end = min(place + chunks_at_once, len(self._ends) - 1)
            yield min(end * CHUNK_ROWS, self.rows), self._blocks(self._ends[place], self._ends[end])

    def _blocks(self, start: int, end: int) -> Iterator[bytes]:
        rest = b""
        while start < end:
            with self.path.open("rb") as file:
                file.seek(start)
                block = file.read(min(_BLOCK, end - start))
            start += len(block)
            cut = block.rfind(b"\n") + 1
            if cut:
                yield rest + block[:cut]
                rest = block[cut:]
            else:
                rest += block

    def _write_chunk(self) -> None:
        block = b"".join(self._waiting)
        if self._hash is not None:
            self._hash.update(block)
        self._file.write(block)
        self.rows += len(self._waiting)
        self._ends.append(self._ends[-1] + len(block))
        self._waiting = []
