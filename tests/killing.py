"""Kill a process at any line of a deed, as a power cut or an operator does, and look at what is left.

    walked = Killing(run, arguments).walk()          # every line of ours that the deed passes, in order
    exit_status = Killing(run, arguments).until(walked[17])

``run(*arguments)`` is a function of a test module. It runs in a process of its own, forked from a clean server; a
point is the n-th time that a line of the house is about to be executed there.
"""

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from types import FrameType
from typing import Any, Final, NamedTuple

HOUSE: Final = str(Path(__file__).resolve().parents[1] / "mypage")
KILLED: Final = -signal.SIGKILL
_WAIT: Final = 120
# Reading words and settings writes nothing.
_LEFT_OUT: Final = ("words", "config", "domain", "cli")


class Point(NamedTuple):
    """Before the ``number``-th line event of the deed; ``place`` is its file and line."""

    number: int
    place: str


def context(preload: str) -> ForkServerContext:
    """Where the processes come from: a server that has imported what they need and opened nothing."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload([preload])
    return made


class Killing:
    """A deed that is run in processes of its own."""

    def __init__(self, made: ForkServerContext, run: Callable[..., None], arguments: Sequence[Any]) -> None:
        self._context, self._run, self._arguments = made, run, arguments

    def walk(self) -> list[Point]:
        """Run the deed to its end; the points that it passed."""
        answers = self._context.Queue()
        process = self._context.Process(target=_walked, args=(answers, self._run, self._arguments))
        process.start()
        places: list[str] | str = answers.get(timeout=_WAIT)
        process.join(_WAIT)
        assert isinstance(places, list), places
        return [Point(number, place) for number, place in enumerate(places)]

    def to_its_end(self) -> int | None:
        """Run the deed in a process of its own, unharmed; how it ended."""
        process = self._context.Process(target=self._run, args=tuple(self._arguments))
        process.start()
        process.join(_WAIT)
        return process.exitcode

    def until(self, point: Point) -> int | None:
        """Run the deed and kill its process at a point; how it ended (``KILLED``, or 0 where it came to its end)."""
        process = self._context.Process(target=_killed, args=(point.number, self._run, self._arguments))
        process.start()
        process.join(_WAIT)
        return process.exitcode


def spread(points: Sequence[Point], count: int) -> list[Point]:
    """So many points, no place twice, over the whole deed evenly; fewer where there are not so many places."""
    first: dict[str, Point] = {}
    for point in points:
        first.setdefault(point.place, point)
    distinct = sorted(first.values())
    if len(distinct) <= count:
        return distinct
    return [distinct[place * len(distinct) // count] for place in range(count)]


def _walked(answers: Any, run: Callable[..., None], arguments: Sequence[Any]) -> None:
    places: list[str] = []

    def passed(frame: FrameType) -> None:
        places.append(f"{frame.f_code.co_filename[len(HOUSE) + 1 :]}:{frame.f_lineno}")

    try:
        _traced(passed, run, arguments)
    except BaseException:  # noqa: BLE001 - told where it makes the test fail
        answers.put(traceback.format_exc())
    else:
        answers.put(places)


def _killed(number: int, run: Callable[..., None], arguments: Sequence[Any]) -> None:
    count = 0

    def passed(_frame: FrameType) -> None:
        nonlocal count
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    _traced(passed, run, arguments)


def _traced(passed: Callable[[FrameType], None], run: Callable[..., None], arguments: Sequence[Any]) -> None:
    rooms = tuple(os.path.join(HOUSE, room) for room in _LEFT_OUT)  # noqa: PTH118 - asked at each call

    def lines(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            passed(frame)
        return lines

    def calls(frame: FrameType, _event: str, _argument: Any) -> Any:
        name = frame.f_code.co_filename
        return lines if name.startswith(HOUSE) and not name.startswith(rooms) else None

    sys.settrace(calls)
    try:
        run(*arguments)
    finally:
        sys.settrace(None)
