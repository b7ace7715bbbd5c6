"""What the doctor says of the place where handed-over files are kept."""

from pathlib import Path

from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.store.engine import Database
from mypage.works.doctor_files import examine
from mypage.works.finding import Level
from tests.keeping import Receiving
from tests.portal import environment
from tests.s3_server import s3_server

KEY = "k" * 40


def settings(**chosen: str) -> Settings:
    return load(environment("sqlite:///unused", **chosen))


def said(database: Database, **chosen: str) -> list[tuple[Level, str]]:
    return [(finding.level, finding.sentence) for finding in examine(settings(**chosen), database)]


def told(database: Database, **chosen: str) -> list[tuple[Level, str]]:
    """What the doctor says where files are sealed, so that only the place is looked at."""
    return said(database, file_keys=KEY, **chosen)


def test_a_place_is_tried_with_a_part_that_does_not_stay(database: Database, tmp_path: Path) -> None:
    assert told(database) == [(Level.WELL, "")]
    kept = tmp_path / "kept"
    assert told(database, files="disk", files_folder=str(kept)) == [(Level.WELL, "")]
    assert [path for path in kept.rglob("*") if path.is_file()] == []
    (tmp_path / "a-file").write_text("")
    assert told(database, files="disk", files_folder=str(tmp_path / "a-file")) == [
        (Level.WRONG, "MYPAGE_FILES_FOLDER のフォルダーに書けません。置き場所と権限を確かめてください。")
    ]
    with s3_server() as server:
        chosen = {"files": "s3", "files_bucket": server.url}
        assert told(database, **chosen) == [(Level.WELL, "")]
        assert server.objects == {}
        server.forgets = True
        ((level, sentence),) = told(database, **chosen)
        assert (level, "読み戻せません" in sentence) == (Level.WRONG, True)
        server.fails_with = 403
        ((level, sentence),) = told(database, **chosen)
        assert (level, "MYPAGE_FILES_BUCKET のストレージに書けません" in sentence) == (Level.WRONG, True)


def test_files_that_are_not_sealed_are_noted(database: Database) -> None:
    (_, (level, sentence)) = said(database)
    assert (level, "MYPAGE_FILE_KEYS" in sentence) == (Level.NOTE, True)
    assert said(database, demo="true") == [(Level.WELL, "")]


def test_files_in_a_place_that_is_no_longer_set_are_told(database: Database, tmp_path: Path) -> None:
    on_disk = {"files_folder": str(tmp_path / "kept")}
    Receiving(database, tmp_path, files="disk", **on_disk).keep(b"x")
    assert told(database, **on_disk) == [(Level.WELL, "")]
    ((level, sentence),) = told(database)
    assert level is Level.WRONG
    assert sentence.startswith("1個のファイルがMYPAGE_FILES_FOLDER のフォルダーにありますが")
