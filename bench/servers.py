"""The servers that are measured: granian with the same workers and threads for ours and for the bare one."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.place import ROOT, place

# As `mypage web` starts with the sample settings: a worker for each core of a small machine.
WORKERS, THREADS = 2, 2


class Server(NamedTuple):
    """A server that answers on a port of the loopback."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of processor time that it and its workers have used."""
        return sum(_cpu(pid) for pid in (self.pid, *_children(self.pid)))


@contextlib.contextmanager
def bare() -> Iterator[Server]:
    """A Flask that says hello."""
    with _granian("bench.hello:app", {}) as server:
        yield server


@contextlib.contextmanager
def portal(database_url: str) -> Iterator[Server]:
    """MyPage on a database, set up as for production."""
    port = free_port()
    environment = {
        "MYPAGE_DATABASE_URL": database_url,
        "MYPAGE_SECRET_KEYS": "a-key-of-the-benchmarks-that-opens-nothing-else",
        "MYPAGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    with _granian("wsgi:app", environment, port) as server:
        yield server


@contextlib.contextmanager
def _granian(target: str, environment: Mapping[str, str], port: int | None = None) -> Iterator[Server]:
    port = port or free_port()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MYPAGE_")}
    log = place() / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
             "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-ws", "--no-log", target],
            cwd=ROOT, env={**inherited, **environment}, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            _wait(port, process)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"The server did not start; see {place() / 'server.log'}.")


def _children(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def _cpu(pid: int) -> float:
    """In clock ticks by the kernel's own sum, which still counts threads that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
