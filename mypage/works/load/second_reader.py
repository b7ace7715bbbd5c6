"""The process that reads the second half of a large charges.csv, seen from the one that reads the first."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from mypage.adapters.reading.middle import Middle
from mypage.adapters.reading.received import Received
from mypage.domain.row_error import RowError
from mypage.works.load.spool import Run, Spool
from mypage.works.load.task import Task

TOLD: Final = "told.json"
LEFT_OUT: Final = "left-out"
_WAIT: Final = 0.2


class SecondReader:
    """Begins to read when it is made, and is ended with the block. Its files lie in a folder of the task."""

    def __init__(self, task: Task, received: Received, half: Middle, delimiter: str) -> None:
        self._folder: Path = task.folder / "second"
        self._folder.mkdir()
        self.bytes = self.rows = 0
        self._unread = b""
        pattern = task.rules.number_pattern
        order = {
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
        }
        command = [sys.executable, "-m", "mypage.works.load.second_half"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603 - ours
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101, PT018
        self._stdout = self._process.stdout
        try:
            with self._process.stdin as stdin:
                stdin.write(json.dumps(order).encode())
        except BrokenPipeError:
            pass  # it did not even begin: its half is read by us
        os.set_blocking(self._stdout.fileno(), False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._stdout.close()

    def look(self) -> None:
        """Note how far it has come."""
        while text := self._stdout.read(1 << 16):
            *lines, self._unread = (self._unread + text).split(b"\n")
            if lines:
                self.bytes, self.rows = map(int, lines[-1].split())

    def is_reading(self) -> bool:
        """Wait a moment for its end; whether it is still to come."""
        self.look()
        try:
            self._process.wait(_WAIT)
        except subprocess.TimeoutExpired:
            return True
        return False

    def hand_over(self, task: Task, to: Spool) -> bool:
        """Take what it read; False where it did not come to the end."""
        if self._process.returncode != 0:
            return False
        told: dict[str, Any] = json.loads((self._folder / TOLD).read_text())
        to.adopt(Run.of(each) for each in told["runs"])
        task.report.absorb(told["report"])
        with (self._folder / LEFT_OUT).open(encoding="ascii") as left_out:
            for each in left_out:
                error, month, number = json.loads(each)
                task.leave_out(RowError(*error), month, number)
        return True
