"""A spool of lines on disk, given back in the order of their bytes, in flat memory.

Lines arrive in any order. They are sorted a piece at a time; a piece that begins where an earlier run ended
continues it, so a file that is in order (or nearly: numbers of different length are not, as text) makes one run
or a few, and only a shuffled one is merged from many.
"""

import heapq
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

PIECE: Final = 16 << 20
MOST_OPEN: Final = 200
_BUFFER: Final = 1 << 18


class Run(NamedTuple):
    """A file of lines in order: the first and the last of them, and where it lies."""

    first: bytes
    last: bytes
    path: Path

    def as_json(self) -> list[str]:
        """The form in which another process is told of it."""
        return [self.first.decode("latin-1"), self.last.decode("latin-1"), str(self.path)]

    @classmethod
    def of(cls, told: Sequence[str]) -> "Run":
        """The run of which another process tells."""
        first, last, path = told
        return cls(first.encode("latin-1"), last.encode("latin-1"), Path(path))


class Spool:
    """Add lines (each with its line feed), then iterate over them in order. ``folder`` is the spool's own."""

    def __init__(self, folder: Path, piece: int = PIECE) -> None:
        folder.mkdir()
        self._folder, self._piece = folder, piece
        self._lines: list[bytes] = []
        self._size = 0
        self._runs: list[Run] = []

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
        self.runs()
        self._join_runs()
        with ExitStack() as stack:
            yield from _merged(_joined(self._runs), stack)

    def runs(self) -> list[Run]:
        """Write what is still in memory; the runs in which all lines lie now."""
        if self._lines:
            self._write_piece()
        return self._runs

    def adopt(self, runs: Iterable[Run]) -> None:
        """Take the runs of another spool, whose files must stay where they are."""
        self._runs += runs

    def remove(self) -> None:
        """Remove all files, those of adopted runs, too: they take as much room as the file that was read."""
        for run in self._runs:
            run.path.unlink()
        shutil.rmtree(self._folder)

    def _write_piece(self) -> None:
        self._lines.sort()
        first, last = self._lines[0], self._lines[-1]
        place = next((place for place, run in enumerate(self._runs) if run.last <= first), None)
        if place is None:
            place = len(self._runs)
            self._runs.append(Run(first, last, self._folder / f"run-{place}"))
        run = self._runs[place]
        self._runs[place] = run._replace(last=last)
        with run.path.open("ab") as file:
            file.writelines(self._lines)
        self._lines, self._size = [], 0

    def _join_runs(self) -> None:
        """Merge runs until the rest can be open at once (a shuffled file of many gigabytes)."""
        count = len(self._runs)
        while len(self._runs) > MOST_OPEN:
            some, self._runs = self._runs[:MOST_OPEN], self._runs[MOST_OPEN:]
            path = self._folder / f"run-{count}"
            count += 1
            with ExitStack() as stack, path.open("wb", _BUFFER) as file:
                file.writelines(_merged([[run] for run in some], stack))
            for run in some:
                run.path.unlink()
            first, last = min(run.first for run in some), max(run.last for run in some)
            self._runs.append(Run(first, last, path))


def _joined(runs: Iterable[Run]) -> list[list[Run]]:
    """Runs one of which begins where another ends are read one after the other."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: run.first):
        row = next((row for row in rows if row[-1].last <= run.first), None)
        if row is None:
            rows.append([run])
        else:
            row.append(run)
    return rows


def _merged(rows: list[list[Run]], stack: ExitStack) -> Iterator[bytes]:
    files = [
        chain.from_iterable(stack.enter_context(run.path.open("rb", _BUFFER)) for run in row) for row in rows
    ]
    return iter(files[0]) if len(files) == 1 else heapq.merge(*files)
