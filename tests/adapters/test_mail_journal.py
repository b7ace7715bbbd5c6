"""The worker's journal: what stands there survives its writer, and its lock tells whether the writer lives."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mypage.adapters.mail_journal import LeftBehind, MailJournal, SentNote, journal_folder

NOTE = SentNote(7, "a1b2", datetime(2026, 11, 24, 3, 0, 5, 123456, tzinfo=UTC), "250 2.0.0 queued 「x」")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return journal_folder(tmp_path, "a database")


@pytest.fixture
def journal(folder: Path) -> Iterator[MailJournal]:
    with closing(MailJournal(folder, "mine")) as made:
        yield made


def _die(folder: Path, worker: str, *deeds: str) -> None:
    """A worker that opens its journal, does this, and is killed."""
    program = f"""
import os, signal
from datetime import UTC, datetime
from pathlib import Path
from mypage.adapters.mail_journal import MailJournal, SentNote
journal = MailJournal(Path({str(folder)!r}), {worker!r})
note = SentNote({NOTE.mail_id}, {NOTE.message_id!r}, datetime.fromisoformat({NOTE.at.isoformat()!r}), {NOTE.reply!r})
{"; ".join(deeds)}
os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == -9


def test_another_finds_what_the_dead_wrote_and_then_it_is_gone(folder: Path, journal: MailJournal) -> None:
    _die(folder, "dead", "journal.note(note)", "journal.note(note)")
    assert list(journal.left_behind()) == [LeftBehind("dead", [NOTE, NOTE])]
    assert list(journal.left_behind()) == []


def test_what_the_database_knows_is_not_told_again(folder: Path, journal: MailJournal) -> None:
    _die(folder, "dead", "journal.note(note)", "journal.forget()")
    assert list(journal.left_behind()) == [LeftBehind("dead", [])]


def test_who_stops_in_the_midst_of_taking_over_leaves_it_to_the_next(
    folder: Path, journal: MailJournal
) -> None:
    _die(folder, "dead", "journal.note(note)")
    left = journal.left_behind()
    assert next(left).worker == "dead"
    left.close()  # type: ignore[attr-defined]
    assert [each.worker for each in journal.left_behind()] == ["dead"]


@pytest.mark.parametrize(
    "half", [b'[8, "c3', b'{"a": 1}\n', b"[1, 2]\n", b'[1, "x", "yesterday", ""]\n', b"\xff\n"]
)
def test_a_line_that_was_not_finished_says_nothing(folder: Path, journal: MailJournal, half: bytes) -> None:
    _die(folder, "dead", "journal.note(note)", f"os.write(journal._file, {half!r})")
    assert list(journal.left_behind()) == [LeftBehind("dead", [NOTE])]


def test_the_living_are_left_alone(folder: Path, journal: MailJournal) -> None:
    with closing(MailJournal(folder, "other")) as other:
        other.note(NOTE)
        assert journal.living() == ["other"]
        assert other.living() == ["mine"]
        assert list(journal.left_behind()) == []
        other.forget()
    assert journal.living() == []


def test_the_dead_are_not_living(folder: Path, journal: MailJournal) -> None:
    _die(folder, "dead")
    assert journal.living() == []


def test_what_could_not_be_recorded_stays_for_the_next(folder: Path, journal: MailJournal) -> None:
    with closing(MailJournal(folder, "other")) as other:
        other.note(NOTE)
    assert list(journal.left_behind()) == [LeftBehind("other", [NOTE])]


def test_who_ends_well_leaves_nothing(folder: Path) -> None:
    with closing(MailJournal(folder, "mine")) as journal:
        journal.note(NOTE)
        journal.forget()
    assert not folder.exists()


def test_two_of_one_name_are_refused(folder: Path, journal: MailJournal) -> None:
    with pytest.raises(BlockingIOError):
        MailJournal(folder, "mine")


def test_each_database_has_its_own_folder(tmp_path: Path) -> None:
    assert journal_folder(tmp_path, "one") != journal_folder(tmp_path, "another")
    assert journal_folder(None, "one").name == journal_folder(tmp_path, "one").name


def test_a_folder_in_which_others_may_write_is_not_believed(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(PermissionError):
        MailJournal(folder, "mine")


def test_a_folder_that_is_a_link_is_not_believed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PermissionError):
        MailJournal(folder, "mine")


def test_nobody_else_can_read_it(folder: Path, journal: MailJournal) -> None:
    journal.note(NOTE)
    (file,) = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    journal.forget()
