"""Keep files that are handed over: bytes as they arrive are cut into parts, sealed one by one, and put into the store.

At most one part lies in memory. What arrived before a connection broke is kept; the offset in the database tells how
much that is, and moves only when its part lies in the store. Called alike by all doors.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mypage.adapters.keeping.disk import OnDisk
from mypage.adapters.keeping.s3 import InBucket
from mypage.adapters.sealing import CannotOpen, Sealer
from mypage.config.settings import Settings
from mypage.domain.kept_file import (
    PART,
    SHORT,
    BrokenOff,
    Chunks,
    FileState,
    KeptFile,
    Limits,
    Part,
    PartLost,
    Refused,
    Store,
    StoreFault,
    Why,
)
from mypage.services import kept_files as deeds
from mypage.store import kept_files as store
from mypage.store.engine import Database
from mypage.store.kept_bytes import InDatabase

Clock = Callable[[], datetime]
# Seconds after which a writer says that it is still there, though no part of it came to its end.
_SAYS_SO_EVERY: Final = 4.0
# Seconds after which a request takes no more: what came is kept and answered, and the client goes on with another one.
_TAKES_FOR: Final = 25.0
CHECKSUMS: Final = ("sha1", "sha256")


@dataclass(frozen=True, slots=True)
class Checksum:
    """What a request says that its bytes come to: the name of a hash among ``CHECKSUMS``, and its digest."""

    name: str
    digest: bytes


class Keeper:
    """The stores of an installation and the keys of what lies there."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.database = database
        self.place = settings.files
        self.limits = Limits(
            settings.file_largest,
            settings.file_uploads,
            max(settings.file_unused, settings.file_largest),
            settings.file_upload_life,
            settings.file_days,
        )
        self._sealer = Sealer(settings.file_keys)
        self._folder, self._s3 = settings.files_folder, settings.files_bucket
        self._stores: dict[str, Store] = {}
        self.seals = self._sealer.has_keys

    def store(self, place: str) -> Store:
        """The store of that name. Raises :class:`StoreFault` where the settings do not say where it is (any more)."""
        if place not in self._stores:
            self._stores[place] = self._made(place)
        return self._stores[place]

    def seal(self, file: KeptFile, data: bytes, part: str) -> bytes:
        """A part as it lies in the store; bound to its file and its place. Raises :class:`PartLost` without a key."""
        if file.sealed and not self.seals:
            raise PartLost(part)
        return self._sealer.seal_bytes(data, _context(file.id, part))

    def pieces(self, file: KeptFile) -> Iterator[bytes]:
        """The bytes of a file, a part at a time. Raises :class:`PartLost` and :class:`StoreFault`."""
        with self.database.reading() as connection:
            parts = store.parts(connection, file.id)
        if sum(part.size for part in parts) != file.arrived:
            raise PartLost(file.id)
        for part in parts:
            yield self.piece(file, part)

    def checked(self, file: KeptFile, sha256: str) -> Iterator[bytes]:
        """Its bytes a part at a time, the last only if all of them come to that hash. Raises as :meth:`pieces` does."""
        digest, held = hashlib.sha256(), b""
        for piece in self.pieces(file):
            digest.update(piece)
            if held:
                yield held
            held = piece
        if digest.hexdigest() != sha256:
            raise PartLost(file.id)
        yield held

    def piece(self, file: KeptFile, part: Part) -> bytes:
        """The bytes of a part."""
        lying = self.store(file.store).get(file.id, part.name)
        data = self._opened(file.id, part.name, lying, may_be_plain=not file.sealed)
        if len(data) != part.size:
            raise PartLost(part.name)
        return data

    def put_together(self, file: KeptFile, path: Path) -> None:
        """The whole file, unsealed, at ``path``. Raises :class:`PartLost`, :class:`StoreFault` and ``OSError``."""
        with path.open("xb") as out:
            for piece in self.pieces(file):
                out.write(piece)

    def remove(self, file: KeptFile, now: datetime) -> None:
        """Delete the bytes of a file that is gone. Raises :class:`StoreFault`; then they go at the next look."""
        self.store(file.store).remove(file.id)
        with self.database.writing() as connection:
            store.forget_parts(connection, file.id, now=now)

    def tried(self) -> None:
        """Write, read and delete a part. Raises :class:`PartLost` and :class:`StoreFault`."""
        place, name, part = self.store(self.place), f"doctor-{secrets.token_hex(8)}", "000001-0"
        data = secrets.token_bytes(1_000)
        place.put(name, part, self._sealer.seal_bytes(data, _context(name, part)))
        try:
            if self._opened(name, part, place.get(name, part), may_be_plain=not self.seals) != data:
                raise PartLost(name)
        finally:
            place.remove(name)

    def _opened(self, file_id: str, part: str, lying: bytes, *, may_be_plain: bool) -> bytes:
        try:
            return self._sealer.open_bytes(lying, _context(file_id, part), may_be_plain=may_be_plain)
        except CannotOpen:
            raise PartLost(part) from None

    def _made(self, place: str) -> Store:
        if place == "database":
            return InDatabase(self.database)
        if place == "disk" and self._folder is not None:
            return OnDisk(self._folder)
        if place == "s3" and self._s3 is not None:
            return InBucket(self._s3)
        raise StoreFault(Why.AWAY, f"no settings for {place}")


