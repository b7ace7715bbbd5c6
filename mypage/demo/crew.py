"""The processes of the demo: started together, watched, and ended together, whatever happens to whoever started them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_SECONDS_TO_END = 5.0


@dataclass
class Crew:
    """Children by name. Each has a process group of its own, so that ending it ends what it started."""

    logs: Path
    environment: Mapping[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *arguments: str) -> None:
        """Start ``mypage ARGUMENTS``; what it prints goes into ``NAME.log``."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "mypage", *arguments],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def ended(self) -> str | None:
        """The name of a child that is no longer running, None while all are."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def last_words(self, name: str, lines: int = 5) -> Sequence[str]:
        """The end of a child's log."""
        text = (self.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        return text.splitlines()[-lines:]

    def end(self) -> None:
        """Ask all to end, wait, and end what did not."""
        for child in self.children.values():
            _signal(child, signal.SIGTERM)
        until = time.monotonic() + _SECONDS_TO_END
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0.1, until - time.monotonic()))
            # The group may outlive its leader.
            _signal(child, signal.SIGKILL)
            child.wait()


def _signal(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return


# Loaded before any fork: a child must not import between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _end_with_parent() -> None:
    """Let the kernel end this process when the one that started it is gone."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
