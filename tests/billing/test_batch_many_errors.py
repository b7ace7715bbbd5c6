"""A file in which every row is wrong: all of it told, in flat memory, in at most twice the time of a good file."""

import csv
import resource
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from mypage.store.engine import Database
from tests.batch_command import Batch, peak
from tests.delivering import CHARGE_HEADINGS, Delivering, charge, customer, customers

ROWS = 8_000_000
LINES = 8
MOST_MEMORY = 200 << 20


def written(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="cp932", newline="") as file:
        out = csv.writer(file)
        out.writerow(CHARGE_HEADINGS)
        out.writerows(rows)


class Checked(NamedTuple):
    """The status of a check, its seconds of the processors and by the clock, and the most memory in bytes."""

    status: int
    processor: float
    clock: float
    memory: int


def checked(batch: Batch, name: str) -> Checked:
    begun, before = time.monotonic(), _processor()
    process = batch.start("check", name)
    with ThreadPoolExecutor(1) as beside:
        most = beside.submit(peak, process)
        process.communicate(timeout=1800)
        clock = time.monotonic() - begun
        return Checked(process.returncode, _processor() - before, clock, most.result())


def _processor() -> float:
    """Of the processes that have ended, theirs included: what a busy machine does not lengthen."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.long
def test_eight_million_errors_cost_at_most_twice_a_good_file_and_no_more_memory(
    database: Database, engine_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = [str(1_000_000 + place) for place in range(ROWS // LINES)]
    Delivering(database, tmp_path).publish(customers=customers(*map(customer, numbers)))
    lines = [str(line) for line in range(1, LINES + 1)]
    written(
        tmp_path / "good.csv", (charge(number, line, total="4000") for number in numbers for line in lines)
    )
    written(
        tmp_path / "wrong.csv",
        (charge(number, line, "百円", total="4000") for number in numbers for line in lines),
    )
    batch = Batch(engine_url, tmp_path)
    good = checked(batch, "good.csv")
    wrong = checked(batch, "wrong.csv")
    with capsys.disabled():
        print(  # noqa: T201 - the figures that are asked for
            f"{ROWS:,} rows: {good.processor:.1f} s of processor ({good.clock:.1f} by the clock) and"
            f" {good.memory >> 20} MB, an error each: {wrong.processor:.1f} s ({wrong.clock:.1f}) and"
            f" {wrong.memory >> 20} MB"
        )
    assert (good.status, wrong.status) == (0, 1)
    assert wrong.clock <= 2 * good.clock
    assert max(good.memory, wrong.memory) < MOST_MEMORY
    assert batch.run("report", "3", "--csv", "report.csv")[0] == 0
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        assert next(rows)[0] == "行番号（Excelの行）"
        assert all(int(row[0]) == place for place, row in zip(range(2, ROWS + 2), rows, strict=True))
