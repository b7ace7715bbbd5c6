"""``publish-vs-django-import-export``: its time for a row, in its fastest mode, ÷ ours."""

import itertools
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Final

from bench import publish
from bench.figures import Figure
from bench.month import FULL, QUICK, Month, month
from bench.place import ROOT, place
from bench.postgres import Postgres, postgres

_ROUNDS: Final = 3
# All eight million would take it hours; it holds all rows in memory, so fewer are to its advantage.
_ROWS: Final = 50_000
_FOLDER: Final = ROOT / "bench" / "django"


def publish_vs_django_import_export(quick: bool, rounds: int | None) -> Figure:
    """The median of the rounds; each loads the beginning of the file with it and the whole file with ours."""
    of = month(QUICK if quick else FULL)
    python, beginning = _environment(), _beginning(of)
    ratios = []
    with postgres(durable=True) as server:
        for number in range(rounds or _ROUNDS):
            theirs = _load(server, python, beginning) / _ROWS
            ran = publish.ours(server, of)
            ratios.append(theirs / (ran.seconds / of.lines))
            print(
                f"round {number + 1}: {theirs * 1e6:.0f} µs a row of django-import-export"
                f" ÷ {ran.seconds / of.lines * 1e6:.2f} µs, {ran} = {ratios[-1]:.1f}",
                flush=True,
            )
    return Figure(statistics.median(ratios), 40, least=True)


def _environment() -> Path:
    """Python with Django and what goes with it; made once, from wherever pip takes packages."""
    folder, wanted = place() / "django", (_FOLDER / "requirements.txt").read_text()
    python, note = folder / "bin" / "python", folder / "requirements.txt"
    if not note.exists() or note.read_text() != wanted:
        print("installing django-import-export once …", flush=True)
        wanted_file = str(_FOLDER / "requirements.txt")
        for command in (
            [sys.executable, "-m", "venv", "--clear", str(folder)],
            [str(python), "-m", "pip", "install", "--quiet", "-r", wanted_file],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"django-import-export is not to be had: {done.stderr[-1000:]}"
        note.write_text(wanted)
    return python


def _beginning(of: Month) -> Path:
    """The first rows of the file, with its headings."""
    path = of.charges.with_name(f"first-{_ROWS}.csv")
    if not path.exists():
        with of.charges.open("rb") as file, path.open("wb") as target:
            target.writelines(itertools.islice(file, _ROWS + 1))
    return path


def _load(server: Postgres, python: Path, file: Path) -> float:
    """Seconds from opening the file until the last row is committed."""
    with publish.empty_lines(server, _ROWS) as database:
        publish.warm(file)
        server.settle()
        done = subprocess.run(
            [python, _FOLDER / "load.py", server.sockets, database, file],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"django-import-export: {done.stderr[-2000:]}"
    return float(done.stdout)
