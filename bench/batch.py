"""``mypage batch`` as an operator runs it: a process of its own at a terminal, whose bar tells the steps apart."""

import contextlib
import json
import os
import pty
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.place import ROOT, place

# How the bar names a step, and what comes where it has been wiped away.
_STEPS: Final = {
    "受付": "receive",
    "検査": "check",
    "照合": "settle",
    "前月との比較": "preview",
    "取込": "stage",
}
_WIPED: Final = {"check": "settle and preview", "stage": "publish"}


class Ran(NamedTuple):
    """What a command took: seconds by the clock and of the processors (children included), and by its steps.

    The bar is drawn five times a second, so a step is known to a fifth of one, and a shorter one counts to the step
    before; ``start`` is what came before the first. ``batch`` is the answer as JSON.
    """

    seconds: float
    processor: float
    steps: dict[str, float]
    batch: dict[str, Any]

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.steps.items())
        return f"{self.seconds:.1f} s ({parts}; processors {self.processor:.1f} s)"


def environment(database_url: str) -> dict[str, str]:
    """What the commands of a measurement run in."""
    scratch = place() / "scratch"
    scratch.mkdir(exist_ok=True)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("MYPAGE_")}
    return {
        **inherited,
        "MYPAGE_DATABASE_URL": database_url,
        "MYPAGE_SECRET_KEYS": "a-key-of-the-benchmarks-that-opens-nothing-else",
        "MYPAGE_SCRATCH": str(scratch),
    }


def publish(database_url: str, file: Path) -> Ran:
    """Receive, check and publish a file. AssertionError where it is not published."""
    with started(database_url, "publish", file) as command:
        return command.wait("published")


def check(database_url: str, file: Path) -> Ran:
    """Receive, check and stage a file, so that only the flip is left."""
    with started(database_url, "check", file) as command:
        return command.wait("checked")


class Command:
    """A running command. ``step`` is the one that its bar tells of now."""

    def __init__(self, process: subprocess.Popen[bytes], terminal: int, answer: Any) -> None:
        self.pid = process.pid
        self.step = "start"
        self._process, self._terminal, self._answer = process, terminal, answer
        self._began = time.monotonic()
        self._before = _processor()
        self._seen = [("start", self._began)]
        self._told = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait(self, state: str) -> Ran:
        """Its end. AssertionError, with what it said, where it did not end well or the batch is in another state."""
        status = self._process.wait()
        ended = time.monotonic()
        self._reader.join()
        said = self._told.decode(errors="replace").rpartition("\x1b[K")[2]
        self._answer.seek(0)
        answer = self._answer.read().decode()
        assert status == 0, f"mypage batch ended with {status}: {said}{answer[-2000:]}"
        steps: dict[str, float] = {}
        ends = [when for _, when in self._seen[1:]] + [ended]
        for (step, when), end in zip(self._seen, ends, strict=True):
            steps[step] = steps.get(step, 0.0) + end - when
        (batch,) = json.loads(answer)["batches"]
        assert batch["state"] == state, f"the batch is {batch['state']}, not {state}"
        return Ran(ended - self._began, _processor() - self._before, steps, batch)

    def _read(self) -> None:
        # Ends with EIO when the command and so its side of the terminal are gone.
        with contextlib.suppress(OSError):
            while block := os.read(self._terminal, 65536):
                self._told = (self._told + block)[-4000:]
                word = block.decode(errors="replace").rpartition("\x1b[K")[2].split(" ")[0].strip()
                step = _STEPS.get(word, self.step) if word else _WIPED.get(self.step, self.step)
                if step != self.step:
                    self.step = step
                    self._seen.append((step, time.monotonic()))


@contextlib.contextmanager
def started(database_url: str, deed: str, file: Path) -> Iterator[Command]:
    """``mypage batch DEED FILE --json``; killed at the end of the block if it still runs."""
    ours, its = pty.openpty()
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            [sys.executable, "-m", "mypage", "batch", deed, file, "--json"],
            cwd=ROOT, env=environment(database_url), stdin=subprocess.DEVNULL, stdout=answer, stderr=its,
        )  # fmt: skip
        os.close(its)
        try:
            yield Command(process, ours, answer)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            os.close(ours)


def _processor() -> float:
    """Seconds of the processors that ended children of this process used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
