"""A real Chromium before a real portal: web, worker, mail server, as ``./run`` starts them."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests import chromium as chromium_program
from tests.browser.fonts import font_environment
from tests.browser.person import Person

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@dataclass(frozen=True)
class Identity:
    """What a customer of the sample knows about themselves."""

    customer_number: str
    phone: str
    name_kana: str


@dataclass
class Portal:
    """The running demo."""

    address: str
    folder: Path
    facts: dict[str, object]
    unused: Iterator[Identity]

    def identity(self) -> Identity:
        """A customer who has not registered yet; each call another one."""
        return next(self.unused)

    def move_clock(self, seconds: float) -> None:
        """Let the portal's clock go forward."""
        (self.folder / "clock").write_text(str(seconds), encoding="ascii")


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo with a database of its own."""
    folder = tmp_path_factory.mktemp("portal") / "demo"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "mypage", "demo", "--port", str(port), "--json", "--folder", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    line = running.stdout.readline()
    assert line, "the demo did not start"
    yield Portal(
        f"http://127.0.0.1:{port}", folder, json.loads(line), _unused(folder / "sample" / "customers.csv")
    )
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=15) == 0
    running.stdout.close()


def _unused(customers: Path) -> Iterator[Identity]:
    """Households under contract, from the end of the file: the first ones are the demo's own."""
    with customers.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in reversed(rows):
        one_holder = sum(other["お客様番号"] == row["お客様番号"] for other in rows) == 1
        if (
            one_holder
            and row["契約状態"] == "契約中"
            and row.get("Web登録", "") in ("", "可")
            # Some rows of the sample hold the name in kanji, as real masters do.
            and re.fullmatch("[ァ-ヶー]+　[ァ-ヶー]+", row["契約者名カナ"])
        ):
            yield Identity(row["お客様番号"], row["電話番号"], row["契約者名カナ"])


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(_playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The system's Chromium with the project's own Japanese font."""
    program = chromium_program.find()
    assert program, "no Chromium: ./test says what to install"
    environment: dict[str, str | float | bool] = {
        **os.environ,
        **font_environment(tmp_path_factory.mktemp("fonts")),
    }
    browser = _playwright.chromium.launch(executable_path=program, args=list(FLAGS), env=environment)
    yield browser
    browser.close()


@pytest.fixture
def person(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    """Makes people: ``person(width=360, javascript=False)``. At the end none of them may have met a fault."""
    people: list[Person] = []

    def make(*, width: int = 1280, javascript: bool = True, **options: object) -> Person:
        people.append(Person(chromium, portal.address, width=width, javascript=javascript, **options))
        return people[-1]

    yield make
    for each in people:
        each.leave()


def wait_for(found: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something that another process does is done."""
    until = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
