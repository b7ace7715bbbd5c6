"""Take files in that are kept, as one delivery: in the request that hands them over, so that whoever waits learns at once.

Each is put together once, hashed, and its encoding and headings are read; the worker checks the rest in its turn.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from mypage.adapters.keeping.disk import DISK_FULL
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import Kind, State
from mypage.domain.kept_file import FileState, KeptFile, Refused, StoreFault, Why, kept_id
from mypage.domain.row_error import RowError
from mypage.services import kept_files as deeds
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.files import File, FileRefused, HandedFile, received, taken_in
from mypage.works.load.hold import LoadedElsewhere, insisting
from mypage.works.load.scratch import folder as scratch_folder
from mypage.works.load.source import put_together, refusable


@dataclass(frozen=True, slots=True)
class HowHanded:
    """What somebody chose for one of the files; as of a :class:`HandedFile`."""

    kind: Kind | None = None
    encoding: str | None = None
    snapshot: bool = False
    confirmed: bool = False
    without_errors: bool = False


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the files.

    ``batches`` are in their turn, or were checked as exactly this delivery before. ``in_force``: the same bytes are
    published already. ``refused_files``: nothing was made of any of them. ``loaded_elsewhere``: the same file is being
    checked as part of another delivery at this moment; nothing was made.
    """

    batches: tuple[Batch, ...] = ()
    in_force: tuple[Batch, ...] = ()
    refused_files: tuple[FileRefused, ...] = ()
    loaded_elsewhere: bool = False


def take_in(
    database: Database,
    keeper: Keeper,
    file_ids: Sequence[str],
    *,
    owner: str,
    actor: str,
    clock: Callable[[], datetime],
    scratch: Path | None,
    how: Sequence[HowHanded] | HowHanded = HowHanded(),
    kinds: Collection[Kind] | None = None,
) -> TakenIn | Refused:
    """Make batches in state 受付 of an owner's whole files. ``how``: one for all, or one for each.

    ``kinds``: a file of another kind is refused. :class:`Refused` where a file is unknown, gone or not whole, or the
    store is away.
    """
    chosen = _chosen(database, keeper, file_ids, owner, clock())
    if isinstance(chosen, Refused):
        return chosen
    each_how = [how] * len(chosen) if isinstance(how, HowHanded) else list(how)
    with scratch_folder(scratch) as folder:
        try:
            handed, refused = _put_together(keeper, chosen, each_how, folder)
        except StoreFault as fault:
            return Refused(fault.why)
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            return Refused(Why.SCRATCH_FULL)
        files, more = taken_in(handed)
        refused += more
        if kinds is not None:
            refused += [_not_allowed(file) for file in files if file.plan.kind not in kinds]
        if refused:
            return TakenIn(refused_files=tuple(refused))
        return _made(database, files, actor=actor, clock=clock)


def _chosen(
    database: Database, keeper: Keeper, file_ids: Sequence[str], owner: str, now: datetime
) -> list[KeptFile] | Refused:
    files = []
    with database.reading() as connection:
        for file_id in dict.fromkeys(file_ids):
            file = deeds.state_of(connection, file_id, owner=owner, limits=keeper.limits, now=now)
            if isinstance(file, Refused):
                return file
            if file.state is not FileState.WHOLE:
                return Refused(Why.NOT_WHOLE, file.arrived)
            files.append(file)
    return files


def _put_together(
    keeper: Keeper, files: Sequence[KeptFile], how: Sequence[HowHanded], folder: Path
) -> tuple[list[HandedFile], list[FileRefused]]:
    handed: list[HandedFile] = []
    refused: list[FileRefused] = []
    for place, (file, chosen) in enumerate(zip(files, how, strict=True)):
        path = folder / str(place)
        try:
            put_together(keeper, file, path)
        except Unreadable as error:
            code, facts = refusable(error)
            refused.append(FileRefused(file.name, chosen.kind, RowError(code, 0, "", "", "", facts)))
            continue
        handed.append(
            HandedFile(
                path,
                chosen.kind,
                chosen.encoding,
                chosen.snapshot,
                chosen.confirmed,
                chosen.without_errors,
                name=file.name,
                source=file.source,
            )
        )
    return handed, refused


def _made(
    database: Database, files: Sequence[File], *, actor: str, clock: Callable[[], datetime]
) -> TakenIn | Refused:
    now = clock()

    def hand_over(connection: Connection, taken: Sequence[File]) -> None:
        for file in taken:
            if not deeds.hand_over(connection, _id_of(file), confirmed=file.handed.confirmed, now=now):
                raise _GoneMeanwhileError

    with holding(database) as hold:
        try:
            taken = insisting(
                lambda: received(
                    database, files, hold, actor=actor, now=now, state=State.RECEIVED, also=hand_over
                )
            )
        except LoadedElsewhere:
            return TakenIn(loaded_elsewhere=True)
        except _GoneMeanwhileError:
            return Refused(Why.GONE)
    with database.reading() as connection:
        found = [store.get(connection, file.batch.id) for file in files if file.batch is not None]
    return TakenIn(tuple(batch for batch in found if batch is not None), taken.in_force)


class _GoneMeanwhileError(Exception):
    """A file was deleted while it was taken in."""


def _id_of(file: File) -> str:
    return kept_id(file.handed.source or "") or ""


def _not_allowed(file: File) -> FileRefused:
    return FileRefused(file.handed.filename, file.plan.kind, RowError("kind_not_allowed", 0, "", "", ""))
