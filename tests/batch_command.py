"""``mypage batch`` as processes of a test, and what they leave."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mypage.billing.cli import batch_command
from tests.portal import environment


def shell(url: str, folder: str, *words: str) -> None:
    """``mypage batch …`` in this process; the settings stand in its environment, which ends with it."""
    os.environ.update(environment(url, scratch=f"{folder}/scratch"))
    os.chdir(folder)
    # The command says by its exit status how it went; what counts here is what is left in the database.
    with contextlib.suppress(SystemExit):
        batch_command.main(list(words), standalone_mode=False)


class Batch:
    """Runs ``mypage batch`` in processes of its own; ``folder`` is where they stand and scratch."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        # Nobody measures these processes: on a full disk the measuring itself would fail, and say so.
        ours = ("MYPAGE_", "COVERAGE_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.environment = {**kept, **environment(url, scratch=str(folder / "scratch"))}
        self.environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])

    def start(
        self, *words: str, before: Callable[[], None] | None = None, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "mypage", "batch", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            preexec_fn=before,
        )

    def run(self, *words: str, before: Callable[[], None] | None = None) -> tuple[int, str, str]:
        process = self.start(*words, before=before)
        out, err = process.communicate(timeout=240)
        return process.returncode, out, err

    def left(self) -> list[Path]:
        """What lies in the scratch folder."""
        return list((self.folder / "scratch").iterdir()) if (self.folder / "scratch").exists() else []


def peak(process: subprocess.Popen[str]) -> int:
    """The most memory that the process took, in bytes."""
    most = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        except OSError:
            break
        kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
        most = max(most, int(kilobytes) * 1024)
        time.sleep(0.02)
    return most
