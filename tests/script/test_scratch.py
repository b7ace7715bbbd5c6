"""Tests throw their files into memory where that has room, and elsewhere where it has not."""

import tempfile
from pathlib import Path

import pytest

from script.scratch import scratch


def test_what_has_room_is_taken_and_left_as_it_was(tmp_path: Path) -> None:
    with scratch(tmp_path, room=1) as folder:
        assert folder.parent == tmp_path
        (folder / "some").write_text("thing")
    assert not list(tmp_path.iterdir())


def test_it_is_left_as_it_was_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), scratch(tmp_path, room=1):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("room", [1, 1 << 60])
def test_without_room_or_without_the_folder_it_is_where_such_things_are(tmp_path: Path, room: int) -> None:
    place = tmp_path if room > 1 else tmp_path / "not-there"
    with scratch(place, room) as folder:
        assert folder.parent == Path(tempfile.gettempdir())
    assert not folder.exists()
