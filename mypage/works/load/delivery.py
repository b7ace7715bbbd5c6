"""Check a delivery: all its files, each against the master and the customers of the same delivery.

Called alike by the command line, the worker and the web. ``clock`` gives the time, because a check takes long.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from mypage.adapters.reading.encoding import SHOWN
from mypage.adapters.reading.received import Received, receive
from mypage.adapters.reading.records import records
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import LEAVES_OUT, LOADING_ORDER, PUBLISHABLE, WITHOUT_ERRORS, Kind
from mypage.domain.columns import HeadingDefect, Plan, plan
from mypage.domain.customer_number import fold
from mypage.domain.row_error import RowError
from mypage.services import batch_requests
from mypage.services import batches as deeds
from mypage.store import batch_reports
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.checking import Hold, holding
from mypage.store.engine import Database
from mypage.works.load.hold import LoadedElsewhere, insisting, take
from mypage.works.load.one_file import checked
from mypage.works.load.ready import Ready
from mypage.works.load.scratch import folder as scratch_folder
from mypage.works.load.stage import stage, unstage, whole
from mypage.works.load.task import Delivered, LoadRules, Progress, Task, no_progress

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file as somebody hands it over. ``kind`` and ``encoding`` force what is otherwise seen from the file.

    ``without_errors``: statements with an error are left out, and the others can be published
    ([エラーの請求を除いて公開]).
    """

    path: Path
    kind: Kind | None = None
    encoding: str | None = None
    snapshot: bool = False
    confirmed: bool = False
    without_errors: bool = False


@dataclass(frozen=True, slots=True)
class FileRefused:
    """A file that could not even be taken in: why, as a code with facts."""

    filename: str
    kind: Kind | None
    error: RowError


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


@dataclass(slots=True)
class _File:
    handed: HandedFile
    received: Received
    plan: Plan
    batch: Batch | None = None
    task: Task | None = None
    ready: tuple[Ready, ...] = ()


def check(
    database: Database,
    handed: Sequence[HandedFile],
    *,
    rules: LoadRules,
    scratch: Path | None,
    actor: str,
    clock: Clock,
    progress: Progress = no_progress,
) -> Outcome:
    """Check files as one delivery and stage them if there is no error in any of them.

    ``scratch`` is where spools lie while it runs (None: the system's folder for such files). Raises
    :class:`LoadedElsewhere` where another process checks one of them at this moment.
    """
    files, refused = _taken_in(handed, progress)
    if refused:
        return Outcome(refused_files=tuple(refused))
    with holding(database) as hold:
        taken = insisting(lambda: _received(database, files, hold, uuid.uuid4().hex, actor, clock()))
        waiting = [file for file in files if file.batch is not None]
        if taken.to_check:
            with scratch_folder(scratch) as folder:
                with database.reading() as connection:
                    epoch = store.publication_now(connection).epoch
                is_well = _check_all(database, waiting, folder, rules, clock(), progress)
                _finish(database, waiting, epoch, rules, actor, clock, progress, is_well=is_well)
    with database.reading() as connection:
        batches = [store.get(connection, file.batch.id) for file in waiting if file.batch is not None]
    return Outcome(tuple(batch for batch in batches if batch is not None), taken.in_force)


