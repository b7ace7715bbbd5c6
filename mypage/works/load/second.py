"""The process that takes the second half of a large charges.csv, seen from the one that takes the first.

It reads its half; where all its numbers lie behind ours it puts its statements together, too, and holds them against the
month before. After each deed it tells what came of it; what it made lies in its folder. When it ends too soon (as one does
that takes too much memory, or finds no room on the disk) we do what it had to do.
"""

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from mypage.adapters.reading.middle import Middle
from mypage.adapters.reading.received import Received
from mypage.works.load.ready import Written
from mypage.works.load.spool import MOST_OPEN, Run, Spool
from mypage.works.load.task import Task

READ, SETTLE, PREVIEW = "read", "settle", "preview"
# What it says when a deed is done.
DONE: Final = b"."
# Its files; what a deed came to lies under the name of the deed.
LEFT_OUT, READY, SPOOL = "left-out", "ready", "spool"
_WAIT: Final = 0.2


class Second:
    """Begins when it is made, and is ended with the block. Its files lie in a folder of the task."""

    def __init__(self, task: Task) -> None:
        self._folder: Path = task.folder / "second"
        self._folder.mkdir()
        self._task = task
        self.bytes = self.rows = 0
        self._unread = b""
        self._deed = ""
        self._spool: Spool | None = None
        self.previews = False  # whether it holds its rows against the month before
        # The number from which on all is its, where it goes on with its half.
        self.from_number = ""
        self.rows_before = 0
        command = [sys.executable, "-m", "mypage.works.load.second_half"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """It is not needed any more."""
        self._process.kill()
        self._process.wait()
        self._stdout.close()
        # Its rows stand in ours.
        (self._folder / SETTLE / READY).unlink(missing_ok=True)
        with suppress(BrokenPipeError):  # an order that it did not live to see
            self._stdin.close()

    def begin_to_read(self, received: Received, half: Middle, delimiter: str) -> None:
        """Give it the half that begins at ``half``."""
        task = self._task
        pattern = task.rules.number_pattern
        self._order(
            READ,
            {
                "path": str(received.path),
                "codec": received.codec,
                "offset": half.offset,
                "row": half.row,
                "delimiter": delimiter,
                "headings": list(task.plan.headings),
                "pattern": None if pattern is None else pattern.pattern,
                "tax_rounding": task.rules.tax_rounding,
                "leaves_out": task.left_out is not None,
                "folder": str(self._folder),
                "batch_id": task.batch_id,
                "now": task.now.isoformat(),
                # By this pipe and no other way: it holds a password.
                "database": task.database.url.render_as_string(hide_password=False),
                "delivered": [
                    [kind.value, str(of.ready.path), sorted(of.months)]
                    for kind, several in task.delivered.items()
                    for of in several
                ],
            },
        )

    def look(self) -> None:
        """Note how far it has come."""
        while text := self._stdout.read(1 << 16):
            *lines, self._unread = (self._unread + text).split(b"\n")
            for line in lines:
                if line == DONE:
                    self._deed = ""
                else:
                    self.bytes, self.rows = map(int, line.split())

    def is_at_work(self) -> bool:
        """Wait a moment for the end of its deed; whether that is still to come."""
        select.select([self._stdout], [], [], _WAIT)
        self.look()
        return bool(self._deed) and self._process.poll() is None

    def has_read(self, to: Spool) -> bool:
        """Take what it read, if it came to the end, into ``to`` or as what it goes on with by itself."""
        told = self._told(READ)
        if told is None:
            # Its half is read anew, which needs the room.
            shutil.rmtree(self._folder / SPOOL, ignore_errors=True)
            return False
        self._take_over(READ, told)
        runs = [Run.of(each) for each in told["runs"]]
        first = _number_behind(to.runs(), runs)
        if first is None:
            to.adopt(runs)
        else:
            self.from_number, self._spool = first, Spool(self._folder / "taken")
            self._spool.adopt(runs)
        return True

    @property
    def goes_on(self) -> bool:
        """Whether its numbers lie behind ours, so that each of us can go on with a half."""
        return self._spool is not None

    def begin_to_settle(self) -> None:
        """Let it put its statements together."""
        self._order(SETTLE, {})

    def settled(self) -> Mapping[str, Any] | None:
        """What came of it, when it has come to the end; None where it did not."""
        self._wait()
        told = self._told(SETTLE)
        if told is not None:
            self._take_over(SETTLE, told)
        return told

    def lines(self) -> Iterator[bytes]:
        """The lines of its half in order, where it cannot put them together itself."""
        assert self._spool is not None  # noqa: S101 - it goes on
        shutil.rmtree(self._folder / SETTLE, ignore_errors=True)
        return self._spool.in_order()

    def remove_spool(self) -> None:
        """All is put together."""
        assert self._spool is not None  # noqa: S101 - it goes on
        self._spool.remove()

    @property
    def ready(self) -> Written:
        """The rows that it made."""
        return Written(self._folder / SETTLE / READY)

    def begin_preview(self, rows_before: int) -> None:
        """Let it hold its rows against the month before; so many of ours stand before them. All are counted."""
        self.rows_before = rows_before
        by_month = self._task.counts["by_month"]
        self._order(PREVIEW, {"by_month": list(by_month.items()), "from": self.from_number})
        self.previews = True

    def previewed(self) -> Mapping[str, Any] | None:
        """What came of it, when it has come to the end; None where it did not."""
        self._wait()
        return self._told(PREVIEW)

    def _order(self, deed: str, order: Mapping[str, Any]) -> None:
        self._deed = deed
        # Where it is gone, that is seen when it is asked for what came of it.
        with suppress(BrokenPipeError):
            self._stdin.write(json.dumps({"deed": deed, **order}).encode() + b"\n")
            self._stdin.flush()

    def _wait(self) -> None:
        while self.is_at_work():
            pass

    def _told(self, deed: str) -> Mapping[str, Any] | None:
        """What it told of a deed; None where it did not come to its end."""
        if self._deed:
            return None
        told: Mapping[str, Any] = json.loads((self._folder / f"{deed}.json").read_text())
        return told

    def _take_over(self, deed: str, told: Mapping[str, Any]) -> None:
        self._task.report.absorb(told["report"])
        if self._task.left_out is not None:
            self._task.leave_out_too(Written(self._folder / deed / LEFT_OUT))


def _number_behind(ours: Sequence[Run], theirs: Sequence[Run]) -> str | None:
    """The first number of ``theirs``, if each of them comes behind all of ``ours`` and their files can stay as they are."""
    if not ours or not theirs or len(theirs) > MOST_OPEN:
        return None
    last, first = max(_number(run.last) for run in ours), min(_number(run.first) for run in theirs)
    return first.decode() if last < first else None


def _number(line: bytes) -> bytes:
    return line.partition(b"\t")[0]