def remove_gone(keeper: Keeper, file: KeptFile, *, now: datetime) -> bool:
    """Delete the bytes of a file that is gone; False where the store is away: the worker does it later."""
    try:
        keeper.remove(file, now)
    except StoreFault:
        return False
    return True


def open_upload(keeper: Keeper, *, owner: str, name: str, size: int, now: datetime) -> KeptFile | Refused:
    """Begin an upload."""
    with keeper.database.writing() as connection:
        return deeds.open_upload(
            connection,
            owner=owner,
            name=name,
            size=size,
            place=keeper.place,
            sealed=keeper.seals,
            limits=keeper.limits,
            now=now,
        )


def keep(
    keeper: Keeper, *, owner: str, name: str, size: int, chunks: Chunks, clock: Clock
) -> KeptFile | Refused:
    """Keep a file that lies here as a whole, as one comes with a form."""
    opened = open_upload(keeper, owner=owner, name=name, size=size, now=clock())
    if isinstance(opened, Refused) or opened.state is FileState.WHOLE:
        return opened
    return receive(keeper, opened.id, owner=owner, offset=0, chunks=chunks, clock=clock, takes_for=None)


def receive(
    keeper: Keeper,
    file_id: str,
    *,
    owner: str,
    offset: int,
    chunks: Chunks,
    clock: Clock,
    checksum: Checksum | None = None,
    takes_for: float | None = _TAKES_FOR,
) -> KeptFile | Refused:
    """Add bytes to a file from ``offset`` on; the file as it stands then. Raises :class:`BrokenOff`.

    With ``checksum`` they count all together or not at all. After ``takes_for`` seconds no more is taken.
    """
    writer = secrets.token_hex(8)
    with keeper.database.writing() as connection:
        file = deeds.begin_writing(
            connection,
            file_id,
            owner=owner,
            offset=offset,
            writer=writer,
            limits=keeper.limits,
            now=clock(),
        )
    if isinstance(file, Refused) or file.state is FileState.WHOLE:
        return file
    try:
        return _Receiving(keeper, file, writer, clock, checksum, takes_for).take(chunks)
    except StoreFault as fault:
        return Refused(fault.why)
    except PartLost:
        # Of what arrived something is not there any more: only the whole file helps.
        return Refused(Why.GONE)
    finally:
        with keeper.database.writing() as connection:
            deeds.stop_writing(connection, file_id, writer=writer)


