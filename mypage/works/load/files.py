"""Files of a delivery: as they are handed over, as they are taken in, and what cannot be taken in."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from mypage.adapters.reading.encoding import SHOWN
from mypage.adapters.reading.received import Received, receive
from mypage.adapters.reading.records import records
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.batch import LEAVES_OUT, LOADING_ORDER, WITHOUT_ERRORS, Kind, State
from mypage.domain.columns import HeadingDefect, Plan, plan
from mypage.domain.row_error import RowError
from mypage.services import batches as deeds
from mypage.store.batches import Batch
from mypage.store.checking import Hold
from mypage.store.engine import Database
from mypage.works.load.hold import take
from mypage.works.load.ready import Ready
from mypage.works.load.task import Progress, Task, no_progress


@dataclass(frozen=True, slots=True)
class HandedFile:
    """A file as somebody hands it over. ``kind`` and ``encoding`` force what is otherwise seen from the file.

    ``without_errors``: statements with an error are left out, and the others can be published
    ([エラーの請求を除いて公開]). ``name`` and ``source`` are those of a file that we keep; else they are the path's.
    """

    path: Path
    kind: Kind | None = None
    encoding: str | None = None
    snapshot: bool = False
    confirmed: bool = False
    without_errors: bool = False
    name: str | None = None
    source: str | None = None

    @property
    def filename(self) -> str:
        """Its name as whoever handed it over knows it."""
        return self.path.name if self.name is None else self.name


@dataclass(frozen=True, slots=True)
class FileRefused:
    """A file that could not even be taken in: why, as a code with facts."""

    filename: str
    kind: Kind | None
    error: RowError


@dataclass(slots=True)
class File:
    """A file of a delivery whose encoding and headings were read, and what its check made of it."""

    handed: HandedFile
    received: Received
    plan: Plan
    batch: Batch | None = None
    task: Task | None = None
    ready: tuple[Ready, ...] = ()


def taken_in(
    handed: Sequence[HandedFile], progress: Progress = no_progress
) -> tuple[list[File], list[FileRefused]]:
    """Hash each file and read its encoding and headings: those that can be checked, in the order of checking, and the others."""
    files: list[File] = []
    refused: list[FileRefused] = []
    for each in handed:
        try:
            received = receive(
                each.path, encoding=each.encoding, progress=lambda read: progress("receive", read, 0, 0)
            )
            with records(received.path, received.codec) as rows:
                headings = next((row for row in rows if any(row)), [])
            if not headings:
                raise Unreadable("file_empty")
        except Unreadable as error:
            row_error = RowError(error.code, 0, "", "", "", error.facts)
            refused.append(FileRefused(each.filename, each.kind, row_error))
            continue
        found = plan(headings, each.kind)
        if isinstance(found, HeadingDefect):
            row_error = RowError(found.code, 1, "", "", "", found.facts)
            refused.append(FileRefused(each.filename, each.kind, row_error))
        elif any(received.sha256 == file.received.sha256 for file in files):
            refused.append(FileRefused(each.filename, found.kind, RowError("file_twice", 0, "", "", "")))
        else:
            files.append(File(each, received, found))
    # Two files of a kind keep their order: the later one corrects the earlier one.
    files.sort(key=lambda file: LOADING_ORDER.index(file.plan.kind))
    return files, refused


def received(
    database: Database,
    files: Sequence[File],
    hold: Hold,
    *,
    actor: str,
    now: datetime,
    state: State,
    also: Callable[[Connection, Sequence[File]], None] = lambda _connection, _files: None,
    again: bool = False,
) -> deeds.Taken:
    """Take the files in as batches; each file learns which one is its. What is to be checked is held from then on.

    ``again`` as at :func:`mypage.services.batches.receive`.
    ``also`` is done in the same transaction, with the files of which batches are made. Raises :class:`mypage.works.load.hold.LoadedElsewhere`.
    """
    handed = [_handed(file) for file in files]
    with database.writing() as connection:
        taken = deeds.receive(
            connection, handed, delivery=uuid.uuid4().hex, actor=actor, now=now, state=state, again=again
        )
        if taken.to_check:
            take(hold, [batch.id for batch in taken.batches if batch is not None])
            made = zip(files, taken.batches, strict=True)
            also(connection, [file for file, batch in made if batch is not None])
    for file, batch in zip(files, taken.batches, strict=True):
        file.batch = batch
    return taken


def _handed(file: File) -> deeds.Handed:
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
        filename=file.handed.filename,
        source=file.handed.source or str(file.handed.path.absolute()),
        size=file.received.size,
        encoding=SHOWN.get(file.received.codec, "Excel"),
    )
