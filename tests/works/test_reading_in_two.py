"""A large charges file is read by two processes: what is stored and told is what one alone makes of it."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from mypage.adapters.reading.received import receive
from mypage.adapters.reading.records import records
from mypage.domain.columns import Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError
from mypage.store import migrate
from mypage.store.engine import Database
from mypage.works.load import one_file
from mypage.works.load.ready import Ready
from mypage.works.load.task import LoadRules, Progress, Task, no_progress
from tests.delivering import CHARGE_HEADINGS, NOON, Delivering, charge, charges, customer, customers

NUMBERS = [str(70_000 + place) for place in range(40)]


class Made(NamedTuple):
    """What a check made of a file."""

    statements: list[bytes]
    left_out: list[bytes]
    told: list[bytes]
    first: list[RowError]
    grouped: list[dict[str, object]]
    counts: dict[str, object]


@pytest.fixture(scope="module")
def delivering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivering]:
    """An operator with forty customers. Nothing is written by these tests, so one database does, of either kind."""
    folder = tmp_path_factory.mktemp("delivering")
    database = Database(f"sqlite:///{folder / 'mypage.sqlite'}")
    migrate.upgrade(database)
    made = Delivering(database, folder)
    made.publish(customers=customers(*map(customer, NUMBERS)))
    yield made
    database.close()


def checked(
    delivering: Delivering,
    content: bytes,
    *,
    processes: int,
    progress: Progress = no_progress,
    large: int = 0,
) -> Made:
    """Read and settle a file in so many processes."""
    folder = delivering.folder / f"{processes}-{time.monotonic_ns()}"
    folder.mkdir()
    (folder / "file.csv").write_bytes(content)
    received = receive(folder / "file.csv")
    with records(received.path, received.codec) as rows:
        found = plan(next(rows))
    assert isinstance(found, Plan)
    task = Task(
        database=delivering.database,
        batch_id=7,
        plan=found,
        folder=folder,
        rules=LoadRules(processes=processes, large=large),
        fold=partial(fold, pattern=None),
        now=NOON,
        left_out=Ready(folder / "left-out"),
    )
    statements, left_out = one_file.checked(task, received, progress)
    told = [zlib.decompress(packed) for _, packed in task.report.parts()]
    assert (folder / "second").exists() is (processes == 2)
    return Made(
        list(statements.lines()),
        list(left_out.lines()),
        told,
        task.report.first(),
        task.report.grouped(),
        task.counts,
    )


def bills(*, lines: int = 3, wrong: int = 0) -> list[list[str]]:
    """Rows of a bill for each customer; each of the first ``wrong`` rows has another error."""
    rows = [
        list(charge(number, str(line), "500", str(500 * lines)))
        for number in NUMBERS
        for line in range(1, lines + 1)
    ]
    for place, row in enumerate(rows[:wrong]):
        row[place % len(CHARGE_HEADINGS)] = ("#REF!", "1e5", "\x01", "x" * 300)[place % 4]
    return rows


def quoted(rows: list[list[str]], text: str) -> bytes:
    """A file with all cells quoted, and a text in the description of every line."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(CHARGE_HEADINGS)
    writer.writerows([[*row[:3], text, *row[4:]] for row in rows])
    return out.getvalue().encode()


FILES = {
    "in order": charges(*bills()),
    "with CRLF and BOM": b"\xef\xbb\xbf" + charges(*bills()),
    "cp932": charges(*bills()).decode().encode("cp932"),
    "tabs": charges(*bills()).replace(b",", b"\t"),
    "a statement in both halves": charges(*bills(lines=121)[: 121 * 3]),
    "rows apart": charges(*sorted(bills(), key=lambda row: row[2])),
    "errors everywhere": charges(*bills(wrong=120)),
    "errors in the first half": charges(*bills(wrong=50)),
    "errors in the second half": charges(*reversed(bills(wrong=50))),
    "another number of cells": charges(
        *[row + [""] * 2 if place % 3 else row[:5] for place, row in enumerate(bills())]
    ),
    "quoted": quoted(bills(), "月額"),
    "quoted over lines": quoted(bills(), '一行目,\n"二行目"\r\n,三行目'),
    "empty rows": charges(*bills()).replace(b"\r\n", b"\r\n\r\n"),
    "a line without end": charges(*bills()) + b"\r\n" * 700_000 + b"x" * 1_200_000,
    "a quotation mark that is never closed": charges(*bills()) * 3 + b'"' + charges(*bills()),
    "the same number twice": charges(*bills(), *bills()),
    "customers whom nobody knows": charges(*bills()).replace(b"700", b"800"),
}


@pytest.mark.parametrize("name", FILES)
def test_two_make_of_a_file_what_one_makes(delivering: Delivering, name: str) -> None:
    alone = checked(delivering, FILES[name], processes=1)
    assert checked(delivering, FILES[name], processes=2) == alone
    assert alone.statements or alone.told


def test_a_small_file_is_read_by_one(delivering: Delivering) -> None:
    content = FILES["in order"]
    assert checked(delivering, content, processes=1, large=len(content) + 1).statements


def test_the_half_of_a_process_that_was_killed_is_read_by_the_other(delivering: Delivering) -> None:
    killed: list[int] = []

    def kill(*_: object) -> None:
        for child in _children(os.getpid()):
            os.kill(child, signal.SIGKILL)
            killed.append(child)

    for name in ("in order", "errors everywhere"):
        alone = checked(delivering, FILES[name], processes=1)
        assert checked(delivering, FILES[name], processes=2, progress=kill) == alone
    assert len(set(killed)) == 2


@pytest.mark.parametrize("deed", ["read", "settle"])
def test_the_second_ends_with_the_first(database: Database, tmp_path: Path, deed: str) -> None:
    path = tmp_path / "charges.csv"
    with path.open("wb") as file:
        headings, *rows = charges(*bills()).splitlines()
        file.writelines([headings + b",memo\n", *(row + b",\n" for row in rows)])
        # 40 MB of customers whom nobody knows, with much that nobody reads.
        file.writelines(b"8%07d,2026-10,1,x,500,10,500,%b\n" % (n, b"x" * 700) for n in range(60_000))
    environment = {
        **os.environ,
        "MYPAGE_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "MYPAGE_SECRET_KEYS": "a-key-of-this-test-that-opens-nothing-else",
        "MYPAGE_SCRATCH": str(tmp_path / "scratch"),
        "MYPAGE_LOAD_PROCESSES": "2",
    }
    command = [sys.executable, "-m", "mypage", "batch", "check", str(path)]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        (child,) = _wait_for_children(process.pid)
        _wait_until(
            lambda: any((tmp_path / "scratch").glob(f"mypage-load-*/0/second/{deed}")), "it reads only"
        )
        process.kill()
    _wait_until(lambda: not _is_running(child), "it goes on although nobody waits for it")


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(each) for each in (task / "children").read_text().split()]
    return [each for each in found if "second_half" in Path(f"/proc/{each}/cmdline").read_text()]


def _wait_for_children(pid: int) -> list[int]:
    _wait_until(lambda: bool(_children(pid)), "no second process was started")
    return _children(pid)


def _wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.005)


def _is_running(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