@dataclass(slots=True)
class _Receiving:
    """One request that adds to a file."""

    keeper: Keeper
    file: KeptFile
    writer: str
    clock: Clock
    checksum: Checksum | None
    takes_for: float | None
    # What is not in the store yet, and the parts that are but do not count yet.
    held: bytearray = field(default_factory=bytearray)
    pending: list[Part] = field(default_factory=list)
    # Where the next part begins, and up to where the file counts.
    begins: int = 0
    counted: int = 0
    number: int = 1
    replaced: str | None = None

    def take(self, chunks: Chunks) -> KeptFile | Refused:
        """Take all chunks, or those of a while."""
        self._go_on_with_the_last_part()
        digest: Any = (
            None if self.checksum is None else hashlib.new(self.checksum.name, usedforsecurity=False)
        )
        began = said = time.monotonic()
        try:
            for chunk in chunks:
                if self.begins + len(self.held) + len(chunk) > self.file.size:
                    return Refused(Why.LONGER, self.counted)
                self.held += chunk
                if digest is not None:
                    digest.update(chunk)
                if len(self.held) >= PART:
                    if not self._put(PART):
                        return self._overtaken()
                    said = time.monotonic()
                elif time.monotonic() - said > _SAYS_SO_EVERY:
                    said = time.monotonic()
                    if not self._says_so():
                        return self._overtaken()
                if digest is None and self.takes_for and time.monotonic() - began > self.takes_for:
                    break
        except BrokenOff:
            if digest is None:
                self._put(len(self.held))
            raise
        if digest is not None and self.checksum is not None and digest.digest() != self.checksum.digest:
            return Refused(Why.CHECKSUM, self.counted)
        if not self._put(len(self.held), last=True):
            return self._overtaken()
        return self._stands()

    def _go_on_with_the_last_part(self) -> None:
        """Where the last part is short, write it anew together with what comes."""
        with self.keeper.database.reading() as connection:
            last = store.last_part(connection, self.file.id)
        self.begins = self.counted = self.file.arrived
        if last is None:
            return
        self.number = last.number + 1
        if last.size < SHORT:
            self.held += self.keeper.piece(self.file, last)
            self.begins -= last.size
            self.number, self.replaced = last.number, last.name

    def _put(self, size: int, *, last: bool = False) -> bool:
        """Put what is held into the store; False where somebody else writes by now."""
        place = self.keeper.store(self.file.store)
        end = self.begins + size
        if end > self.counted or self.pending:
            if size:
                name = f"{self.number:06}-{secrets.token_hex(4)}"
                data = bytes(self.held[:size])
                place.put(self.file.id, name, self.keeper.seal(self.file, data, name))
                self.pending.append(Part(self.number, name, size))
                self.number += 1
                del self.held[:size]
                self.begins = end
            if self.checksum is None or last:
                return self._count(place)
        return True

    def _count(self, place: Store) -> bool:
        with self.keeper.database.writing() as connection:
            counts = deeds.arrive(
                connection,
                self.file,
                self.pending,
                writer=self.writer,
                before=self.counted,
                after=self.begins,
                now=self.clock(),
            )
        if counts:
            self.counted, self.pending = self.begins, []
            if self.replaced is not None:
                place.drop(self.file.id, self.replaced)
                self.replaced = None
        else:
            # The file may be gone, and its parts with it: these came later.
            for part in self.pending:
                place.drop(self.file.id, part.name)
        return counts

    def _says_so(self) -> bool:
        with self.keeper.database.writing() as connection:
            return deeds.go_on_writing(connection, self.file.id, writer=self.writer, now=self.clock())

    def _overtaken(self) -> Refused:
        after = self._stands()
        return after if isinstance(after, Refused) else Refused(Why.OFFSET, after.arrived)

    def _stands(self) -> KeptFile | Refused:
        with self.keeper.database.reading() as connection:
            return deeds.state_of(
                connection,
                self.file.id,
                owner=self.file.owner,
                limits=self.keeper.limits,
                now=self.clock(),
            )


def _context(file_id: str, part: str) -> str:
    return f"kept file {file_id} {part}"
