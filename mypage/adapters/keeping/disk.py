"""Parts of kept files in a folder, a folder a file. Names are ours only, and nobody else may read them."""

import errno
import os
import re
import shutil
from pathlib import Path
from typing import Final

from mypage.domain.kept_file import PartLost, StoreFault, Why

_OURS: Final = re.compile(r"[a-z0-9-]{1,80}")
# What the system says of a disk without room.
DISK_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


class OnDisk:
    """A :class:`mypage.domain.kept_file.Store` below ``folder``, which is made where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, file_id: str, part: str, data: bytes) -> None:
        """Write a part beside its name, wait for the disk, then give it its name: no half part has one."""
        path = self._path(file_id, part)
        beside = path.with_name(f".{path.name}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                _write(file, data)
                os.fsync(file)
            finally:
                os.close(file)
            beside.rename(path)
            for folder in (path.parent, path.parent.parent):
                _sync(folder)
        except OSError as error:
            beside.unlink(missing_ok=True) if path.parent.is_dir() else None
            raise _fault(error) from error

    def get(self, file_id: str, part: str) -> bytes:
        """The bytes of a part."""
        try:
            return self._path(file_id, part).read_bytes()
        except FileNotFoundError:
            if not self._folder.is_dir():
                # Not mounted, for example: the part is not lost.
                raise StoreFault(Why.AWAY) from None
            raise PartLost(part) from None
        except OSError as error:
            raise _fault(error) from error

    def drop(self, file_id: str, part: str) -> None:
        """Delete a part."""
        try:
            self._path(file_id, part).unlink(missing_ok=True)
        except OSError as error:
            raise _fault(error) from error

    def remove(self, file_id: str) -> None:
        """Delete all parts with their folder."""
        if not self._folder.is_dir():
            raise StoreFault(Why.AWAY)
        try:
            shutil.rmtree(self._path(file_id, "-").parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _fault(error) from error

    def _path(self, file_id: str, part: str) -> Path:
        if not _OURS.fullmatch(file_id) or not _OURS.fullmatch(part):
            raise PartLost(part)
        return self._folder / file_id[:2] / file_id / part


def _write(file: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _sync(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _fault(error: OSError) -> StoreFault:
    return StoreFault(Why.FULL if error.errno in DISK_FULL else Why.AWAY, type(error).__name__)
