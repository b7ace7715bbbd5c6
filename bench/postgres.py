"""A PostgreSQL of the measurements' own whose data stay between runs; it ends with the run that started it."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.place import open_place, ordinary_user
from tests import postgres as programs

_SETTINGS = {
    "listen_addresses": "",
    # What an operator sets on a small machine; the rest is PostgreSQL's own choice.
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    # Nothing here is worth a wait for the disk where only reading is measured.
    "fsync": "off",
    "synchronous_commit": "off",
    "max_connections": "50",
    "timezone": "UTC",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on"}


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator["Postgres"]:
    """A running server. Raises ``tests.postgres.NoPostgres`` where there are no programs.

    ``durable``: it waits for the disk as in production; for measurements that write.
    """
    binaries = programs.find()
    if binaries is None:
        raise programs.NoPostgres(programs.NOT_FOUND)
    account = ordinary_user()
    if account and not _reachable(binaries, account):
        binaries = _copied(binaries)
    storage = open_place("postgresql")
    sockets = Path(tempfile.mkdtemp(prefix="mypage-bench-", dir="/tmp"))
    try:
        if account:
            os.chown(sockets, *account)
        with _alone(storage):
            if not (storage / "PG_VERSION").exists():
                _initialise(binaries, storage, account)
            with _server(binaries, storage, sockets, account, durable):
                yield Postgres(sockets)
    finally:
        shutil.rmtree(sockets, ignore_errors=True)


class Postgres:
    """The server's databases."""

    def __init__(self, sockets: Path) -> None:
        self.sockets = sockets

    def url(self, name: str) -> str:
        """The address of a database for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.sockets}"

    def has(self, name: str) -> bool:
        """Whether there is a database of that name."""
        with self._connected() as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        return found is not None

    def fresh(self, name: str, template: str = "template0") -> str:
        """Create a database, in place of a former one of that name; its URL.

        A template is copied with all it holds; nobody may be in it.
        """
        self.drop(name)
        with self._connected() as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is in it."""
        with self._connected() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def settle(self) -> None:
        """Write everything to disk now, so that no side of a measurement does it for what the other one wrote."""
        with self._connected() as connection:
            connection.execute("CHECKPOINT")

    def connected(self, name: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection to a database, straight from the driver."""
        return psycopg.connect(host=str(self.sockets), user="postgres", dbname=name)

    def _connected(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.sockets), user="postgres", dbname="postgres", autocommit=True)


def _as(account: tuple[int, int] | None) -> dict[str, object]:
    return {} if account is None else {"user": account[0], "group": account[1], "extra_groups": []}


def _reachable(binaries: Path, account: tuple[int, int]) -> bool:
    try:
        done = subprocess.run(  # type: ignore[call-overload]
            [binaries / "postgres", "--version"], capture_output=True, check=False, **_as(account)
        )
    except PermissionError:
        return False
    return bool(done.returncode == 0)


def _copied(binaries: Path) -> Path:
    """root's own environment lies where nobody else may look."""
    package, target = binaries.parent.parent, open_place("programs")
    if not target.exists():
        shutil.copytree(binaries.parent, target / package.name / binaries.parent.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, target / libraries.name)
    return target / package.name / binaries.parent.name / binaries.name


def _initialise(binaries: Path, storage: Path, account: tuple[int, int] | None) -> None:
    shutil.rmtree(storage, ignore_errors=True)
    storage.mkdir(parents=True)
    if account:
        os.chown(storage, *account)
    subprocess.run(  # type: ignore[call-overload]
        [binaries / "initdb", "-D", storage, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
         "--no-sync", "--no-instructions"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **_as(account),
    )  # fmt: skip


@contextlib.contextmanager
def _server(
    binaries: Path, storage: Path, sockets: Path, account: tuple[int, int] | None, durable: bool
) -> Iterator[None]:
    settings = {**_SETTINGS, **(_DURABLE if durable else {}), "unix_socket_directories": str(sockets)}
    with (sockets / "log").open("wb") as log:
        server = subprocess.Popen(  # type: ignore[call-overload]
            [binaries / "postgres", "-D", storage, *(f"--{key}={value}" for key, value in settings.items())],
            stdout=log, stderr=log, cwd="/", **_as(account),
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 120
            while not _ready(storage, server.pid):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise programs.NoPostgres((sockets / "log").read_text(errors="replace")[-2000:])
                time.sleep(0.05)
            yield
        finally:
            # "Fast": whoever is still connected is cut off, what was committed is written.
            server.send_signal(signal.SIGINT)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _ready(storage: Path, pid: int) -> bool:
    try:
        lines = (storage / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    # A file left behind by a server that was killed names another process.
    return lines[:1] == [str(pid)] and lines[7:8] == ["ready   "]


@contextlib.contextmanager
def _alone(storage: Path) -> Iterator[None]:
    """Two servers on the same data would ruin them: a second measurement waits for the first."""
    storage.parent.mkdir(parents=True, exist_ok=True)
    with storage.with_name("postgresql.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
