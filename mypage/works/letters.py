"""Write the letters that wait into a file, to be printed and posted: each of them once, whatever ends this when.

Letters belong to a file before it is written (``services.letter_exports``). What an ended process left is found by
the next call: a file that is whole is told, one that is not is written; only then others are taken.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Final

from mypage.config.settings import Settings
from mypage.services import letter_exports as deeds
from mypage.store import letter_exports as store
from mypage.store.engine import Database
from mypage.store.exclusive import alone
from mypage.store.letter_exports import Export, LetterKey
from mypage.works.letter_file import LetterFile, beside, is_there

_DEED: Final = "letters"


class Why(StrEnum):
    """Why no file was written."""

    RUNNING = "running"
    FILE_IS_THERE = "file_is_there"
    UNKNOWN = "unknown"
    UNFINISHED = "unfinished"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done; ``export_id`` is the one that was meant, where one was."""

    why: Why
    export_id: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """The exports that are there now, the oldest first.

    ``waiting``: how many letters stand in none; ``without_address``: numbers of customers to whom none can be posted,
    as far as they were looked at; ``resumed``: the export that an ended process had begun.
    """

    exports: tuple[Export, ...]
    waiting: int
    without_address: tuple[str, ...] = ()
    resumed: int | None = None


class Letters:
    """The job, for one database and its settings. ``actor`` stands in the trail."""

    def __init__(self, settings: Settings, database: Database, *, actor: str, now: datetime) -> None:
        self._settings, self._database, self._actor, self._now = settings, database, actor, now
        self._without_address: list[str] = []

    def export(self, file: Path) -> Written | Refused:
        """Write the letters since the last export into ``file``, which must not be there yet.

        Without any it holds its headings only. Raises ``OSError`` where it cannot be written; a repeat goes on.
        """
        file = file.absolute()
        with alone(self._database, _DEED) as nobody_else:
            if not nobody_else:
                return Refused(Why.RUNNING)
            whole = self._finish_what_is_whole()
            if whole is not None and Path(whole.file) == file:
                return self._told([whole.id], resumed=whole.id)
            if os.path.lexists(file):
                return Refused(Why.FILE_IS_THERE)
            begun = self._unfinished()
            written = self._write(file, begun)
            resumed = whole or begun
            done = [export_id for export_id in (whole and whole.id, written) if export_id is not None]
            return self._told(done, resumed=resumed and resumed.id)

    def export_again(self, file: Path, export_ids: Sequence[int]) -> Written | Refused:
        """Write the letters of earlier exports into ``file``, because theirs were lost. Nothing else changes."""
        file = file.absolute()
        exports: list[Export] = []
        with self._database.reading() as connection:
            for export_id in dict.fromkeys(export_ids):
                export = store.by_id(connection, export_id)
                if export is None:
                    return Refused(Why.UNKNOWN, export_id)
                if export.written_at is None:
                    return Refused(Why.UNFINISHED, export_id)
                exports.append(export)
        if os.path.lexists(file):
            return Refused(Why.FILE_IS_THERE)
        with _kept_whole_only(LetterFile(file)) as out:
            with self._database.writing() as connection:
                deeds.note_again(connection, exports, actor=self._actor, now=self._now)
            self._fill(out, *(export.id for export in exports))
            out.put_in_place()
        return self._told([export.id for export in exports])

    def _write(self, file: Path, begun: Export | None) -> int | None:
        """Write what was begun, else what waits; the export, None where nothing does."""
        with _kept_whole_only(LetterFile(file)) as out:
            export_id = self._begin(file) if begun is None else self._move(begun, file)
            if export_id is None:
                self._fill(out)
                out.put_in_place()
                return None
            sha256 = self._fill(out, export_id)
            with self._database.writing() as connection:
                deeds.seal(connection, export_id, sha256)
            out.put_in_place()
            self._finish(export_id)
        return export_id

    def _fill(self, out: LetterFile, *export_ids: int) -> str:
        with self._database.reading() as connection:
            letters = (
                deeds.letters_of(connection, export_id, settings=self._settings, now=self._now)
                for export_id in export_ids
            )
            return out.write(chain.from_iterable(letters), self._settings)

    def _begin(self, file: Path) -> int | None:
        letters: list[LetterKey] = []
        with self._database.reading() as connection:
            for each in deeds.waiting(connection, settings=self._settings, now=self._now):
                if each.recipient is None:
                    self._without_address.append(each.number)
                else:
                    letters.append(each.letter)
        if not letters:
            return None
        with self._database.writing() as connection:
            return deeds.begin(connection, letters, file=str(file), actor=self._actor, now=self._now)

    def _move(self, begun: Export, file: Path) -> int:
        if Path(begun.file) != file:
            # Codes stand in it.
            beside(Path(begun.file)).unlink(missing_ok=True)
        with self._database.writing() as connection:
            deeds.move(connection, begun.id, str(file))
        return begun.id

    def _finish_what_is_whole(self) -> Export | None:
        """An export whose file is there, and only its mark is not: the process was ended between the two."""
        begun = self._unfinished()
        if begun is None or begun.sha256 is None or not is_there(Path(begun.file), begun.sha256):
            return None
        self._finish(begun.id)
        return begun

    def _finish(self, export_id: int) -> None:
        with self._database.writing() as connection:
            deeds.finish(connection, export_id, now=self._now)

    def _unfinished(self) -> Export | None:
        with self._database.reading() as connection:
            return store.unfinished(connection)

    def _told(self, export_ids: Sequence[int], *, resumed: int | None = None) -> Written:
        with self._database.reading() as connection:
            found = [store.by_id(connection, export_id) for export_id in export_ids]
            waiting = store.count_waiting(connection)
        exports = tuple(each for each in found if each is not None)
        return Written(exports, waiting, tuple(self._without_address), resumed)


@contextmanager
def _kept_whole_only(out: LetterFile) -> Iterator[LetterFile]:
    """Whatever goes wrong, no half of a file is left: codes stand in it."""
    try:
        yield out
    except BaseException:
        out.discard()
        raise
