"""Files as bytes → records: encodings decided from the bytes, packed files, Excel's, and files that are none."""

import csv
import gzip
import io
import os
import zipfile
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mypage.adapters.reading import received as receiving
from mypage.adapters.reading import records as splitting
from mypage.adapters.reading.encoding import EncodingDecision
from mypage.adapters.reading.received import EXCEL, receive
from mypage.adapters.reading.records import LONGEST_LINE, records
from mypage.adapters.reading.sheet import text_of
from mypage.adapters.reading.unreadable import Unreadable
from mypage.domain.columns import Unsplit
from tests.open_files import none_left_open

TEXT = "お客様番号,契約者名\r\n70012,髙﨑①～−㈱\r\n"
ROWS = [["お客様番号", "契約者名"], ["70012", "髙﨑①～−㈱"]]


def read(path: Path, encoding: str | None = None) -> list[list[str]]:
    """All records of a file."""
    taken = receive(path, encoding=encoding)
    with records(taken.path, taken.codec) as rows:
        return list(rows)


def written(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    """A file of these bytes."""
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.replace("−", "－").encode("cp932"), "cp932"),
        (b"a,b\r\n1,2\r\n", "utf-8"),
    ],
)
def test_the_encoding_is_seen_from_the_bytes(tmp_path: Path, content: bytes, codec: str) -> None:
    path = written(tmp_path, content)
    assert receive(path).codec == codec
    if not content.startswith(b"a"):
        assert [[cell.replace("－", "−") for cell in row] for row in read(path)] == ROWS


def test_half_width_kana_in_cp932_is_not_taken_for_utf_8(tmp_path: Path) -> None:
    # ﾃﾞ ﾃﾞ in CP932 are the bytes C3 DE …, and ﾃｱ C3 B1: the latter is valid UTF-8 for ñ.
    content = "ﾃｱﾃｱﾃｱ,ﾄｱﾃｶ\r\n".encode("cp932")
    content.decode("utf-8")
    assert receive(written(tmp_path, content)).codec == "cp932"
    assert read(tmp_path / "file.csv") == [["ﾃｱﾃｱﾃｱ", "ﾄｱﾃｶ"]]


def test_a_yen_sign_alone_is_japanese(tmp_path: Path) -> None:
    assert read(written(tmp_path, "a\r\n¥500\r\n".encode())) == [["a"], ["¥500"]]


@given(
    st.text(alphabet="あいうえおアイウエオ亜一髙﨑①円、。ｱｲｳ〜", min_size=1, max_size=200), st.integers(1, 7)
)
def test_japanese_utf_8_is_seen_however_it_is_cut(text: str, size: int) -> None:
    decision = EncodingDecision()
    content = text.encode()
    for start in range(0, len(content), size):
        decision.feed(content[start : start + size])
    assert decision.codec() == "utf-8"


def test_a_character_cut_off_at_the_end_is_not_utf_8(tmp_path: Path) -> None:
    assert receive(written(tmp_path, "請求".encode()[:-1])).codec == "cp932"


def test_the_encoding_can_be_forced(tmp_path: Path) -> None:
    path = written(tmp_path, "ﾃｱﾃｱﾃｱ\r\n".encode("cp932"))
    assert read(path, "UTF-8") == [["ñññ"]]
    assert read(path, "sjis") == [["ﾃｱﾃｱﾃｱ"]]


