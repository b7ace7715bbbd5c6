"""Real ``mypage web`` processes, as the command starts them, and a way for a ``Visitor`` to reach them.

    with serving(engine_url, tmp_path, trusted_proxies="127.0.0.1") as web:
        page = Visitor(web.seen_from("127.0.0.2")).get("/login")

The whole of 127.0.0.0/8 is this machine: a visitor from 127.0.0.2 is another peer than one from 127.0.0.1.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.portal import environment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = Path(__file__).resolve().parents[1]
# Of ``public_url``: the address at which it is served, as a browser needs it.
ITS_OWN = "its own"
_HOP_BY_HOP = frozenset(("connection", "transfer-encoding", "keep-alive"))


class Web:
    """One ``mypage web`` on a port of its own; ``stop`` and ``start`` make a restart."""

    def __init__(self, url: str, folder: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._log = folder / f"web-{self.port}.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")},
            **environment(url, port=str(self.port), web_workers="1", **self._at_its_address(settings)),
        }
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://127.0.0.1:{self.port}"

    def _at_its_address(self, settings: dict[str, str]) -> dict[str, str]:
        """The settings, with ``public_url`` = :data:`ITS_OWN` replaced by the address, which only we know."""
        return {name: self.address if value == ITS_OWN else value for name, value in settings.items()}

    def start(self) -> None:
        """Start it and wait until it answers."""
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "mypage", "web"]
            self._running = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self._running.poll() is None:
            with contextlib.suppress(OSError):
                if self.ask("GET", "/healthz").status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"mypage web did not start:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """End it as a service manager does; what it started ends with it."""
        if self._running is None:
            return
        self._running.send_signal(signal.SIGTERM)
        try:
            self._running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
        self._running = None

    def kill(self) -> None:
        """End it as the power does, with all that it started."""
        assert self._running is not None
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()
        self._running = None

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Iterable[tuple[str, str]] = (),
        *,
        source: str = "127.0.0.1",
    ) -> "Answer":
        """One request over a connection of its own, from an address of this machine."""
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        ) as connection:
            return send(connection, method, path, body, headers)

    def seen_from(self, source: str = "127.0.0.1") -> "WSGIApplication":
        """The portal for a ``Visitor`` whose connections come from ``source``: what it asks is forwarded."""

        def forward(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
            headers = [
                (name.removeprefix("HTTP_").replace("_", "-").title(), value)
                for name, value in environ.items()
                if name.startswith("HTTP_")
            ]
            if environ.get("CONTENT_TYPE"):
                headers.append(("Content-Type", environ["CONTENT_TYPE"]))
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or None
            asked = environ["REQUEST_URI"]
            answer = self.ask(environ["REQUEST_METHOD"], asked, body, headers, source=source)
            # Granian writes their names in small letters, as HTTP/2 does.
            titled = [(name.title(), value) for name, value in answer.headers]
            start_response(f"{answer.status} {answer.reason}", titled)
            return [answer.body]

        return forward


class Answer:
    """What came back. ``headers`` in the order in which they came."""

    def __init__(self, status: int, reason: str, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.status, self.reason, self.body = status, reason, body
        self.headers = tuple(each for each in headers if each[0].lower() not in _HOP_BY_HOP)


def send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Iterable[tuple[str, str]] = (),
) -> Answer:
    """Ask over ``connection`` and read the whole answer. A name may come in several header lines."""
    sent = list(headers)
    connection.putrequest(
        method, path, skip_host=any(name == "Host" for name, _ in sent), skip_accept_encoding=True
    )
    for name, value in sent:
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    # Whoever is refused is answered at once, perhaps before the last byte was sent.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.endheaders(body)
    got = connection.getresponse()
    return Answer(got.status, got.reason, got.getheaders(), got.read())


def start(webs: list[Web]) -> None:
    """Start several at the same time."""
    starting = [threading.Thread(target=web.start) for web in webs]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()
    for web in webs:
        assert web.ask("GET", "/healthz").status == 200


@contextlib.contextmanager
def serving(url: str, folder: Path, **settings: str) -> Iterator[Web]:
    """One web process on the database at ``url``."""
    with several(1, url, folder, **settings) as (web,):
        yield web


@contextlib.contextmanager
def several(number: int, url: str, folder: Path, **settings: str) -> Iterator[list[Web]]:
    """So many web processes on one database, gone at the end of the block."""
    made = [Web(url, folder, **settings) for _ in range(number)]
    try:
        start(made)
        yield made
    finally:
        for web in made:
            web.stop()
