"""Workers in processes of their own, started in a blink and killed at the point that a test chooses.

They are forked from a process that has imported everything, and run the worker as ``mypage worker --once`` does. The
command itself is tried in ``tests/cli/test_worker.py``.
"""

import os
import signal
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType
from typing import Any

import mypage
from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.store.engine import Database
from mypage.worker import Worker
from tests.forked import processes
from tests.portal import environment

_OURS = str(Path(mypage.__file__).parent)
_CONTEXT = processes()


@contextmanager
def workers(
    database: Database,
    smtp_url: str,
    folder: Path,
    *,
    count: int = 1,
    begins: int = 1,
    kill_at: int | None = None,
) -> Iterator[list[ForkServerProcess]]:
    """So many workers, each doing what is due and then ending; at the end of the block all have ended.

    ``begins``: how often each begins anew when it finds the mail server away. ``kill_at``: each kills itself before it runs its so-many-th line of ours or of smtplib's.
    """
    url = database.url.render_as_string(hide_password=False)
    running = [
        _CONTEXT.Process(target=_work, args=(url, smtp_url, str(folder), begins, kill_at))
        for _ in range(count)
    ]
    for each in running:
        each.start()
    try:
        yield running
    finally:
        for each in running:
            each.join(120)
            if each.is_alive():
                each.kill()
                each.join()


def lines_of(database: Database, smtp_url: str, folder: Path) -> int:
    """How many lines a worker runs for what is due now."""
    url = database.url.render_as_string(hide_password=False)
    told = _CONTEXT.Queue()
    counting = _CONTEXT.Process(target=_count, args=(url, smtp_url, str(folder), told))
    counting.start()
    lines = int(told.get(timeout=60))
    counting.join(60)
    return lines


def _count(url: str, smtp_url: str, folder: str, told: Any) -> None:
    told.put(_work(url, smtp_url, folder, 1, -1))


def _work(url: str, smtp_url: str, folder: str, begins: int, kill_at: int | None) -> int:
    settings = load(
        environment(url, smtp_url=smtp_url, clock_file=str(Path(folder) / "clock"), scratch=folder)
    )
    database = Database(url)
    lines = 0

    def line(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        if event == "line":
            lines += 1
            if lines == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
        return line

    def call(frame: FrameType, _event: str, _argument: object) -> Any:
        file = frame.f_code.co_filename
        return line if file.startswith(_OURS) or file == smtplib.__file__ else None

    if kill_at is not None:
        sys.settrace(call)
    for _ in range(begins):
        if Worker(settings, database, Clock(settings.clock_file)).run_once():
            break
    sys.settrace(None)
    database.close()
    return lines
