"""How a step tells how far it is: a bar on a terminal, plain lines elsewhere."""

import contextlib
import io
import os
import pty
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from mypage.billing.terminal import ProgressOnTerminal
from mypage.store.engine import Database
from tests.batch_command import Batch
from tests.delivering import Delivering, charge, charges, customer, customers

NUMBERS, LINES = range(70_000, 78_000), 5


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Always one."""
        return True


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in the first place; a test moves it."""
    now = [0.0]
    monkeypatch.setattr("mypage.billing.terminal.time.monotonic", lambda: now[0])
    return now


def test_a_bar_with_rows_a_second_and_the_time_left(seconds: list[float]) -> None:
    screen = Screen()
    progress = ProgressOnTerminal(screen)
    progress("check", 0, 1000, 0)
    seconds[0] = 0.1
    progress("check", 100, 1000, 10)
    assert screen.getvalue() == ""
    seconds[0] = 5.0
    progress("check", 500, 1000, 50)
    assert screen.getvalue() == "\r\x1b[K検査 [############............]  50% 50行 10行/秒 残り約5秒"
    progress("settle", 0, 0, 0)
    assert screen.getvalue().endswith("\r\x1b[K")
    progress.end()


def test_plain_lines_every_ten_seconds_where_nobody_watches(seconds: list[float]) -> None:
    out = io.StringIO()
    progress = ProgressOnTerminal(out)
    for second in range(25):
        seconds[0] = float(second)
        progress("stage", second, 0, second * 100)
    assert out.getvalue().splitlines() == ["取込 1,000行 100行/秒", "取込 2,000行 100行/秒"]


@pytest.fixture
def batch(engine_url: str, database: Database, tmp_path: Path) -> Batch:
    """``mypage batch`` with a file of many rows before it."""
    Delivering(database, tmp_path).publish(
        customers=customers(*(customer(str(number)) for number in NUMBERS))
    )
    rows = (
        charge(str(number), str(line), "1", str(LINES)) for number in NUMBERS for line in range(1, LINES + 1)
    )
    (tmp_path / "charges.csv").write_bytes(charges(*rows))
    return Batch(engine_url, tmp_path)


def read_all(terminal: int, said: list[bytes]) -> None:
    """What a program writes to its terminal, to the end."""
    # An error is how a terminal says that nobody writes to it any more.
    with contextlib.suppress(OSError):
        while piece := os.read(terminal, 1 << 16):
            said.append(piece)


def test_a_real_terminal_shows_a_bar_and_is_left_clean(batch: Batch, database: Database) -> None:
    bar = re.compile(r"\r\x1b\[K検査 \[#*\.*\] +\d+% [\d,]+行 [\d,]+行/秒 残り約[\d,]+秒")
    ours, theirs = pty.openpty()
    process = batch.start("check", "charges.csv", stderr=theirs)
    os.close(theirs)
    said: list[bytes] = []
    reading = threading.Thread(target=read_all, args=(ours, said))
    reading.start()
    while not began(database):
        time.sleep(0.002)
    # A machine that is so slow that there is something to tell.
    while process.poll() is None and not bar.search(b"".join(said).decode(errors="ignore")):
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.4)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.02)
    out, _ = process.communicate(timeout=240)
    reading.join(60)
    os.close(ours)
    drawn = b"".join(said).decode()
    assert process.returncode == 0
    assert bar.search(drawn), repr(drawn)
    assert drawn.endswith("\r\x1b[K")
    assert "\x1b" not in out
    assert "確認済  請求  charges.csv" in out


def began(database: Database) -> bool:
    with database.reading() as connection:
        return connection.exec_driver_sql("SELECT 1 FROM batch WHERE kind = 'charges'").first() is not None


def test_cron_gets_plain_text_and_the_status(batch: Batch) -> None:
    """No terminal, no input, the folder of nobody, and none of a person's environment."""
    ours = {name: value for name, value in batch.environment.items() if name.startswith("MYPAGE_")}
    plain = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PYTHONPATH": batch.environment["PYTHONPATH"]}

    def run(*words: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "mypage", "batch", *words],
            cwd="/",
            env={**plain, **ours},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=240,
        )
        return done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")

    file = str(batch.folder / "charges.csv")
    status, out, err = run("publish", file)
    assert (status, err) == (0, "")
    assert "公開中  請求  charges.csv  2026-10" in out
    assert "\x1b" not in out
    again = run("publish", file)
    assert (again[0], "すでに公開されています" in again[1]) == (0, True)
    assert run("publish", "/nowhere.csv")[0] == 1
    assert run("show", "99")[:2] == (1, "")
    assert run("take-back", "2")[0] == 0
