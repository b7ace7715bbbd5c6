"""A spool of lines on disk, given back in the order of their bytes, in flat memory.

Lines arrive in any order. They are sorted a piece at a time; a piece that begins where an earlier run ended
continues it, so a file that is in order (or nearly: numbers of different length are not, as text) makes one run
or a few, and only a shuffled one is merged from many.
"""

import heapq
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final

PIECE: Final = 16 << 20
_MOST_OPEN: Final = 200
_BUFFER: Final = 1 << 18


class Spool:
    """Add lines (each with its line feed), then iterate over them in order. ``folder`` is the spool's own."""

    def __init__(self, folder: Path, piece: int = PIECE) -> None:
        folder.mkdir()
        self._folder, self._piece = folder, piece
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[tuple[bytes, Path]] = []

    def add(self, line: bytes) -> None:
        """Take a line."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= self._piece:
            self._write_piece()

    def in_order(self) -> Iterator[bytes]:
        """All lines, ordered by their bytes. Nothing may be added afterwards."""
        if not self._runs:
            self._lines.sort()
            yield from self._lines
            return
        if self._lines:
            self._write_piece()
        self._join_runs()
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("rb", _BUFFER)) for _, path in self._runs]
            yield from files[0] if len(files) == 1 else heapq.merge(*files)

    def _write_piece(self) -> None:
        self._lines.sort()
        first, last = self._lines[0], self._lines[-1]
        place = next((place for place, (end, _) in enumerate(self._runs) if end <= first), None)
        if place is None:
            place = len(self._runs)
            self._runs.append((last, self._folder / f"run-{place}"))
        _, path = self._runs[place]
        self._runs[place] = (last, path)
        with path.open("ab") as file:
            file.writelines(self._lines)
        self._lines, self._size = [], 0

    def _join_runs(self) -> None:
        """Merge runs until the rest can be open at once (a shuffled file of many gigabytes)."""
        count = len(self._runs)
        while len(self._runs) > _MOST_OPEN:
            merged, self._runs = self._runs[:_MOST_OPEN], self._runs[_MOST_OPEN:]
            path = self._folder / f"run-{count}"
            count += 1
            with ExitStack() as stack, path.open("wb", _BUFFER) as file:
                files: list[IO[bytes]] = [stack.enter_context(run.open("rb", _BUFFER)) for _, run in merged]
                file.writelines(heapq.merge(*files))
            for _, run in merged:
                run.unlink()
            self._runs.append((b"", path))
