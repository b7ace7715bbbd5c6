"""Check a delivery: all its files, each against the master and the customers of the same delivery.

Called alike by the command line, the worker and the web. ``clock`` gives the time, because a check takes long.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from mypage.adapters.reading.received import receive
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import PUBLISHABLE, WITHOUT_ERRORS, Kind, State
from mypage.domain.customer_number import fold
from mypage.domain.kept_file import StoreFault
from mypage.domain.row_error import RowError
from mypage.services import batch_requests
from mypage.services import batches as deeds
from mypage.store import batch_reports
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.files import File, FileRefused, HandedFile, received, taken_in
from mypage.works.load.hold import LoadedElsewhere, insisting
from mypage.works.load.one_file import checked
from mypage.works.load.ready import Ready
from mypage.works.load.scratch import folder as scratch_folder
from mypage.works.load.source import opened, refusable
from mypage.works.load.stage import stage, unstage, whole
from mypage.works.load.task import Delivered, LoadRules, Progress, Task, no_progress

Clock = Callable[[], datetime]
__all__ = ["Clock", "FileRefused", "HandedFile", "Outcome", "check", "check_again", "check_held"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery. ``in_force``: the same bytes are published already, nothing was done."""

    batches: tuple[Batch, ...] = ()
    in_force: tuple[Batch, ...] = ()
    refused_files: tuple[FileRefused, ...] = ()

    @property
    def is_well(self) -> bool:
        """Whether every file can be published, or is."""
        return not self.refused_files and all(batch.state in PUBLISHABLE for batch in self.batches)


def check(
    database: Database,
    handed: Sequence[HandedFile],
    *,
    rules: LoadRules,
    scratch: Path | None,
    actor: str,
    clock: Clock,
    progress: Progress = no_progress,
    again: bool = False,
) -> Outcome:
    """Check files as one delivery and stage them if there is no error in any of them.

    ``scratch`` is where spools lie while it runs (None: the system's folder for such files). ``again`` as at
    :func:`mypage.services.batches.receive`. Raises :class:`LoadedElsewhere` where another process checks one of them at
    this moment.
    """
    files, refused = taken_in(handed, progress)
    if refused:
        return Outcome(refused_files=tuple(refused))
    with holding(database) as hold:
        taken = insisting(
            lambda: received(
                database, files, hold, actor=actor, now=clock(), state=State.CHECKING, again=again
            )
        )
        waiting = [file for file in files if file.batch is not None]
        if taken.to_check:
            with scratch_folder(scratch) as folder:
                with database.reading() as connection:
                    epoch = store.publication_now(connection).epoch
                is_well = _check_all(database, waiting, folder, rules, clock(), lambda _id: progress)
                _finish(database, waiting, epoch, rules, actor, clock, lambda _id: progress, is_well=is_well)
    with database.reading() as connection:
        batches = [store.get(connection, file.batch.id) for file in waiting if file.batch is not None]
    return Outcome(tuple(batch for batch in batches if batch is not None), taken.in_force)


def check_again(
    database: Database,
    batches: Sequence[Batch],
    *,
    keeper: Keeper,
    rules: LoadRules,
    scratch: Path | None,
    actor: str,
    clock: Clock,
    without_errors: bool = False,
    progress: Progress = no_progress,
) -> Outcome:
    """Check a delivery anew from the files as they were received, because something was published since.

    ``without_errors`` is chosen by whoever publishes what was refused; a choice made before stays.
    """
    try:
        with opened(keeper, batches, scratch, confirmed=True) as files:
            handed = [replace(each, without_errors=each.without_errors or without_errors) for each in files]
            for file, batch in zip(handed, batches, strict=True):
                if receive(file.path).sha256 != batch.sha256:
                    raise Unreadable("file_changed")
            return check(
                database,
                handed,
                rules=rules,
                scratch=scratch,
                actor=actor,
                clock=clock,
                progress=progress,
                again=True,
            )
    except (Unreadable, StoreFault) as error:
        code, facts = refusable(error)
        # All of them stand or fall together; which one it was, its sentence says.
        name = batches[0]
        return Outcome(
            refused_files=(FileRefused(name.filename, name.kind, RowError(code, 0, "", "", "", facts)),)
        )


