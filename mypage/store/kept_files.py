"""Rows of kept files and of their parts."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from mypage.domain.batch import State
from mypage.domain.kept_file import FileState, Gone, KeptFile, Part
from mypage.store.schema import batch, kept_file, kept_part

_FIELDS = tuple(kept_file.c[name] for name in KeptFile.__dataclass_fields__)
_OWNER = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
# Batches that may still have to be read from their file: nobody deletes it under them.
_NEED_THEIR_FILE = (
    State.RECEIVED.value,
    State.CHECKING.value,
    State.APPROVED.value,
    State.SCHEDULED.value,
)


def lock_owner(connection: Connection, owner: str) -> None:
    """Let nobody else open an upload for ``owner`` until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(_OWNER, {"name": f"kept_file:{owner}"})


def add(connection: Connection, file: KeptFile) -> None:
    """A new file."""
    values = {name: getattr(file, name) for name in KeptFile.__dataclass_fields__}
    connection.execute(insert(kept_file).values(**values))


def get(connection: Connection, file_id: str) -> KeptFile | None:
    """A file by its id."""
    row = connection.execute(select(*_FIELDS).where(kept_file.c.id == file_id)).first()
    return None if row is None else _file(row)


def locked(connection: Connection, file_id: str) -> KeptFile | None:
    """A file by its id; nobody else changes it until the end of the transaction."""
    query = select(*_FIELDS).where(kept_file.c.id == file_id).with_for_update()
    row = connection.execute(query).first()
    return None if row is None else _file(row)


class Unused(NamedTuple):
    """How many files there are of which nothing was made yet, how many of them are open, and the bytes of all of them."""

    files: int
    open: int
    bytes: int


def unused_sums(connection: Connection, owner: str) -> Unused:
    """What of an owner's nothing was made of yet; of an unfinished file all bytes count, also those that are to come."""
    is_open = kept_file.c.state == FileState.OPEN.value
    sums = select(func.count(), func.count(case((is_open, 1))), func.coalesce(func.sum(kept_file.c.size), 0))
    return Unused(*(int(each) for each in connection.execute(sums.where(_is_unused(owner))).one()))


def unused_of(connection: Connection, owner: str) -> list[KeptFile]:
    """An owner's files of which nothing was made yet, whole or not, the oldest first."""
    query = select(*_FIELDS).where(_is_unused(owner)).order_by(kept_file.c.opened_at, kept_file.c.id)
    return [_file(row) for row in connection.execute(query)]


def claim(
    connection: Connection, file_id: str, *, offset: int, writer: str, until: datetime, now: datetime
) -> bool:
    """Let ``writer`` alone add to an open file that stands at ``offset``; False where another does, or it moved."""
    free = or_(kept_file.c.writer.is_(None), kept_file.c.writer_until <= now)
    stands = and_(
        kept_file.c.id == file_id,
        kept_file.c.state == FileState.OPEN.value,
        kept_file.c.arrived == offset,
        free,
    )
    values = {"writer": writer, "writer_until": until, "touched_at": now}
    return connection.execute(update(kept_file).where(stands).values(**values)).rowcount == 1


def hold_on(connection: Connection, file_id: str, *, writer: str, until: datetime) -> bool:
    """Let a writer go on; False where it is no longer the one."""
    mine = and_(kept_file.c.id == file_id, kept_file.c.writer == writer)
    return connection.execute(update(kept_file).where(mine).values(writer_until=until)).rowcount == 1


def release(connection: Connection, file_id: str, *, writer: str) -> None:
    """Let the next writer come."""
    mine = and_(kept_file.c.id == file_id, kept_file.c.writer == writer)
    connection.execute(update(kept_file).where(mine).values(writer=None, writer_until=None))


def advance(
    connection: Connection, file_id: str, *, writer: str, before: int, after: int, now: datetime
) -> bool:
    """Move the offset on; False where somebody else writes by now, or the file is gone."""
    stands = and_(
        kept_file.c.id == file_id,
        kept_file.c.state == FileState.OPEN.value,
        kept_file.c.arrived == before,
        kept_file.c.writer == writer,
    )
    moved = update(kept_file).where(stands).values(arrived=after, touched_at=now)
    return connection.execute(moved).rowcount == 1


