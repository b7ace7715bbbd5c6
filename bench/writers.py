"""``writers-during-publish``: how long logins wait for the database while a month is loaded on SQLite.

As a program (``python -m bench.writers URL``) it logs in again and again, without a browser and without argon2, and
prints after its standard input ended the milliseconds that each of the transactions of a login took, as JSON.
"""

import contextlib
import itertools
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from bench import batch, loaded, master, stock
from bench.figures import Figure
from bench.month import FULL, Month, month
from bench.place import ROOT
from bench.publish import warm
from mypage.services import login
from mypage.services.login import Attempt, Browser, LoggedIn
from mypage.services.sessions import Lifetime
from mypage.store.engine import Database

_GOAL: Final = 100.0
_QUICK: Final = 50_000
_BENEATH: Final = 150_000
_ROUNDS: Final = 3
# As the portal opens its database.
_PATIENCE: Final = 3.0
# Between two logins; and how long they are watched while nothing is loaded.
_PAUSE, _QUIET = 0.01, 5.0
_SECRET: Final = "a-key-of-the-benchmarks-that-opens-nothing-else"  # noqa: S105
_LIFETIME: Final = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12))


def writers_during_publish(quick: bool, rounds: int | None) -> Figure:
    """Milliseconds of the longest transaction of a login; of several loads the best."""
    of = month(_QUICK if quick else FULL)
    longest = [_longest(of, number) for number in range(rounds or _ROUNDS)]
    return Figure(min(longest), _GOAL, least=False)


def _longest(of: Month, number: int) -> float:
    url = master.on_sqlite(of, _BENEATH)
    warm(of.charges)
    with _logging_in(url) as quiet:
        time.sleep(_QUIET)
    with _logging_in(url) as loud:
        ran = batch.publish(url, of.charges)
    loaded.check(url, of, ran)
    print(f"round {number + 1}: {_told(loud)} while loading in {ran}; {_told(quiet)} alone", flush=True)
    return max(loud)


def _told(waits: list[float]) -> str:
    ordered = sorted(waits)
    return (
        f"{len(waits):,} transactions, longest {ordered[-1]:.1f} ms, p99 {ordered[int(len(waits) * 0.99)]:.1f},"
        f" median {ordered[len(waits) // 2]:.1f}"
    )


@contextlib.contextmanager
def _logging_in(url: str) -> Iterator[list[float]]:
    """Somebody logs in all the time; at the end of the block the list holds the milliseconds."""
    waits: list[float] = []
    with subprocess.Popen(
        [sys.executable, "-m", "bench.writers", url],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        yield waits
        told, _ = process.communicate()
    assert process.returncode == 0, f"the logins ended with {process.returncode}"
    waits += json.loads(told)
    assert len(waits) > 20, f"only {len(waits)} transactions"


def main() -> None:
    """Log in until standard input ends."""
    ended = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    waits: list[float] = []
    with contextlib.closing(Database(sys.argv[1], patience=_PATIENCE)) as database:
        for login_id in itertools.cycle(stock.of(sys.argv[1], _BENEATH).login_ids):
            _log_in(database, login_id, waits)
            if ended.wait(_PAUSE):
                break
    sys.stdout.write(json.dumps(waits))


def _log_in(database: Database, login_id: str, waits: list[float]) -> None:
    now = datetime.now(UTC)
    with _timed(waits), database.writing() as connection:
        attempt = login.reserve(
            connection, login_id=login_id, devices=(), address="192.0.2.1", secret=_SECRET, now=now
        )
    assert isinstance(attempt, Attempt), attempt
    with _timed(waits), database.writing() as connection:
        done = login.conclude(
            connection, attempt, is_right=True, renewed_hash=None, browser=Browser("192.0.2.1", "bench", None),
            lifetime=_LIFETIME, secret=_SECRET, now=now,
        )  # fmt: skip
    assert isinstance(done, LoggedIn), done


@contextlib.contextmanager
def _timed(waits: list[float]) -> Iterator[None]:
    """From before the transaction is opened, and so from before it waits, until it is committed."""
    begin = time.perf_counter()
    yield
    waits.append((time.perf_counter() - begin) * 1e3)


if __name__ == "__main__":
    main()
