"""The file of heads: lines are added and waited for on the disk, never changed.

It belongs on another disk than the database, best on one that lets nobody change what was written. Several workers of
one machine may write into one file.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from mypage.domain.trail_head import Head, read

# A head has some 300 bytes; a line of a log a few more.
_END: Final = 4096


def heads(path: Path) -> Iterator[Head | None]:
    """All heads of a file, oldest first; None for a line that holds none. Raises ``OSError`` where it cannot be read."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                yield read(line)


def last_head(path: Path) -> Head | None:
    """The newest head in the file, None where there is none. Raises ``OSError``."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _END, 0))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return None
    found = (read(line) for line in reversed(lines))
    return next((head for head in found if head is not None), None)


def add(path: Path, make: Callable[[Head | None], str | None]) -> bool:
    """Add the line that ``make`` gives for the newest head in the file, and wait for the disk.

    Nothing is added where it gives None; nobody else writes meanwhile. Raises ``OSError``.
    """
    is_new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        line = make(last_head(path))
        if line is None:
            return False
        size = os.fstat(file).st_size
        # A line that was cut off by a full disk or a kill must not take the next one with it.
        begin = b"\n" if size and os.pread(file, 1, size - 1) != b"\n" else b""
        written = begin + line.encode() + b"\n"
        if os.write(file, written) != len(written):
            raise OSError("the disk is full")
        os.fsync(file)
    finally:
        os.close(file)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    return True
