"""Receive a file: hash it, see what it is, and decide its encoding, in one pass over its bytes."""

import gzip
import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from mypage.adapters.reading.encoding import FORCED, EncodingDecision
from mypage.adapters.reading.unreadable import Unreadable

CHUNK: Final = 1 << 18
EXCEL: Final = "excel"
# A month of bills packs about 15:1; what unpacks to two hundred times its size is no such file.
LARGEST_RATIO: Final = 200
_ALWAYS_ALLOWED: Final = 50_000_000
_GZIP, _ZIP, _OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Received:
    """A file as it was received. ``codec`` is ``excel`` or Python's name of the encoding; ``size`` in bytes on disk."""

    path: Path
    size: int
    sha256: str
    codec: str


def receive(
    path: Path, *, encoding: str | None = None, progress: Callable[[int], None] = lambda _read: None
) -> Received:
    """Hash a file and decide how to read it; ``encoding`` forces that (a key of ``FORCED``).

    ``progress`` is told how many bytes on disk have been read. Raises :class:`Unreadable`.
    """
    _must_be_a_file(path)
    digest, size = hashlib.sha256(), 0
    decision = EncodingDecision()
    with _opened(path) as file:
        start = file.read(4)
        packed = start.startswith((_GZIP, _ZIP, _OLE))
        chunk = start + file.read(CHUNK)
        while chunk:
            digest.update(chunk)
            size += len(chunk)
            if not packed:
                decision.feed(chunk)
            progress(size)
            chunk = file.read(CHUNK)
    if size == 0:
        raise Unreadable("file_empty")
    if is_excel(path):
        return Received(path, size, digest.hexdigest(), EXCEL)
    if encoding is not None:
        return Received(path, size, digest.hexdigest(), FORCED[encoding.lower()])
    if packed:
        for chunk in unpacked(path):
            decision.feed(chunk)
    return Received(path, size, digest.hexdigest(), decision.codec())


def is_excel(path: Path) -> bool:
    """Whether the signature is Excel's: OLE, or a ZIP that holds a workbook."""
    with _opened(path) as file:
        start = file.read(4)
    if start == _OLE:
        return True
    if start != _ZIP:
        return False
    with _zip(path) as archive:
        return any(name.startswith("xl/") for name in archive.namelist())


def unpacked(path: Path) -> Generator[bytes, None, None]:
    """The bytes of the text inside, whatever it is packed in. Raises :class:`Unreadable`."""
    allowed = max(_ALWAYS_ALLOWED, path.stat().st_size * LARGEST_RATIO)
    total = 0
    try:
        with _inside(path) as file:
            while chunk := file.read(CHUNK):
                total += len(chunk)
                if total > allowed:
                    raise Unreadable("unpacks_too_large", {"ratio": str(LARGEST_RATIO)})
                yield chunk
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        # RuntimeError: a password; NotImplementedError: a way of packing that the library does not know.
        raise Unreadable("packed_file_broken") from None


def part_of(path: Path, start: int, end: int | None) -> Generator[bytes, None, None]:
    """The bytes of a file from ``start`` to ``end`` (None: to its end). Raises :class:`Unreadable`."""
    with _opened(path) as file:
        file.seek(start)
        left = path.stat().st_size - start if end is None else end - start
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def is_packed(path: Path) -> bool:
    """Whether the text inside is packed, or is none."""
    with _opened(path) as file:
        return file.read(4).startswith((_GZIP, _ZIP, _OLE))


@contextmanager
def _inside(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with _opened(path) as file:
        start = file.read(4)
    if start.startswith(_GZIP):
        with gzip.open(path, "rb") as text:
            yield text
    elif start == _ZIP:
        with _zip(path) as archive, archive.open(_only_one(archive)) as member:
            yield member
    else:
        with _opened(path) as file:
            yield file


def _only_one(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        raise Unreadable("zip_of_several", {"files": str(len(members))})
    return members[0]


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise Unreadable("packed_file_broken") from None


def _must_be_a_file(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except OSError:
        raise Unreadable("file_not_found") from None
    if not stat.S_ISREG(mode):
        # A link may point elsewhere tomorrow, a fifo never ends.
        raise Unreadable("not_a_file")


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError:
        raise Unreadable("file_not_readable") from None
