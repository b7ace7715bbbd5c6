"""``publish-memory``: the most memory that a load takes, all its processes together, and whether it grows with the file."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench import batch, loaded, master
from bench.figures import Figure
from bench.month import Month, month, shuffled
from bench.postgres import Postgres, postgres

_FULL, _QUICK = 1_000_000, 50_000
_LONGER: Final = 3
_GOAL: Final = 300.0
# What may lie between two runs of the same file.
_FLAT: Final = 1.15
_EVERY: Final = 0.05


def publish_memory(quick: bool, rounds: int | None) -> Figure:
    """Megabytes in sorted and shuffled files on both databases, and three times the lines ÷ once; what is nearest its goal.

    Rounds repeat all of it; the highest peak counts.
    """
    small = month(_QUICK if quick else _FULL)
    large = month(small.statements * _LONGER)
    peaks: dict[str, float] = {}
    with postgres(durable=True) as server:
        for _ in range(rounds or 1):
            for name, url, of, file in _runs(server, small, large):
                ran, peak = _peak(url, file)
                loaded.check(url, of, ran)
                peaks[name] = max(peak, peaks.get(name, 0.0))
                print(f"{name}: {peak:.0f} MB, {ran}", flush=True)
        master.done_on_postgresql(server)
    most = Figure(max(peaks.values()), _GOAL, least=False)
    grown = Figure(peaks["postgresql, longer"] / peaks["postgresql, sorted"], _FLAT, least=False)
    print(
        f"peak {most.value:.0f} MB (goal ≤ {_GOAL:.0f}), {_LONGER} times the lines ÷ once {grown.value:.3f}"
    )
    return min(most, grown, key=lambda figure: figure.closeness)


def _runs(server: Postgres, small: Month, large: Month) -> Iterator[tuple[str, str, Month, Path]]:
    """Name, database, month and file of each load; the database is made when it is its turn."""
    yield "postgresql, sorted", master.on_postgresql(server, small), small, small.charges
    yield "postgresql, shuffled", master.on_postgresql(server, small), small, shuffled(small)
    yield "postgresql, longer", master.on_postgresql(server, large), large, large.charges
    yield "sqlite, sorted", master.on_sqlite(small), small, small.charges
    yield "sqlite, shuffled", master.on_sqlite(small), small, shuffled(small)


def _peak(url: str, file: Path) -> tuple[batch.Ran, float]:
    """A load, and the most megabytes that its processes held at one moment (a page that several share counts once)."""
    most = 0
    with batch.started(url, "publish", file) as command:
        ended = threading.Event()

        def look() -> None:
            nonlocal most
            while not ended.wait(_EVERY):
                most = max(most, sum(_proportional(pid) for pid in _family(command.pid)))

        looking = threading.Thread(target=look)
        looking.start()
        try:
            ran = command.wait("published")
        finally:
            ended.set()
            looking.join()
    return ran, most / 1024


def _family(pid: int) -> list[int]:
    """A process and all that came of it."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _proportional(pid: int) -> int:
    """Kilobytes of a process as the kernel divides them among those who share them; 0 for one that has ended."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
