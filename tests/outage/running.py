"""A running portal: ``mypage web`` and ``mypage worker`` as processes, as an operator starts them."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.portal import environment
from tests.smtp_server import free_port

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """The portal's processes. ``slowest``: seconds of the slowest answer that anybody got (``people``)."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.slowest = 0.0
        self.clock_file = folder / "clock"
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")},
            **environment(
                url,
                port=str(self.port),
                clock_file=str(self.clock_file),
                public_url=f"http://127.0.0.1:{self.port}",
                **settings,
            ),
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self, command: str, says: str) -> None:
        """Start ``mypage COMMAND`` and wait until it works."""
        with (self._folder / f"{command}.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", "mypage", command],
                    cwd=ROOT,
                    env=self._environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )
        until = time.monotonic() + 30
        while not self._works(command, says):
            assert time.monotonic() < until, self._text(command)
            time.sleep(0.05)

    def end(self) -> None:
        """End them all, with what they started."""
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, command: str) -> list[dict[str, Any]]:
        """The events that a process wrote."""
        return [json.loads(line) for line in self._text(command).splitlines() if line.startswith("{")]

    def _works(self, command: str, says: str) -> bool:
        if not says.startswith("/"):
            return says in self._text(command)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", says)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _text(self, command: str) -> str:
        return (self._folder / f"{command}.log").read_text(encoding="utf-8")


@contextlib.contextmanager
def running(url: str, folder: Path, *, worker: bool = True, **settings: str) -> Iterator[Running]:
    """Web and worker on a database, with a clock that runs like the machine's."""
    portal = Running(url, folder, **settings)
    try:
        if worker:
            portal.start("worker", "worker begins")
        portal.start("web", "/readyz")
        yield portal
    finally:
        portal.end()
