"""Several deeds at the same moment, each with a connection of its own."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import text

from mypage.store.engine import Database

Done = TypeVar("Done")


def at_the_same_time(deeds: Sequence[Callable[[], Done]]) -> list[Done]:
    """Let all deeds go at once; what each gave, in their order."""
    start = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Done]) -> Done:
        start.wait(30)
        return deed()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def until_waiting(database: Database, count: int) -> None:
    """Until so many transactions wait for a lock of another; SQLite tells nothing of that, there it goes on at once."""
    question = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    end = time.monotonic() + 60
    while not database.is_sqlite:
        with database.reading() as connection:
            if connection.scalar(question) == count:
                return
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.01)
