"""What the mail server took and the database does not know yet, kept on this machine so that a kill forgets none of it.

A worker writes down each 250 at once, before it says another word to the server, and the database is told of many
together. The file is held by a lock that ends with its owner, however that ends: whoever gets the lock of another
worker's file knows that it is dead, tells the database what stands in it, and frees what the dead one had in hand.

The lines hold no address; nothing is lost with the file but the knowledge that some mails of the last second went
out, which then go out again. So it is written without waiting for the disk.
"""

import fcntl
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Final

_ENDING: Final = ".sent"
_TRIES: Final = 5
_BETWEEN_TRIES: Final = 0.01


@dataclass(frozen=True, slots=True)
class SentNote:
    """A mail that the server took. ``message_id`` tells whether the row is still the same mail (after a restore)."""

    mail_id: int
    message_id: str
    at: datetime
    reply: str


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What a dead worker wrote down."""

    worker: str
    notes: Sequence[SentNote]


def journal_folder(scratch: Path | None, database: str) -> Path:
    """Where the workers of one database on this machine keep their journals. ``database`` names it."""
    name = f"mypage-mail-{os.geteuid()}-{hashlib.sha256(database.encode()).hexdigest()[:16]}"
    return (scratch or Path(tempfile.gettempdir())) / name


class MailJournal:
    """The journal of one worker, from its first breath to its last. Not for several threads."""

    def __init__(self, folder: Path, worker: str) -> None:
        """Raises ``OSError`` where it cannot be kept, or where the folder is not ours alone."""
        self._folder = folder
        self._path = folder / f"{worker}{_ENDING}"
        self._file = self._opened()

    def _opened(self) -> int:
        for _ in range(_TRIES):
            # Somebody may have the lock for a moment to see whether we live, or take the empty folder away.
            with suppress(BlockingIOError, FileNotFoundError):
                _make(self._folder)
                return _locked(self._path, os.O_CREAT | os.O_APPEND, fcntl.LOCK_EX)
            sleep(_BETWEEN_TRIES)
        raise BlockingIOError(f"{self._path} is another worker's")

    def note(self, note: SentNote) -> None:
        """Write down that the server took a mail."""
        line = json.dumps([note.mail_id, note.message_id, note.at.isoformat(), note.reply]).encode() + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError("the disk is full")

    def forget(self) -> None:
        """The database knows everything that stands here."""
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """End it; what the database does not know yet stays for the next worker."""
        if os.fstat(self._file).st_size == 0:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        with suppress(OSError):
            self._folder.rmdir()

    def living(self) -> list[str]:
        """The other workers of this machine that live: what they have in hand is theirs, whatever a clock says."""
        return [path.name.removesuffix(_ENDING) for path in self._others() if _is_held(path)]

    def left_behind(self) -> Iterator[LeftBehind]:
        """The journals of dead workers; each goes away once the caller comes back for the next."""
        for path in self._others():
            try:
                file = _locked(path, os.O_APPEND, fcntl.LOCK_EX)
            except (BlockingIOError, FileNotFoundError):
                continue
            try:
                yield LeftBehind(path.name.removesuffix(_ENDING), _notes(file))
                path.unlink(missing_ok=True)
            finally:
                os.close(file)

    def _others(self) -> list[Path]:
        return [path for path in self._folder.glob(f"*{_ENDING}") if path != self._path]


def _make(folder: Path) -> None:
    """Whoever may write there decides which mails count as sent."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not ours alone")


def _locked(path: Path, flags: int, kind: int) -> int:
    """The file at ``path``, locked. Raises ``BlockingIOError`` where another has it, ``FileNotFoundError`` if gone."""
    file = os.open(path, os.O_RDWR | flags, 0o600)
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
        # Somebody may have taken it away between the two: then what we hold is no longer at its place.
        if not os.path.samestat(path.stat(), os.fstat(file)):
            raise FileNotFoundError(path)
    except BaseException:
        os.close(file)
        raise
    return file


def _is_held(path: Path) -> bool:
    try:
        # A shared lock: two that look at the same time do not take each other for the owner.
        os.close(_locked(path, 0, fcntl.LOCK_SH))
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def _notes(file: int) -> list[SentNote]:
    """What stands there. A line that its writer did not finish says nothing."""
    notes = []
    with open(file, encoding="utf-8", errors="replace", closefd=False) as lines:
        for line in lines:
            with suppress(ValueError, TypeError):
                mail_id, message_id, at, reply = json.loads(line)
                notes.append(SentNote(mail_id, message_id, datetime.fromisoformat(at), reply))
    return notes
