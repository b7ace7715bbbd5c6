"""A real Chromium before a real portal: web, worker, mail server, as ``./run`` starts them."""

import contextlib
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
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from sqlalchemy import Table, func, select

from mypage.store.engine import Database
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

    @property
    def key(self) -> str:
        """The customer's key."""
        return self.customer_number.lstrip("0")


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

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """For the time of the block nobody can write into the database."""
        database = Database(f"sqlite:///{self.folder / 'mypage.sqlite'}")
        with database.writing():
            yield
        database.close()

    def count(self, table: Table, **values: object) -> int:
        """How many rows of a table hold these values."""
        database = Database(f"sqlite:///{self.folder / 'mypage.sqlite'}")
        query = select(func.count()).select_from(table).filter_by(**values)
        with database.reading() as connection:
            counted = connection.scalar(query) or 0
        database.close()
        return counted


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demo with a database of its own."""
    with demo(tmp_path_factory.mktemp("portal") / "demo") as found:
        yield found


@contextlib.contextmanager
def demo(folder: Path, **settings: str) -> Iterator[Portal]:
    """The demo as ``./run`` starts it, in a folder of its own; ``settings`` as in the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "mypage", "demo", "--port", str(port), "--json", "--folder", str(folder)],
        cwd=ROOT,
        env={**os.environ, **settings},
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


@pytest.fixture(autouse=True)
def _right_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test that moved it the portal's clock runs like everybody's again."""
    yield
    if "portal" in request.fixturenames:
        request.getfixturevalue("portal").move_clock(0)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The system's Chromium with the project's own Japanese font, as Playwright starts it."""
    found = chromium_program.find()
    assert found, "no Chromium: ./test says what to install"
    environment = {**os.environ, **font_environment(tmp_path_factory.mktemp("fonts"))}
    return {"executable_path": found, "args": list(FLAGS), "env": environment}


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, program: dict[str, Any]) -> Iterator[Browser]:
    """A Chromium that fetches a page anew when somebody goes back to it."""
    browser = playwright.chromium.launch(**program)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def remembering(playwright: Playwright, program: dict[str, Any]) -> Iterator[Browser]:
    """A Chromium as people have it: it keeps pages in its memory and shows them when one goes back."""
    browser = playwright.chromium.launch(**program, ignore_default_args=["--disable-back-forward-cache"])
    yield browser
    browser.close()


@pytest.fixture
def person(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    """Makes people: ``person(width=360, javascript=False)``. At the end none of them may have met a fault."""
    yield from _people(chromium, portal)


@pytest.fixture(scope="module")
def module_person(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    """The same, for what the tests of a file share."""
    yield from _people(chromium, portal)


def _people(chromium: Browser, portal: Portal) -> Iterator[Callable[..., Person]]:
    people: list[Person] = []

    def make(
        *, width: int = 1280, javascript: bool = True, browser: Browser = chromium, **options: object
    ) -> Person:
        people.append(Person(browser, portal.address, width=width, javascript=javascript, **options))
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