def check_again(
    database: Database,
    batches: Sequence[Batch],
    *,
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
    handed: list[HandedFile] = []
    for batch in batches:
        forced = batch.options.get("kind")
        handed.append(
            HandedFile(
                Path(batch.source),
                None if forced is None else Kind(forced),
                batch.options.get("encoding"),
                bool(batch.options.get("snapshot")),
                confirmed=True,
                without_errors=without_errors or bool(batch.options.get(WITHOUT_ERRORS)),
            )
        )
        try:
            same = receive(handed[-1].path).sha256 == batch.sha256
        except Unreadable as error:
            refused = FileRefused(
                batch.filename, batch.kind, RowError(error.code, 0, "", "", "", error.facts)
            )
            return Outcome(refused_files=(refused,))
        if not same:
            refused = FileRefused(batch.filename, batch.kind, RowError("file_changed", 0, "", "", ""))
            return Outcome(refused_files=(refused,))
    return check(database, handed, rules=rules, scratch=scratch, actor=actor, clock=clock, progress=progress)


def _taken_in(handed: Sequence[HandedFile], progress: Progress) -> tuple[list[_File], list[FileRefused]]:
    files: list[_File] = []
    refused: list[FileRefused] = []
    for each in handed:
        try:
            received = receive(
                each.path, encoding=each.encoding, progress=lambda read: progress("receive", read, 0, 0)
            )
            headings = next((row for row in records(received.path, received.codec) if any(row)), [])
            if not headings:
                raise Unreadable("file_empty")
        except Unreadable as error:
            row_error = RowError(error.code, 0, "", "", "", error.facts)
            refused.append(FileRefused(each.path.name, each.kind, row_error))
            continue
        found = plan(headings, each.kind)
        if isinstance(found, HeadingDefect):
            row_error = RowError(found.code, 1, "", "", "", found.facts)
            refused.append(FileRefused(each.path.name, each.kind, row_error))
        elif any(received.sha256 == file.received.sha256 for file in files):
            refused.append(FileRefused(each.path.name, found.kind, RowError("file_twice", 0, "", "", "")))
        else:
            files.append(_File(each, received, found))
    # Two files of a kind keep their order: the later one corrects the earlier one.
    files.sort(key=lambda file: LOADING_ORDER.index(file.plan.kind))
    return files, refused


def _received(
    database: Database, files: Sequence[_File], hold: Hold, delivery: str, actor: str, now: datetime
) -> deeds.Taken:
    """Take the files in as batches; each file learns which one is its. What is to be checked is held from then on."""
    handed = [_handed(file) for file in files]
    with database.writing() as connection:
        taken = deeds.receive(connection, handed, delivery=delivery, actor=actor, now=now)
        if taken.to_check:
            take(hold, [batch.id for batch in taken.batches if batch is not None])
    for file, batch in zip(files, taken.batches, strict=True):
        file.batch = batch
    return taken


def _handed(file: _File) -> deeds.Handed:
    options: dict[str, Any] = {}
    if file.handed.snapshot and file.plan.kind is Kind.CUSTOMERS:
        options["snapshot"] = True
    if file.handed.without_errors and file.plan.kind in LEAVES_OUT:
        options[WITHOUT_ERRORS] = True
    if file.handed.encoding is not None:
        options["encoding"] = file.handed.encoding
    if file.handed.kind is not None:
        options["kind"] = file.handed.kind.value
    return deeds.Handed(
        kind=file.plan.kind,
        sha256=file.received.sha256,
        options=options,
        filename=file.handed.path.name,
        source=str(file.handed.path.absolute()),
        size=file.received.size,
        encoding=SHOWN.get(file.received.codec, "Excel"),
    )


def _check_all(
    database: Database,
    files: Sequence[_File],
    folder: Path,
    rules: LoadRules,
    now: datetime,
    progress: Progress,
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
        file.ready = checked(file.task, file.received, progress)
        months = frozenset(file.task.counts.get("months", ()))
        delivered.setdefault(file.plan.kind, []).append(Delivered(file.ready[0], months))
    return all(file.task is not None and not file.task.blocking for file in files)


def _finish(
    database: Database,
    files: Sequence[_File],
    epoch: int,
    rules: LoadRules,
    actor: str,
    clock: Clock,
    progress: Progress,
    *,
    is_well: bool,
) -> None:
    """Stage what was found to be well, or remove what an earlier check staged; then say so."""
    for file in files:
        assert file.batch is not None  # noqa: S101 - it was checked
        if is_well:
            rows = sum(part.rows for part in file.ready)
            progress("stage", 0, rows, 0)
            stage(
                database,
                file.plan.kind,
                file.batch.id,
                file.ready,
                lambda done, rows=rows: progress("stage", done, rows, done),  # type: ignore[misc]
            )
        else:
            unstage(database, file.plan.kind, file.batch.id)
    reports = [_written(database, file) for file in files]
    now = clock()
    with database.writing() as connection:
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


def _written(database: Database, file: _File) -> str:
    """Write all that the check of a file told; the name under which its parts lie."""
    assert file.batch is not None and file.task is not None  # noqa: S101, PT018 - it was checked
    name = uuid.uuid4().hex
    for number, (entries, packed) in enumerate(file.task.report.parts()):
        # Each in its own short transaction: on SQLite nobody waits for a long report.
        with database.writing() as connection:
            batch_reports.add(connection, file.batch.id, name, number, entries=entries, packed=packed)
    return name
