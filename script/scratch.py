"""Where the tests put what they throw away: in memory where there is room, for they make thousands of databases."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM = 4 << 30  # bytes free; the largest part has taken less than 2 GB


@contextlib.contextmanager
def scratch(in_memory: Path = IN_MEMORY, room: int = ROOM) -> Iterator[Path]:
    """A folder, gone at the end of the block: below ``in_memory`` where ``room`` bytes are free, else where the
    system puts such things.
    """
    place = in_memory if _fits(in_memory, room) else None
    folder = Path(tempfile.mkdtemp(prefix="mypage-", dir=place))
    folder.chmod(0o711)  # PostgreSQL runs as somebody else where we are root
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fits(folder: Path, room: int) -> bool:
    if not (os.access(folder, os.W_OK | os.X_OK) and min(_free(folder), _available()) >= room):
        return False
    with tempfile.TemporaryDirectory(dir=folder) as made:
        program = Path(made) / "program"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
        try:
            return subprocess.run([program], check=False).returncode == 0
        except OSError:  # mounted without execution
            return False


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _available() -> int:
    """Bytes of memory that may still be taken: a folder in memory promises more than there is."""
    try:
        told = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return 0
    kilobytes = next((line.split()[1] for line in told if line.startswith("MemAvailable:")), "0")
    return int(kilobytes) * 1024
