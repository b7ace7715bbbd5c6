"""The middle of a text: what is read from there on are the records behind those before it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mypage.adapters.reading.middle import middle
from mypage.adapters.reading.received import Received
from mypage.adapters.reading.records import Records, records, records_behind

_CELLS = st.lists(
    st.sampled_from(['"', ",", "\n", "\r\n", "a", "光", "ｶﾞ", "", '"a"', '"a,\nb"', '""', "\0"]), max_size=40
)


def _halves(path: Path, codec: str, offset: int, delimiter: str) -> tuple[list[list[str]], list[list[str]]]:
    with (
        records(path, codec, until=offset) as first,
        records_behind(path, codec, offset, delimiter) as second,
    ):
        assert first.delimiter == delimiter
        return list(first), list(second)


def _never(_one: list[str], _other: list[str]) -> bool:
    return False


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.lists(_CELLS, min_size=1, max_size=12), st.sampled_from(["utf-8", "utf-8-sig", "cp932"]))
def test_both_halves_together_are_the_whole(tmp_path: Path, rows: list[list[str]], codec: str) -> None:
    path = tmp_path / "text.csv"
    path.write_bytes("\n".join("".join(row) for row in rows).encode(codec))
    received = Received(path, path.stat().st_size, "", codec)
    with records(path, codec) as every:
        delimiter, whole = every.delimiter, list(every)
    half = middle(received, delimiter, _never)
    if half is None:
        return
    before, behind = _halves(path, codec, half.offset, delimiter)
    assert [list(row) for row in [*before, *behind]] == [list(row) for row in whole]
    assert half.row == len(before) + 1
    assert half.offset > received.size // 2


@pytest.mark.parametrize("mark", ["", '"'])
def test_a_text_is_halved_near_its_middle(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "text.csv"
    path.write_text(f"{mark}a{mark},b\n" * 1000)
    half = middle(Received(path, path.stat().st_size, "", "utf-8"), ",", _never)
    assert half is not None
    assert half.row in (502, 503)
    assert half.offset == path.stat().st_size * (half.row - 1) // 1000


@pytest.mark.parametrize("mark", ["", '"'])
@pytest.mark.parametrize("lines", [1, 7, 600, 1000])
def test_what_belongs_together_is_not_parted(tmp_path: Path, mark: str, lines: int) -> None:
    path = tmp_path / "text.csv"
    path.write_text("".join(f"{mark}{place // lines}{mark},b\n" for place in range(1000)))
    received = Received(path, path.stat().st_size, "", "utf-8")
    half = middle(received, ",", lambda one, other: one[0] == other[0])
    if lines == 1000:
        assert half is None
        return
    assert half is not None
    assert half.row >= 501
    before, behind = _halves(path, "utf-8", half.offset, ",")
    assert len(before) == half.row - 1
    assert len(before) + len(behind) == 1000
    assert before[-1][0] != behind[0][0]


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        ("a,b\nc,d\n".encode("utf-16"), "utf-16"),
        (b"\x1f\x8b" + b"a,b\n" * 100, "utf-8"),
        (b"PK\x03\x04" + b"a,b\n" * 100, "utf-8"),
        (b"one line only", "utf-8"),
        (b'a,b\nc,"' + b"d\n" * 100, "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_of_others_it_is_not_told(tmp_path: Path, content: bytes, codec: str) -> None:
    path = tmp_path / "text.csv"
    path.write_bytes(content)
    assert middle(Received(path, len(content), "", codec), ",", _never) is None


def test_in_cp932_no_character_swallows_a_line_feed() -> None:
    for lead in range(256):
        assert bytes([lead, 10]).decode("cp932", "replace").endswith("\n")


def test_a_record_that_is_read_by_its_text_takes_its_further_lines() -> None:
    rows = Records(iter(['a,"b\n', 'c",d\n', "e,f,g\n", '"h\n']))
    assert rows.record(next(rows.texts)) == ["a", "b\nc", "d"]
    assert not rows.stood_alone
    assert rows.record(next(rows.texts)) == ["e", "f", "g"]
    assert rows.stood_alone
    assert rows.record(next(rows.texts)) == ["h\n"]
    assert not rows.stood_alone
