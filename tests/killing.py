"""Kill a process at any line of a deed, as a power cut or an operator does, and look at what is left.

    with nursery(warm, url, folder) as processes:
        walked = processes.walk(run, url, folder)          # every line of ours that the deed passes, in order
        ended = processes.until(walked[17], run, url, folder)
        left = processes.ask(look, url)

``run``, ``warm`` and ``look`` are functions of a test module, given with their arguments. Each runs in a process of its
own. These are forked from one that has done ``warm`` already, so that all is imported and nothing is open: a process
costs some milliseconds. A point is the n-th time that a line of the house is about to be executed.
"""

import gc
import os
import pickle
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import IO, Any, Final, NamedTuple

from tests.forked import processes

HOUSE: Final = str(Path(__file__).resolve().parents[1] / "mypage")
KILLED: Final = -signal.SIGKILL
_WAIT: Final = 120
# Reading words and settings writes nothing.
_ROOMS: Final = tuple(f"{HOUSE}/{room}" for room in ("words", "config", "domain", "cli"))
Deed = Callable[..., Any]


class Point(NamedTuple):
    """Before the ``number``-th line event of the deed; ``place`` is its file and line."""

    number: int
    place: str


class Ended(NamedTuple):
    """How a process ended (``KILLED``, or 0 where it came to its end), what it gave and what it said."""

    status: int
    gave: Any
    said: str


class Nursery:
    """Where processes come from. Made by :func:`nursery`."""

    def __init__(self, orders: Connection) -> None:
        self._orders = orders

    def walk(self, run: Deed, *arguments: Any) -> list[Point]:
        """Run a deed to its end; the points that it passed."""
        places: list[str] = self._well(_walked, run, arguments)
        return [Point(number, place) for number, place in enumerate(places)]

    def ask(self, run: Deed, *arguments: Any) -> Any:
        """Run a deed to its end; what it gave."""
        return self._well(run, *arguments)

    def until(self, point: Point, run: Deed, *arguments: Any) -> Ended:
        """Run a deed and kill its process at a point."""
        return self._ended(_killed, point.number, run, arguments)

    def end(self, run: Deed, *arguments: Any) -> Ended:
        """Run a deed; how it ended."""
        return self._ended(run, *arguments)

    def entering(self, function: Callable[..., Any], run: Deed, *arguments: Any) -> Ended:
        """Run a deed and kill its process when it is about to run the first line of a function of ours."""
        code = function.__code__
        return self._ended(_killed_entering, (code.co_filename, code.co_name), run, arguments)

    def _well(self, run: Deed, *arguments: Any) -> Any:
        ended = self._ended(run, *arguments)
        assert ended.status == 0, f"{run.__name__} ended with {ended.status}:\n{ended.said}"
        return ended.gave

    def _ended(self, run: Deed, *arguments: Any) -> Ended:
        self._orders.send((run, arguments))
        assert self._orders.poll(_WAIT), f"{run.__name__} did not come back"
        ended: Ended = self._orders.recv()
        return ended


@contextmanager
def nursery(warm: Deed, *arguments: Any) -> Iterator[Nursery]:
    """A process that has done ``warm``, and bears others; it is gone at the end of the block."""
    context = processes()
    here, there = context.Pipe()
    process = context.Process(target=_bear, args=(there, warm, arguments), daemon=True)
    process.start()
    there.close()
    try:
        failed = here.recv()
        assert not failed, failed
        yield Nursery(here)
    finally:
        here.close()
        process.join(20)
        if process.is_alive():
            process.kill()
            process.join()


def spread(points: Sequence[Point], count: int) -> list[Point]:
    """So many points, no place twice, over the whole deed evenly; fewer where there are not so many places."""
    first: dict[str, Point] = {}
    for point in points:
        first.setdefault(point.place, point)
    distinct = sorted(first.values())
    if len(distinct) <= count:
        return distinct
    return [distinct[place * len(distinct) // count] for place in range(count)]


def _bear(orders: Connection, warm: Deed, arguments: Sequence[Any]) -> None:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as gave:
        _say_to(said)
        try:
            warm(*arguments)
        except BaseException:
            orders.send(traceback.format_exc())
            raise
        orders.send("")
        # What is there stays: no child looks through it for garbage, and so none copies its pages.
        gc.collect()
        gc.freeze()
        while True:
            try:
                run, its = orders.recv()
            except EOFError:
                return
            for file in (said, gave):
                os.truncate(file.fileno(), 0)
                os.lseek(file.fileno(), 0, os.SEEK_SET)
            child = os.fork()
            if not child:
                _live(orders, gave, run, its)
            _, status = os.waitpid(child, 0)
            orders.send(Ended(os.waitstatus_to_exitcode(status), _read(gave), _all_of(said).decode()[-4000:]))


def _live(orders: Connection, gave: IO[bytes], run: Deed, arguments: Sequence[Any]) -> None:
    """The child's life; it does not come back."""
    status = 1
    try:
        orders.close()
        os.write(gave.fileno(), pickle.dumps(run(*arguments)))
        status = 0
    except BaseException:  # noqa: BLE001 - told where it makes the test fail
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _say_to(file: IO[bytes]) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(file.fileno(), stream.fileno())


def _read(gave: IO[bytes]) -> Any:
    packed = _all_of(gave)
    return pickle.loads(packed) if packed else None  # noqa: S301 - our child wrote it


def _all_of(file: IO[bytes]) -> bytes:
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def _walked(run: Deed, arguments: Sequence[Any]) -> list[str]:
    places: list[str] = []

    def passed(frame: FrameType) -> None:
        places.append(f"{frame.f_code.co_filename[len(HOUSE) + 1 :]}:{frame.f_lineno}")

    _traced(passed, run, arguments)
    return places


def _killed(number: int, run: Deed, arguments: Sequence[Any]) -> None:
    count = 0

    def passed(_frame: FrameType) -> None:
        nonlocal count
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    _traced(passed, run, arguments)


def _killed_entering(function: tuple[str, str], run: Deed, arguments: Sequence[Any]) -> None:
    def passed(frame: FrameType) -> None:
        if (frame.f_code.co_filename, frame.f_code.co_name) == function:
            os.kill(os.getpid(), signal.SIGKILL)

    _traced(passed, run, arguments)


def _traced(passed: Callable[[FrameType], None], run: Deed, arguments: Sequence[Any]) -> None:
    def lines(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            passed(frame)
        return lines

    def calls(frame: FrameType, _event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        return lines if name.startswith(HOUSE) and not name.startswith(_ROOMS) else None

    sys.settrace(calls)
    try:
        run(*arguments)
    finally:
        sys.settrace(None)