def check_held(
    database: Database,
    batches: Sequence[Batch],
    handed: Sequence[HandedFile],
    *,
    rules: LoadRules,
    scratch: Path | None,
    actor: str,
    clock: Clock,
    progress_of: Callable[[int], Progress],
) -> FileRefused | None:
    """Check batches that are 検査中 and that the caller holds, as one delivery; why a file cannot even be taken in.

    ``progress_of`` gives for a batch who is told how far it is.
    """
    files, refused = taken_in(handed)
    if refused:
        return refused[0]
    of_bytes = {batch.sha256: batch for batch in batches}
    for file in files:
        file.batch = of_bytes.get(file.received.sha256)
        if file.batch is None or file.batch.kind is not file.plan.kind:
            return FileRefused(file.handed.filename, file.plan.kind, RowError("file_changed", 0, "", "", ""))
    with scratch_folder(scratch) as folder:
        with database.reading() as connection:
            epoch = store.publication_now(connection).epoch
        is_well = _check_all(database, files, folder, rules, clock(), progress_of)
        _finish(database, files, epoch, rules, actor, clock, progress_of, is_well=is_well)
    return None


def _check_all(
    database: Database,
    files: Sequence[File],
    folder: Path,
    rules: LoadRules,
    now: datetime,
    progress_of: Callable[[int], Progress],
) -> bool:
    """Check each file into its ready rows; whether all of them are without errors."""
    delivered: dict[Kind, list[Delivered]] = {}
    for place, file in enumerate(files):
        assert file.batch is not None  # noqa: S101 - only received files are checked
        own = folder / str(place)
        own.mkdir()
        leaves_out = bool(file.batch.options.get(WITHOUT_ERRORS))
        file.task = Task(
            database=database,
            batch_id=file.batch.id,
            plan=file.plan,
            folder=own,
            rules=rules,
            fold=partial(fold, pattern=rules.number_pattern),
            now=now,
            delivered=delivered,
            left_out=Ready(own / "left-out") if leaves_out else None,
            snapshot=bool(file.batch.options.get("snapshot")),
            confirmed=file.handed.confirmed,
        )
        file.ready = checked(file.task, file.received, progress_of(file.batch.id))
        months = frozenset(file.task.counts.get("months", ()))
        delivered.setdefault(file.plan.kind, []).append(Delivered(file.ready[0], months))
    return all(file.task is not None and not file.task.blocking for file in files)


def _finish(
    database: Database,
    files: Sequence[File],
    epoch: int,
    rules: LoadRules,
    actor: str,
    clock: Clock,
    progress_of: Callable[[int], Progress],
    *,
    is_well: bool,
) -> None:
    """Stage what was found to be well, or remove what an earlier check staged; then say so."""
    for file in files:
        assert file.batch is not None  # noqa: S101 - it was checked
        if is_well:
            rows, progress = sum(part.rows for part in file.ready), progress_of(file.batch.id)
            progress("stage", 0, rows, 0)
            stage(
                database,
                file.plan.kind,
                file.batch.id,
                file.ready,
                lambda done, rows=rows, progress=progress: progress("stage", done, rows, done),  # type: ignore[misc]
            )
        else:
            unstage(database, file.plan.kind, file.batch.id)
    reports = [_written(database, file) for file in files]
    now = clock()
    with database.writing() as connection:
        store.lock_all(connection, [file.batch.id for file in files if file.batch is not None])
        for file, name in zip(files, reports, strict=True):
            assert file.batch is not None and file.task is not None  # noqa: S101, PT018 - it was checked
            report = file.task.report
            counts = {**file.task.counts, "causes": report.grouped()}
            found = deeds.Found(
                counts,
                report.errors,
                report.warnings,
                report.first(),
                name,
                file.task.newest_month,
                epoch,
                whole(file.ready) if is_well else None,
                tuple(file.task.former_holders) if is_well else (),
            )
            finished = deeds.finish_check(
                connection, file.batch.id, found, refused=not is_well, actor=actor, now=now
            )
            if not finished:
                raise LoadedElsewhere
        batch_requests.settle(
            connection,
            [file.batch.id for file in files if file.batch is not None],
            by=actor,
            second_person=rules.second_person,
            life=rules.request_life,
            now=now,
        )


def _written(database: Database, file: File) -> str:
    """Write all that the check of a file told; the name under which its parts lie."""
    assert file.batch is not None and file.task is not None  # noqa: S101, PT018 - it was checked
    name = uuid.uuid4().hex
    for number, (entries, packed) in enumerate(file.task.report.parts()):
        # Each in its own short transaction: on SQLite nobody waits for a long report.
        with database.writing() as connection:
            batch_reports.add(connection, file.batch.id, name, number, entries=entries, packed=packed)
    return name