@pytest.mark.parametrize("content", [b"x", TEXT.encode("utf-16-le"), b"a,b\r\n1,2\r\n"])
def test_utf_16_that_is_forced_may_lack_its_mark(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    codec = receive(path, encoding="utf-16").codec
    with records(path, codec) as read_rows:
        rows = list(read_rows)
    assert rows == ROWS or content != TEXT.encode("utf-16-le")


def test_a_byte_that_the_encoding_lacks_stays_in_its_cell(tmp_path: Path) -> None:
    content = "\ufeff番号,名\r\n1,".encode() + b"\xff\r\n2,x\r\n"
    assert read(written(tmp_path, content)) == [["番号", "名"], ["1", "\ufffd"], ["2", "x"]]


def test_a_gaiji_of_cp932_is_private_use(tmp_path: Path) -> None:
    assert read(written(tmp_path, "名\r\n".encode("cp932") + b"\xf0\x40\r\n")) == [["名"], ["\ue000"]]


def test_quoted_line_ends_make_one_record_and_empty_lines_count(tmp_path: Path) -> None:
    content = b'a,b\n"x\ny","1,2"\n\n"say ""hi""",z'
    assert read(written(tmp_path, content)) == [["a", "b"], ["x\ny", "1,2"], [], ['say "hi"', "z"]]


@pytest.mark.parametrize("end", [b"\x1a", b"\r\n\x1a", b"\r\n\x1a\x1a"])
def test_the_end_of_file_mark_of_old_programmes_is_left_out(tmp_path: Path, end: bytes) -> None:
    assert read(written(tmp_path, b"a,b\r\n1,2" + end)) == [["a", "b"], ["1", "2"]]


def test_nul_stays_in_its_cell(tmp_path: Path) -> None:
    assert read(written(tmp_path, b"a,b\r\n1\x00,2\r\n")) == [["a", "b"], ["1\x00", "2"]]


def test_tabs_are_seen_from_the_first_line(tmp_path: Path) -> None:
    assert read(written(tmp_path, "番号\t名\r\n1\t一,二\r\n".encode())) == [["番号", "名"], ["1", "一,二"]]


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\r\x1a\x00\ufeff", codec="utf-8"), max_size=8),
            min_size=2,
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 50),
)
def test_what_csv_writes_is_read_back_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], size: int
) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["a", "b"], *rows])
    path = written(tmp_path_factory.mktemp("cut"), out.getvalue().encode("utf-8-sig"))
    before, receiving.CHUNK = receiving.CHUNK, size  # type: ignore[misc]
    try:
        assert read(path) == [["a", "b"], *rows]
    finally:
        receiving.CHUNK = before  # type: ignore[misc]


def test_a_quotation_mark_never_closed_costs_its_record_only(tmp_path: Path) -> None:
    longest = splitting.LONGEST_CELL
    content = b'a,b\n"' + b"x\n" * longest + b'1,2\n"3",4\n'
    rows = read(written(tmp_path, content))
    assert rows[0] == ["a", "b"]
    assert isinstance(rows[1], Unsplit)
    assert rows[-1] == ["3", "4"]


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"a,b\n" + b"x" * (2 * LONGEST_LINE))
    with pytest.raises(Unreadable) as refused:
        read(path)
    assert (refused.value.code, refused.value.facts) == ("line_too_long", {"longest": str(LONGEST_LINE)})


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_gzip_and_zip_are_read_whatever_their_names(tmp_path: Path) -> None:
    content = TEXT.replace("−", "－").encode("cp932")
    packings = (
        gzip.compress(content),
        _zipped({"charges.csv": content}),
        _zipped({"folder/": b"", "folder/charges.csv": content, "__MACOSX/charges.csv": b"x"}),
    )
    for number, packed in enumerate(packings):
        path = written(tmp_path, packed, f"file-{number}.dat")
        assert receive(path).codec == "cp932"
        assert read(path)[1][0] == "70012"


def test_what_is_read_in_part_is_closed_with_its_block(tmp_path: Path, workbook: Path) -> None:
    content = TEXT.encode() * 100_000
    several = {"plain": content, "gzip": gzip.compress(content, 1), "zip": _zipped({"bills.csv": content})}
    paths = [written(tmp_path, each, name) for name, each in several.items()]
    for path in (*paths, workbook):
        with none_left_open(tmp_path):
            taken = receive(path)
            with records(path, taken.codec) as rows:
                next(rows)
            # Whoever keeps them gets no further than what was in memory.
            assert len(list(rows)) < 100_000


