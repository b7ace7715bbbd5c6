"""A file in which every row is wrong: all of it told, in flat memory, in at most twice the time of a good file."""

import csv
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

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


def checked(batch: Batch, name: str) -> tuple[int, float, int]:
    """The status of its check, the seconds that it took, and the most memory."""
    begun = time.monotonic()
    process = batch.start("check", name)
    with ThreadPoolExecutor(1) as beside:
        most = beside.submit(peak, process)
        process.communicate(timeout=1800)
        return process.returncode, time.monotonic() - begun, most.result()


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
            f"{ROWS:,} rows: {good[1]:.1f} s and {good[2] >> 20} MB, an error each:"
            f" {wrong[1]:.1f} s and {wrong[2] >> 20} MB"
        )
    assert (good[0], wrong[0]) == (0, 1)
    assert wrong[1] <= 2 * good[1]
    assert max(good[2], wrong[2]) < MOST_MEMORY
    assert batch.run("report", "3", "--csv", "report.csv")[0] == 0
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        assert next(rows)[0] == "行番号（Excelの行）"
        assert all(int(row[0]) == place for place, row in zip(range(2, ROWS + 2), rows, strict=True))
