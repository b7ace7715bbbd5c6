"""``mypage worker`` as processes of a test: started, watched by their log, and gone at its end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mypage.store.engine import Database
from tests.portal import environment


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


class Workers:
    """Worker processes of a test; all are gone at its end."""

    def __init__(self, database: Database, smtp_url: str, folder: Path, **settings: str) -> None:
        url = database.url.render_as_string(hide_password=False)
        self.clock_file = folder / "clock"
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")},
            **environment(
                url, smtp_url=smtp_url, clock_file=str(self.clock_file), scratch=str(folder), **settings
            ),
        }
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mypage", "worker", *arguments],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        self._running.append(process)
        return process

    def ready(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start one and wait until it works."""
        before = self.log().count("worker begins")
        process = self.start(*arguments)
        until(lambda: self.log().count("worker begins") > before)
        return process

    def log(self) -> str:
        file = self._folder / "log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def end(self) -> None:
        for process in self._running:
            process.kill()
            process.wait()


@contextmanager
def worker_commands(database: Database, smtp_url: str, folder: Path, **settings: str) -> Iterator[Workers]:
    """Workers on ``database`` that send to ``smtp_url``; their clock and their log lie in ``folder``."""
    made = Workers(database, smtp_url, folder, **settings)
    try:
        yield made
    finally:
        made.end()