@pytest.mark.parametrize(
    "content",
    [
        b"a" * (LONGEST_LINE + 300_000),
        _zipped({"one.csv": b"1", "two.csv": b"2"}),
        gzip.compress(TEXT.encode() * 100_000)[:-9],
    ],
    ids=["line-too-long", "zip-of-two", "gzip-cut"],
)
def test_what_is_refused_is_closed(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    with none_left_open(tmp_path), pytest.raises(Unreadable), records(path, "utf-8") as rows:
        list(rows)


def test_the_hash_is_of_the_bytes_on_disk(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(TEXT.encode(), mtime=1))
    told: list[int] = []
    taken = receive(path, progress=told.append)
    assert taken.size == path.stat().st_size == told[-1]
    assert len(taken.sha256) == 64


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (_zipped({"a": b"1", "b": b"2"}), "zip_of_several"),
        (_zipped({"a": TEXT.encode()})[:-30], "packed_file_broken"),
        (gzip.compress(TEXT.encode())[:-9], "packed_file_broken"),
        (gzip.compress(TEXT.encode())[:14] + b"\xff" * 40, "packed_file_broken"),
        (gzip.compress(b"a,b\n" * 16_000_000, 9), "unpacks_too_large"),
    ],
    ids=["empty", "zip-of-two", "zip-cut", "gzip-cut", "gzip-broken", "gzip-bomb"],
)
def test_a_packed_file_that_is_none_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        receive(written(tmp_path, content))
    assert refused.value.code == code


def test_only_ordinary_files_are_taken(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(written(tmp_path, b"a"))
    os.mkfifo(tmp_path / "fifo")
    codes = []
    for name in ("link", "fifo", ".", "nothing"):
        with pytest.raises(Unreadable) as refused:
            receive(tmp_path / name)
        codes.append(refused.value.code)
    assert codes == ["not_a_file", "not_a_file", "not_a_file", "file_not_found"]


# -- Excel ------------------------------------------------------------------------------------------------------


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """An Excel file as somebody made it by hand: numbers, dates, an empty row."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["お客様番号", "金額", "期日", "単価", "備考"])
    sheet.append(["0070012", 500, date(2026, 10, 27), 2.2, "一行\n二行"])
    sheet.append([])
    sheet.append(
        [
            70013,
            -3,
            datetime(2026, 10, 1),  # noqa: DTZ001 - as Excel has it
            123456789012345678,
            True,
        ]
    )
    path = tmp_path / "book.bin"
    book.save(path)
    return path


def test_an_excel_file_is_seen_by_its_signature_and_read_like_its_csv(workbook: Path) -> None:
    assert receive(workbook).codec == EXCEL
    rows = read(workbook)
    assert rows[:2] == [
        ["お客様番号", "金額", "期日", "単価", "備考"],
        ["0070012", "500", "2026-10-27", "2.2", "一行\n二行"],
    ]
    assert not any(rows[2])
    assert rows[3] == ["70013", "-3", "2026-10-01", "1.23457E+17", "TRUE"]


def test_cells_of_excel_as_text() -> None:
    assert text_of(0.1 + 0.2) == "0.3"
    assert text_of(False) == "FALSE"
    assert text_of(time(9, 30)) == "09:30:00"
    assert text_of(datetime(2026, 10, 27, 9, 30)) == "2026-10-27 09:30:00"  # noqa: DTZ001 - as Excel has it


@pytest.mark.parametrize(
    "content",
    [
        _zipped({"xl/workbook": b"no workbook"}),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    ],
)
def test_what_only_looks_like_excel_is_refused(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    assert receive(path).codec == EXCEL
    with pytest.raises(Unreadable) as refused:
        read(path)
    assert refused.value.code == "sheet_not_readable"


def test_an_excel_file_without_rows_is_empty(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    with pytest.raises(Unreadable) as refused:
        read(tmp_path / "empty.xlsx")
    assert refused.value.code == "file_empty"


def test_an_excel_file_that_explodes_ends_its_own_process_only(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>' + b"x" * 20_000 + b"</t></is></c></row>"
    rows = b"".join(row % (number, number) for number in range(1, 11_001))
    start, _, end = parts["xl/worksheets/sheet1.xml"].partition(b"<sheetData></sheetData>")
    assert end
    parts["xl/worksheets/sheet1.xml"] = start + b"<sheetData>" + rows + b"</sheetData>" + end
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    with pytest.raises(Unreadable) as refused:
        read(path)
    assert refused.value.code == "sheet_too_large"
