"""``audit-verify`` and ``audit-search``: a trail of a million rows, checked whole by the command, and asked."""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from bench.figures import Figure
from bench.place import ROOT, place
from mypage.domain.trail import Action
from mypage.domain.trail_search import Asked
from mypage.services import trail
from mypage.services.trail import Event
from mypage.store import migrate, trail_search
from mypage.store.engine import Database
from tests.portal import environment
from tests.postgres import cluster

_FULL, _QUICK = 1_000_000, 100_000
_AT_ONCE: Final = 5000
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_STAFF: Final = 60
# Seconds of processor time for a million rows, milliseconds for a page: somebody waits at a screen.
_VERIFY_GOAL, _SEARCH_GOAL = 20.0, 500.0


def audit_verify(quick: bool, rounds: int | None) -> Figure:
    """Seconds of processor time of ``mypage audit verify`` for a million rows, on both databases; the worse.

    What PostgreSQL's server takes besides is not counted; the time on the clock is printed.
    """
    rows, worst = _QUICK if quick else _FULL, 0.0
    for name, database in _filled(rows):
        taken = []
        for _ in range(rounds or 3):
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            said = _verify(database)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            assert f"{rows:,} 行" in said, said
            taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            print(f"{name}: {taken[-1]:.1f} s of processor, {time.monotonic() - began:.1f} s, ", end="")
            print(f"at most {after.ru_maxrss / 1024:.0f} MB", flush=True)
        worst = max(worst, statistics.median(taken) * _FULL / rows)
    return Figure(worst, _VERIFY_GOAL, least=False)


def audit_search(quick: bool, rounds: int | None) -> Figure:
    """Milliseconds of the slowest page of ``/staff/trail``, by each kind of question, on both databases."""
    worst = 0.0
    for name, database in _filled(_QUICK if quick else _FULL):
        for what, asked in _questions().items():
            took = statistics.median(_page(database, asked) for _ in range(rounds or 5)) * 1000
            print(f"{name}: {what}: {took:.1f} ms", flush=True)
            worst = max(worst, took)
    return Figure(worst, _SEARCH_GOAL, least=False)


def _questions() -> dict[str, Callable[[Database], object]]:
    day = {"since": _BEGIN + timedelta(days=2), "until": _BEGIN + timedelta(days=3)}
    year = {"since": _BEGIN + timedelta(days=1), "until": _BEGIN + timedelta(days=366)}
    one = f"staff:{7:032x}"
    asked = {
        "everything": Asked(),
        "a day": Asked(**day),
        "a year": Asked(**year),
        "all of the staff": Asked(actor="staff"),
        "one of the staff": Asked(actor=one),
        "one of the staff, a day": Asked(actor=one, **day),
        "an action": Asked(action=Action.LOGIN_DONE.word),
        "an action that nobody did": Asked(action=Action.BATCH_PUBLISHED.word),
        "an action that one of the staff did not do": Asked(action=Action.LOGIN_DONE.word, actor=one),
        "a customer": Asked(customer_keys=("70012",)),
        "a batch": Asked(batch_id=7),
    }
    pages: dict[str, Callable[[Database], object]] = {
        name: lambda database, each=each: _rows(database, each) for name, each in asked.items()
    }
    pages["what one of the staff did, in figures"] = lambda database: _counts(database, Asked(actor=one))
    return pages


def _rows(database: Database, asked: Asked) -> object:
    with database.reading() as connection:
        return trail_search.page(connection, trail.CHAIN, asked, before=None, limit=51)


def _counts(database: Database, asked: Asked) -> object:
    with database.reading() as connection:
        return trail_search.counts(connection, trail.CHAIN, asked), trail_search.customers(
            connection, trail.CHAIN, asked
        )


def _page(database: Database, ask: Callable[[Database], object]) -> float:
    began = time.perf_counter()
    ask(database)
    return time.perf_counter() - began


def _verify(database: Database) -> str:
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "mypage", "audit", "verify"]
    done = subprocess.run(command, cwd=ROOT, env=environment(url), capture_output=True, text=True, check=True)
    return done.stdout


@contextmanager
def _folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(dir=place()))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def _filled(rows: int) -> Iterator[tuple[str, Database]]:
    """Both databases with a trail of so many rows."""
    with _folder() as folder:
        yield "sqlite", _fill(Database(f"sqlite:///{folder / 'trail.sqlite'}"), rows)
    with cluster() as server:
        yield "postgresql", _fill(Database(server.fresh("trail")), rows)


def _fill(database: Database, rows: int) -> Database:
    """Logins, mails and what staff did, as the services write them; a detail with every other row."""
    migrate.upgrade(database)
    chance, began = Random(1), time.monotonic()  # noqa: S311 - the same trail each time
    for first in range(0, rows, _AT_ONCE):
        events = [_event(chance, first + number) for number in range(min(_AT_ONCE, rows - first))]
        with database.writing() as connection:
            trail.record_all(connection, events)
    print(f"{rows:,} rows written in {time.monotonic() - began:.0f} s", flush=True)
    return database


def _event(chance: Random, number: int) -> Event:
    at = _BEGIN + timedelta(seconds=20 * number)
    kind, customer_key = chance.random(), str(70_000 + chance.randrange(200_000))
    if kind < 0.5:
        account = f"{chance.randrange(100_000):032x}"
        return Event(
            action=Action.LOGIN_DONE,
            actor=f"account:{account}",
            at=at,
            account_id=account,
            detail={"address": "203.0.113.9"},
            facts={},
        )
    if kind < 0.8:
        facts = {"kind": "registered", "message_id": f"{chance.getrandbits(128):032x}"}
        return Event(
            action=Action.MAIL_HANDED_OVER, actor="worker", at=at, customer_key=customer_key, facts=facts
        )
    return Event(
        action=Action.CUSTOMER_OPENED,
        actor=f"staff:{chance.randrange(_STAFF):032x}",
        at=at,
        customer_key=customer_key,
        facts={"revealed": []},
    )
