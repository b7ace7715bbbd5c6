"""Files that somebody hands over through a browser or the API, kept in parts until they are deleted by age.

A file arrives in pieces: what arrived before a connection broke is kept, and its offset tells how much that is.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

# A part is cut at this size, in bytes: so much of a file lies in memory at a time.
PART: Final = 2 << 20
# A last part shorter than this is written anew with what comes after it, so that pieces of any size make few parts.
SHORT: Final = PART // 4
LONGEST_NAME: Final = 200
# So many times as many as are unfinished may wait for their owner to make something of them.
_UNUSED_TO_OPEN: Final = 5
_NAMELESS: Final = "ファイル"
_SOURCE: Final = "kept:"


class FileState(StrEnum):
    """Open while it arrives, whole when all of it did, gone when its bytes are deleted (its row stays)."""

    OPEN = "open"
    WHOLE = "whole"
    GONE = "gone"


class Gone(StrEnum):
    """Why the bytes of a file were deleted."""

    DISCARDED = "discarded"
    EXPIRED = "expired"
    AGED = "aged"


class Why(StrEnum):
    """Why nothing was done with a file."""

    UNKNOWN = "no_such_file"
    GONE = "file_gone"
    EXPIRED = "upload_expired"
    TOO_LARGE = "file_too_large"
    TOO_MANY = "too_many_uploads"
    TOO_MUCH = "too_much_unused"
    OFFSET = "wrong_offset"
    BUSY = "upload_busy"
    LONGER = "longer_than_declared"
    CHECKSUM = "checksum_differs"
    NOT_WHOLE = "file_not_whole"
    IN_USE = "file_in_use"
    FULL = "store_full"
    AWAY = "store_away"
    SCRATCH_FULL = "scratch_full"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done: why. ``offset``: how much of the file is kept, where that helps."""

    why: Why
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The operator's limits: bytes of a file, uploads that one owner has open, and how long what is kept.

    ``unused_bytes`` are those of all files of one owner of which nothing was made yet, with what of them is still to come.
    """

    largest: int
    open_at_once: int
    unused_bytes: int
    open_for: timedelta
    kept_for: timedelta

    @property
    def unused_at_once(self) -> int:
        """How many files of one owner may be there, whole or not, of which nothing was made yet."""
        return _UNUSED_TO_OPEN * self.open_at_once

    @property
    def told(self) -> Mapping[str, int]:
        """The limits as sentences name them; sizes in MB."""
        return {
            "largest": self.largest >> 20,
            "most": self.open_at_once,
            "unused": self.unused_at_once,
            "room": self.unused_bytes >> 20,
        }


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that is kept. ``arrived`` of its ``size`` bytes are there; ``store`` names where its parts lie.

    ``owner`` is who handed it over (``staff:ID``, ``token:ID``). ``confirmed``: whoever handed it over as a batch
    confirmed that it may end many customers. ``handed_at``: when it became (part of) a delivery. ``sealed``: there was
    a key when it began, so no part of it is plain; of others some may be.
    """

    id: str
    owner: str
    name: str
    size: int
    arrived: int
    state: FileState
    store: str
    sealed: bool
    confirmed: bool
    opened_at: datetime
    touched_at: datetime
    whole_at: datetime | None
    handed_at: datetime | None
    gone_at: datetime | None
    gone_why: Gone | None

    @property
    def source(self) -> str:
        """How a batch names it."""
        return f"{_SOURCE}{self.id}"

    def expires_at(self, limits: Limits) -> datetime | None:
        """When it is deleted if nobody does anything with it any more; None where it is gone already."""
        if self.state is FileState.GONE:
            return None
        if self.handed_at is not None:
            return self.handed_at + limits.kept_for
        return self.touched_at + limits.open_for


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file: its name in the store, its place, and its bytes before it was sealed."""

    number: int
    name: str
    size: int


class StoreFault(Exception):
    """The place where parts lie cannot do what is asked; ``why`` says which kind of fault."""

    def __init__(self, why: Why, told: str = "") -> None:
        super().__init__(told or why.value)
        self.why = why


class PartLost(Exception):
    """A part is not there, was exchanged, or cannot be opened with our keys: the file cannot be read any more."""


class Store(Protocol):
    """Where parts lie. Ids and names are ours: letters, digits and hyphens. Raises :class:`StoreFault`."""

    def put(self, file_id: str, part: str, data: bytes) -> None:
        """Keep a part so that a fall of the machine does not lose it. Of the same name there is none before."""

    def get(self, file_id: str, part: str) -> bytes:
        """The bytes of a part. Raises :class:`PartLost`."""

    def drop(self, file_id: str, part: str) -> None:
        """Delete a part; nothing happens where there is none."""

    def remove(self, file_id: str) -> None:
        """Delete whatever lies there of a file, parts that nobody knows of included."""


class Chunks(Protocol):
    """Bytes as they arrive. Raises :class:`BrokenOff` where the connection broke, :class:`TooSlow` where it might as well."""

    def __iter__(self) -> Iterator[bytes]: ...


class BrokenOff(Exception):
    """No more bytes of this request come."""


class TooSlow(BrokenOff):
    """They came so slowly that no more are taken."""


def kept_id(source: str) -> str | None:
    """The id of the kept file that a batch names as its source; None for a file of somebody's own."""
    return source.removeprefix(_SOURCE) if source.startswith(_SOURCE) else None


def told_name(name: str) -> str:
    """A file's name as it is shown: what stands behind the last slash, without signs that print nothing."""
    last = name.replace("\\", "/").rpartition("/")[2]
    printed = "".join(mark for mark in last if unicodedata.category(mark)[0] != "C")
    return printed.strip()[:LONGEST_NAME] or _NAMELESS