def change(connection: Connection, file_id: str, **values: Any) -> None:
    """Change columns of a file."""
    connection.execute(update(kept_file).where(kept_file.c.id == file_id).values(**values))


def parts(connection: Connection, file_id: str) -> list[Part]:
    """The parts of a file in their order."""
    query = select(kept_part.c.number, kept_part.c.name, kept_part.c.size)
    rows = connection.execute(query.where(kept_part.c.file_id == file_id).order_by(kept_part.c.number))
    return [Part(row.number, row.name, row.size) for row in rows]


def last_part(connection: Connection, file_id: str) -> Part | None:
    """The last part of a file."""
    query = select(kept_part.c.number, kept_part.c.name, kept_part.c.size)
    row = connection.execute(
        query.where(kept_part.c.file_id == file_id).order_by(kept_part.c.number.desc()).limit(1)
    ).first()
    return None if row is None else Part(row.number, row.name, row.size)


def put_part(connection: Connection, file_id: str, part: Part) -> None:
    """Note a part, instead of the one in its place where there is one."""
    in_place = and_(kept_part.c.file_id == file_id, kept_part.c.number == part.number)
    connection.execute(delete(kept_part).where(in_place))
    values = {"file_id": file_id, "number": part.number, "name": part.name, "size": part.size}
    connection.execute(insert(kept_part).values(**values))


def forget_parts(connection: Connection, file_id: str, *, now: datetime) -> None:
    """Nothing of a file lies in its store any more."""
    connection.execute(delete(kept_part).where(kept_part.c.file_id == file_id))
    connection.execute(update(kept_file).where(kept_file.c.id == file_id).values(removed_at=now))


def unused(connection: Connection, touched_before: datetime, limit: int) -> list[KeptFile]:
    """Files of which nothing was made, and that nobody touched since; the oldest first."""
    old = and_(
        kept_file.c.state.in_((FileState.OPEN.value, FileState.WHOLE.value)),
        kept_file.c.handed_at.is_(None),
        kept_file.c.touched_at <= touched_before,
    )
    query = select(*_FIELDS).where(old).order_by(kept_file.c.touched_at).limit(limit)
    return [_file(row) for row in connection.execute(query)]


def aged(connection: Connection, handed_before: datetime, limit: int) -> list[KeptFile]:
    """Files that became batches before then and that no batch needs; the oldest first."""
    old = and_(
        kept_file.c.state == FileState.WHOLE.value,
        kept_file.c.handed_at <= handed_before,
        ~_is_needed(kept_file.c.id),
    )
    query = select(*_FIELDS).where(old).order_by(kept_file.c.handed_at).limit(limit)
    return [_file(row) for row in connection.execute(query)]


def is_needed(connection: Connection, file_id: str) -> bool:
    """Whether a batch may still have to be read from this file."""
    return bool(connection.execute(select(_is_needed(file_id))).scalar_one())


def left_over(connection: Connection, limit: int) -> list[KeptFile]:
    """Files that are gone, of which something may still lie in their store."""
    left = and_(kept_file.c.state == FileState.GONE.value, kept_file.c.removed_at.is_(None))
    return [_file(row) for row in connection.execute(select(*_FIELDS).where(left).limit(limit))]


def by_store(connection: Connection) -> dict[str, int]:
    """How many files lie in each store."""
    there = kept_file.c.state != FileState.GONE.value
    query = select(kept_file.c.store, func.count()).where(there).group_by(kept_file.c.store)
    return {str(store): int(count) for store, count in connection.execute(query)}


def _is_unused(owner: str) -> ColumnElement[bool]:
    return and_(
        kept_file.c.owner == owner,
        kept_file.c.state.in_((FileState.OPEN.value, FileState.WHOLE.value)),
        kept_file.c.handed_at.is_(None),
    )


def _is_needed(file_id: Any) -> Any:
    names = batch.c.source == "kept:" + file_id
    waits = or_(batch.c.state.in_(_NEED_THEIR_FILE), batch.c.publish_at.is_not(None))
    return select(batch.c.id).where(names, waits).exists()


def _file(row: Row[Any]) -> KeptFile:
    values = dict(row._mapping)
    values["state"] = FileState(values["state"])
    values["gone_why"] = None if values["gone_why"] is None else Gone(values["gone_why"])
    return KeptFile(**values)
