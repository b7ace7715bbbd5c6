"""A folder for the spools of one check; what a killed process left is removed by the next check, or by the worker.

Beside each folder lies a file that its process keeps locked, made before it and removed after it: the lock of a
process that was killed is free.
"""

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

_PREFIX: Final = "mypage-load-"
_LOCK: Final = ".in-use"


@contextmanager
def folder(scratch: Path | None) -> Iterator[Path]:
    """A folder of one's own below ``scratch`` (None: where the system keeps such files)."""
    place = _place(scratch)
    place.mkdir(parents=True, exist_ok=True)
    sweep(scratch)
    own, held = _made(place)
    with held:
        try:
            own.mkdir(mode=0o700)
            yield own
        finally:
            _remove(own)


def sweep(scratch: Path | None) -> int:
    """Remove what killed processes left below ``scratch``; how many folders."""
    swept = 0
    for lock in _place(scratch).glob(f"{_PREFIX}*{_LOCK}"):
        with suppress(OSError), lock.open("r") as held:  # in use, or swept by somebody else
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock.with_suffix(""))
            swept += 1
    return swept


def _place(scratch: Path | None) -> Path:
    return Path(tempfile.gettempdir()) if scratch is None else scratch


def _made(place: Path) -> tuple[Path, IO[str]]:
    """A name for a folder, and its file, locked."""
    while True:
        own = place / f"{_PREFIX}{uuid.uuid4().hex}"
        held = own.with_suffix(_LOCK).open("x")
        fcntl.flock(held, fcntl.LOCK_EX)
        if os.fstat(held.fileno()).st_nlink:
            return own, held
        # Somebody swept between the two lines above and took it for one that was left.
        held.close()


def _remove(own: Path) -> None:
    shutil.rmtree(own, ignore_errors=True)
    own.with_suffix(_LOCK).unlink(missing_ok=True)
