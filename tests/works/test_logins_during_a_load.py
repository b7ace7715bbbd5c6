"""On SQLite, where only one can write at a time, whoever logs in does not wait until a month is loaded.

A chunk of rows is a transaction of some hundredths of a second. A thread beside it that counts takes the interpreter from
the one that has the lock: over a whole month that made a login wait for three seconds, over some thousand statements it
makes a chunk twice as long, which no clock of a busy machine tells for certain. So it is also looked who is at work.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from mypage.store import migrate
from mypage.store.engine import Database, sqlite_module
from mypage.works.load.delivery import check
from mypage.works.load.ready import CHUNK_ROWS
from mypage.works.load.task import LoadRules
from tests.delivering import Delivering, charge, charges, customer, customers
from tests.forked import processes

STATEMENTS = 5_000
NUMBERS = [str(70_000 + place) for place in range(STATEMENTS)]
# Seconds; a chunk takes a thirtieth of it, and a machine that does other things is given three loads.
LONGEST, LOADS = 1.0, 3


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Delivering]:
    """An operator on SQLite with as many customers as there are statements in a load."""
    with closing(Database(f"sqlite:///{tmp_path / 'mypage.sqlite'}")) as database:
        migrate.upgrade(database)
        delivering = Delivering(database, tmp_path)
        delivering.publish(customers=customers(*map(customer, NUMBERS)))
        yield delivering


@pytest.mark.parametrize("by", [1, 2])
def test_no_login_waits_for_a_month_to_be_loaded(operator: Delivering, by: int) -> None:
    longest: list[float] = []
    for load in range(LOADS):
        month = f"2026-{load + 1:02}"
        content = charges(*(charge(number, month=month) for number in NUMBERS))
        with loading(str(operator.database.url), operator.folder, content, by) as process:
            waits = list(waited_for_the_lock(operator.folder / "mypage.sqlite", process))
        assert operator.rows("SELECT count(*) FROM statement") == [(STATEMENTS * (load + 1),)]
        assert len(waits) > 20
        longest.append(max(waits))
        if longest[-1] < LONGEST:
            return
    pytest.fail(f"in each of {LOADS} loads somebody waited for {min(longest):.1f} s or longer")


@contextmanager
def loading(url: str, folder: Path, content: bytes, by: int) -> Iterator[Any]:
    """A process that checks and stages a file, by itself or with a second one."""
    process = processes().Process(target=_load, args=(url, folder, content, by), daemon=False)
    process.start()
    try:
        yield process
    finally:
        process.join(60)
        process.kill()
        process.join()
        status = process.exitcode
        process.close()
    assert status == 0


def _load(url: str, folder: Path, content: bytes, by: int) -> None:
    chunks = 0

    def progress(step: str, done: int, _whole: int, _rows: int) -> None:
        nonlocal chunks
        if step == "stage" and done:
            chunks += 1
            assert threading.active_count() == threads, "a thread is at work while rows are written"
            assert not children(), "a process is at work while rows are written"

    with closing(Database(url)) as database:
        delivering = Delivering(database, folder, LoadRules(processes=by, large=0))
        threads = threading.active_count()
        outcome = check(
            database,
            delivering.files(content=content),
            rules=delivering.rules,
            scratch=folder / "scratch",
            actor="cli",
            clock=delivering.now,
            progress=progress,
        )
        assert outcome.is_well
    assert chunks == STATEMENTS / CHUNK_ROWS


def children() -> list[int]:
    """Processes that this one started."""
    return [
        int(each) for file in Path("/proc/self/task").glob("*/children") for each in file.read_text().split()
    ]


def waited_for_the_lock(file: Path, process: Any) -> Iterator[float]:
    """Take the write lock again and again as long as a process lives; seconds of each time.

    It looks every millisecond, so that what is measured is how long nobody can have it and not whose turn it is.
    """
    module = sqlite_module()
    with closing(module.connect(file, timeout=0, isolation_level=None)) as connection:
        while process.is_alive():
            begin = time.monotonic()
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    break
                except module.OperationalError:
                    time.sleep(0.001)
            connection.execute("COMMIT")
            yield time.monotonic() - begin
            time.sleep(0.002)
