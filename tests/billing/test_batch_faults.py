"""Faults and bombs (a workbook that explodes: ``adapters/test_reading.py``) around real processes of ``mypage batch``: a sentence, the old state or the new, flat memory."""

import gzip
import json
import os
import resource
import threading
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mypage.store.engine import Database
from tests.batch_command import Batch, peak
from tests.delivering import CHARGE_HEADINGS, Delivering, charge, charges, customer, customers
from tests.postgres import Cluster

HEADINGS = (",".join(CHARGE_HEADINGS) + "\n").encode()
MEGABYTE = 1 << 20
MOST_MEMORY = 200 * MEGABYTE
STATEMENTS = 2_000


@pytest.fixture
def batch(engine_url: str, tmp_path: Path) -> Batch:
    return Batch(engine_url, tmp_path)


@pytest.fixture
def month(database: Database, tmp_path: Path) -> Delivering:
    """An operator with a month of bills in ``charges.csv``, not handed over yet."""
    numbers = [str(70_000 + place) for place in range(STATEMENTS)]
    delivering = Delivering(database, tmp_path)
    delivering.publish(customers=customers(*map(customer, numbers)))
    (tmp_path / "charges.csv").write_bytes(charges(*map(charge, numbers)))
    return delivering


def written(path: Path, *parts: bytes, times: int = 1) -> None:
    with path.open("wb") as file:
        file.write(HEADINGS)
        for _ in range(times):
            file.writelines(parts)


def long_line(path: Path) -> None:
    written(path, b"7" * MEGABYTE, times=16)


def endless_line(path: Path) -> None:
    written(path, b"7" * MEGABYTE, times=1024)


def million_columns(path: Path) -> None:
    written(path, b"1," * 1_000_000)


def million_headings(path: Path) -> None:
    path.write_bytes(HEADINGS[:-1] + b",x" * 1_000_000 + b"\n1\n")


def quotes(path: Path) -> None:
    written(path, b'"' * 10_000_000)


def quotes_on_lines(path: Path) -> None:
    written(path, b'"\n' * 1_000_000)


def nul(path: Path) -> None:
    written(path, "70001,2026-10,1,月額\0利用料,500,10,500\n".encode())


def gzip_bomb(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        for _ in range(64):
            file.write(b"7" * MEGABYTE)


def zip_bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed, packed.open("a.csv", "w") as file:
        for _ in range(64):
            file.write(b"7" * MEGABYTE)


def link(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def fifo(path: Path) -> None:
    os.mkfifo(path)


BOMBS: dict[Callable[[Path], None], str] = {
    long_line: "文字を超える行があります",
    million_columns: "文字を超える行があります",
    million_headings: "文字を超える行があります",
    quotes: "文字を超える行があります",
    quotes_on_lines: "行がありません",
    nul: "制御コード（U+0000）",
    gzip_bomb: "倍を超える大きさになります",
    zip_bomb: "倍を超える大きさになります",
    link: "ふつうのファイルではありません",
    fifo: "ふつうのファイルではありません",
}


@pytest.mark.parametrize("bomb", BOMBS, ids=lambda each: each.__name__)
def test_a_bomb_is_a_sentence_in_flat_memory(
    bomb: Callable[[Path], None], tmp_path: Path, sqlite_url: str
) -> None:
    bomb(tmp_path / "file")
    batch = Batch(sqlite_url, tmp_path)
    check_bomb(batch, BOMBS[bomb])


@pytest.mark.long
def test_a_line_of_a_gigabyte_is_a_sentence_in_flat_memory(tmp_path: Path, sqlite_url: str) -> None:
    endless_line(tmp_path / "file")
    check_bomb(Batch(sqlite_url, tmp_path), BOMBS[long_line])


@pytest.fixture
def sqlite_url(_migrated: Path, tmp_path: Path) -> str:
    """Reading a file is the same for both databases."""
    (tmp_path / "bombs.sqlite").write_bytes(_migrated.read_bytes())
    return f"sqlite:///{tmp_path / 'bombs.sqlite'}"


def check_bomb(batch: Batch, said: str) -> None:
    process = batch.start("check", "file")
    peaks: list[int] = []
    watching = threading.Thread(target=lambda: peaks.append(peak(process)))
    watching.start()
    out, err = process.communicate(timeout=240)
    watching.join()
    assert process.returncode == 1, err
    assert said in out + err
    assert "Traceback" not in err
    assert max(peaks) < MOST_MEMORY
    assert batch.left() == []


@pytest.mark.parametrize("room", [20_000, 150_000])
def test_a_full_disk_is_a_sentence_and_a_repeat_finishes(month: Delivering, batch: Batch, room: int) -> None:
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    status, _, said = batch.run("publish", "charges.csv", before=small_disk)
    assert status == 2, said
    assert "空き" in said
    assert "Traceback" not in said
    assert month.seen() == {}
    assert batch.run("publish", "charges.csv")[0] == 0
    assert len(month.seen()) == STATEMENTS
    assert batch.left() == []


def test_the_same_delivery_from_two_processes_is_published_once(month: Delivering, batch: Batch) -> None:
    both = [batch.start("publish", "charges.csv", "--json") for _ in range(2)]
    answers = [(process.communicate(timeout=240), process.returncode) for process in both]
    statuses = sorted(status for _, status in answers)
    assert statuses in ([0, 0], [0, 1]), answers
    for (out, err), status in answers:
        assert "Traceback" not in err
        told: list[dict[str, Any]] = json.loads(out)["batches"] if out else []
        assert told or status == 1
    assert month.rows("SELECT state, count(*) FROM batch WHERE kind = 'charges' GROUP BY state") == [
        ("published", 1)
    ]
    assert len(month.seen()) == STATEMENTS
    again = batch.run("publish", "charges.csv")
    assert (again[0], "すでに公開されています" in again[1]) == (0, True)


def test_two_publishes_at_once_are_both_published(month: Delivering, batch: Batch) -> None:
    (batch.folder / "other.csv").write_bytes(charges(charge("70000", month="2026-09")))
    both = [batch.start("publish", name) for name in ("charges.csv", "other.csv")]
    for process in both:
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said
    assert len(month.seen()) == STATEMENTS + 1
    assert month.rows("SELECT pub_seq FROM batch ORDER BY pub_seq") == [(1,), (2,), (3,)]


def test_a_database_that_goes_away_is_a_sentence_and_a_repeat_finishes(
    postgres: Cluster, month: Delivering, batch: Batch
) -> None:
    process = batch.start("publish", "charges.csv")
    time.sleep(1.5)  # somewhere between its start and its end
    postgres.stop()
    try:
        _, said = process.communicate(timeout=240)
    finally:
        postgres.start()
    month.database.close()
    if process.returncode:
        assert (process.returncode, "データベースに接続できません" in said) == (2, True), said
        assert month.seen() == {}
    assert batch.run("publish", "charges.csv")[0] == 0
    month.database.close()
    assert len(month.seen()) == STATEMENTS
