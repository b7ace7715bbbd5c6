"""Deeds on files that are handed over: an upload begins, its bytes arrive, it becomes a batch, it is deleted."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from mypage.domain.kept_file import FileState, Gone, KeptFile, Limits, Part, Refused, Why, told_name
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import kept_files as store

# A request of which nothing was heard for so long writes no more: the next one may.
WRITES_UNHEARD: Final = timedelta(seconds=15)


def open_upload(
    connection: Connection,
    *,
    owner: str,
    name: str,
    size: int,
    place: str,
    sealed: bool,
    limits: Limits,
    now: datetime,
) -> KeptFile | Refused:
    """Begin an upload of ``size`` bytes, whose parts will lie in the store named ``place``, all of them ``sealed`` or not."""
    if size > limits.largest:
        return Refused(Why.TOO_LARGE)
    store.lock_owner(connection, owner)
    unused = store.unused_sums(connection, owner)
    if unused.open >= limits.open_at_once:
        return Refused(Why.TOO_MANY)
    if unused.files >= limits.unused_at_once or unused.bytes + size > limits.unused_bytes:
        return Refused(Why.TOO_MUCH)
    file = KeptFile(
        id=uuid.uuid4().hex,
        owner=owner,
        name=told_name(name),
        size=size,
        arrived=0,
        # Nothing is missing of an empty one.
        state=FileState.OPEN if size else FileState.WHOLE,
        store=place,
        sealed=sealed,
        confirmed=False,
        opened_at=now,
        touched_at=now,
        whole_at=None if size else now,
        handed_at=None,
        gone_at=None,
        gone_why=None,
    )
    store.add(connection, file)
    return file


def find(connection: Connection, file_id: str, *, owner: str) -> KeptFile | None:
    """A file of that owner; None where there is none, or it is another's."""
    file = store.get(connection, file_id)
    return file if file is not None and file.owner == owner else None


def unused_of(connection: Connection, owner: str, *, limits: Limits, now: datetime) -> list[KeptFile]:
    """An owner's uploads, unfinished or whole, of which nothing was made yet and which can go on."""
    return [file for file in store.unused_of(connection, owner) if not _is_over(file, limits=limits, now=now)]


def whole_of(connection: Connection, owner: str, *, limits: Limits, now: datetime) -> list[KeptFile]:
    """Those of them that are whole."""
    found = unused_of(connection, owner, limits=limits, now=now)
    return [file for file in found if file.state is FileState.WHOLE]


def state_of(
    connection: Connection, file_id: str, *, owner: str, limits: Limits, now: datetime
) -> KeptFile | Refused:
    """A file as its owner may go on with it; refused where there is none (any more)."""
    file = find(connection, file_id, owner=owner)
    if file is None:
        return Refused(Why.UNKNOWN)
    if file.state is FileState.GONE:
        return Refused(Why.EXPIRED if file.gone_why is Gone.EXPIRED else Why.GONE)
    if _is_over(file, limits=limits, now=now):
        return Refused(Why.EXPIRED)
    return file


def begin_writing(
    connection: Connection,
    file_id: str,
    *,
    owner: str,
    offset: int,
    writer: str,
    limits: Limits,
    now: datetime,
) -> KeptFile | Refused:
    """Let ``writer`` add to a file from ``offset`` on; one at a time, and only where the file stands."""
    file = state_of(connection, file_id, owner=owner, limits=limits, now=now)
    if isinstance(file, Refused):
        return file
    if offset != file.arrived:
        return Refused(Why.OFFSET, file.arrived)
    if file.state is FileState.WHOLE:
        return file
    until = now + WRITES_UNHEARD
    if store.claim(connection, file_id, offset=offset, writer=writer, until=until, now=now):
        return file
    after = store.get(connection, file_id)
    moved = after is not None and after.arrived != offset
    return Refused(Why.OFFSET, after.arrived) if after is not None and moved else Refused(Why.BUSY, offset)


def go_on_writing(connection: Connection, file_id: str, *, writer: str, now: datetime) -> bool:
    """The writer is still there, though no part of it came to its end; False where another took over."""
    return store.hold_on(connection, file_id, writer=writer, until=now + WRITES_UNHEARD)


def stop_writing(connection: Connection, file_id: str, *, writer: str) -> None:
    """Let the next writer come at once."""
    store.release(connection, file_id, writer=writer)


def arrive(
    connection: Connection,
    file: KeptFile,
    parts: Iterable[Part],
    *,
    writer: str,
    before: int,
    after: int,
    now: datetime,
) -> bool:
    """Parts lie in the store: the file stands at ``after``, and is whole where that is all of it.

    False where somebody else writes by now, or the file is gone; then nothing of it counts.
    """
    if not store.advance(connection, file.id, writer=writer, before=before, after=after, now=now):
        return False
    for part in parts:
        store.put_part(connection, file.id, part)
    if after == file.size:
        store.change(
            connection,
            file.id,
            state=FileState.WHOLE.value,
            whole_at=now,
            writer=None,
            writer_until=None,
        )
    else:
        store.hold_on(connection, file.id, writer=writer, until=now + WRITES_UNHEARD)
    return True


def hand_over(connection: Connection, file_id: str, *, confirmed: bool, now: datetime) -> bool:
    """A whole file becomes a batch; False where it is not whole (any more)."""
    file = store.locked(connection, file_id)
    if file is None or file.state is not FileState.WHOLE:
        return False
    store.change(connection, file_id, handed_at=now, touched_at=now, confirmed=confirmed)
    return True


def discard(connection: Connection, file_id: str, *, owner: str, actor: str, now: datetime) -> Refused | None:
    """Whoever handed a file over does not want it any more; refused where a batch was made of it."""
    file = store.locked(connection, file_id)
    if file is None or file.owner != owner:
        return Refused(Why.UNKNOWN)
    if file.state is FileState.GONE:
        return Refused(Why.EXPIRED if file.gone_why is Gone.EXPIRED else Why.GONE)
    if file.handed_at is not None:
        return Refused(Why.IN_USE)
    _go(connection, file, Gone.DISCARDED, actor=actor, now=now)
    return None


def purge(connection: Connection, file_id: str, *, limits: Limits, actor: str, now: datetime) -> bool:
    """Let a file whose time is over be gone; False where it is not, or a batch needs it. Its bytes go afterwards."""
    file = store.locked(connection, file_id)
    if file is None or file.state is FileState.GONE or not _is_over(file, limits=limits, now=now):
        return False
    if file.handed_at is not None and store.is_needed(connection, file_id):
        return False
    why = Gone.EXPIRED if file.handed_at is None else Gone.AGED
    _go(connection, file, why, actor=actor, now=now)
    return True


def download(connection: Connection, file: KeptFile, *, batch_id: int, actor: str, now: datetime) -> None:
    """Somebody takes the file of a batch out of the portal: it stands in the trail before the first byte leaves."""
    trail.record(connection, Action.FILE_DOWNLOADED, actor=actor, now=now, batch_id=batch_id, file_id=file.id)


def _is_over(file: KeptFile, *, limits: Limits, now: datetime) -> bool:
    over = file.expires_at(limits)
    return over is not None and over <= now


def _go(connection: Connection, file: KeptFile, why: Gone, *, actor: str, now: datetime) -> None:
    store.change(
        connection,
        file.id,
        state=FileState.GONE.value,
        gone_at=now,
        gone_why=why.value,
        writer=None,
        writer_until=None,
    )
    trail.record(connection, Action.FILE_DELETED, actor=actor, now=now, file_id=file.id, reason=why.value)
