"""What holds of every billing file: headings, containers, encodings, rows; with files as bytes, through the whole check."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from mypage.domain.batch import State
from mypage.store.engine import Database
from mypage.works.load.delivery import HandedFile
from tests.delivering import (
    CHARGE_HEADINGS,
    CUSTOMER_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    table,
)

TWO = customers(customer("0070012", name="髙﨑　①郎"), customer("70013"))
ENGLISH = ("phone", "STATUS", " name ", "name_kana", "customer_number")


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    return Delivering(database, tmp_path)


def loaded(delivering: Delivering) -> list[tuple[object, ...]]:
    """Key and name of all customers that were staged."""
    return delivering.rows("SELECT customer_key, name FROM customer_version ORDER BY 1")


def as_excel(content: bytes) -> bytes:
    """The same table as Excel saves it, all cells text."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in content.decode().splitlines():
        sheet.append(line.split(","))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_zip(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("folder/", b"")
        archive.writestr("folder/customers.csv", content)
    return out.getvalue()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "csv": lambda content: content,
    "tsv": lambda content: content.replace(b",", b"\t"),
    "xlsx": as_excel,
    "gzip": lambda content: gzip.compress(content.decode().encode("cp932")),
    "zip": as_zip,
}


ENCODED = (
    (TWO, "UTF-8"),
    (b"\xef\xbb\xbf" + TWO, "UTF-8 (BOM)"),
    (TWO.decode().encode("utf-16"), "UTF-16"),
    (b"\xfe\xff" + TWO.decode().encode("utf-16-be"), "UTF-16"),
    (TWO.decode().encode("cp932"), "CP932"),
    (as_excel(TWO), "Excel"),
)


def test_csv_tsv_xlsx_gzip_and_a_zip_of_one_file_say_the_same(delivering: Delivering) -> None:
    for container in CONTAINERS:
        delivering.publish(file=CONTAINERS[container](TWO))
        assert loaded(delivering) == [("70012", "髙﨑　①郎"), ("70013", "愛込　太郎")]


def test_columns_go_by_either_name_in_any_order_in_any_width(delivering: Delivering) -> None:
    delivering.publish(file=table(ENGLISH, ["0748-62-1234", "active", "髙﨑", "タカサキ", "0070012"]))
    assert loaded(delivering)[0] == ("70012", "髙﨑")


def test_extra_columns_are_left_out_with_a_warning_that_names_them(delivering: Delivering) -> None:
    headings = (*CUSTOMER_HEADINGS, "備考", "担当")
    (batch,) = delivering.publish(file=table(headings, [*customer("70012"), "x", "y"]))
    (warning,) = delivering.errors(batch)
    assert (warning.code, warning.row, warning.warning) == ("column_unknown", 1, True)
    assert warning.facts == {"columns": "備考、担当"}


def test_a_missing_required_column_refuses_the_file_with_one_sentence(delivering: Delivering) -> None:
    for missing in ("お客様番号", "契約者名", "契約者名カナ", "電話番号", "契約状態"):
        place = CUSTOMER_HEADINGS.index(missing)
        headings = [each for each in CUSTOMER_HEADINGS if each != missing]
        rows = [[cell for at, cell in enumerate(customer(number)) if at != place] for number in ("1", "2")]
        outcome = delivering.check(file=table(headings, *rows))
        assert delivering.codes(outcome) == [("column_missing", 1, "")]
        assert outcome.refused_files[0].error.facts["columns"] == missing


def test_the_encoding_is_decided_from_the_bytes_and_shown(delivering: Delivering) -> None:
    for content, shown in ENCODED:
        (batch,) = delivering.publish(file=content)
        assert batch.encoding == shown
        assert loaded(delivering)[0] == ("70012", "髙﨑　①郎")


def test_half_width_kana_in_cp932_that_is_valid_utf_8_is_not_taken_for_it(delivering: Delivering) -> None:
    rows = [["70012", "ﾃｱﾃｱﾃｱﾃｱ", "ﾃｱ", "0748621234", "active"]]
    content = table(("customer_number", "name", "name_kana", "phone", "status"), *rows)
    as_cp932 = content.decode().encode("cp932")
    as_cp932.decode("utf-8")  # It is valid, and means ñññ.
    (batch,) = delivering.publish(file=as_cp932)
    assert batch.encoding == "CP932"
    assert loaded(delivering) == [("70012", "ﾃｱﾃｱﾃｱﾃｱ")]


def test_the_encoding_can_be_forced(delivering: Delivering) -> None:
    rows = [["70012", "ñññ", "ñ", "0748621234", "active"]]
    content = table(("customer_number", "name", "name_kana", "phone", "status"), *rows)
    (file,) = delivering.files(file=content)
    outcome = delivering.hand(HandedFile(file.path, encoding="cp932"))
    assert outcome.batches[0].encoding == "CP932"
    assert loaded(delivering) == [("70012", "ﾃｱﾃｱﾃｱ")]


def test_a_gaiji_a_control_character_or_nul_is_an_error_of_its_cell_and_row(delivering: Delivering) -> None:
    lines = (
        customers(*(customer(str(number)) for number in (1, 2, 3, 4))).decode().encode("cp932").split(b"\r\n")
    )
    name = "愛込".encode("cp932")
    lines[1] = lines[1].replace(name, b"\xf0\x40")
    lines[2] = lines[2].replace(name, b"\x01")
    lines[3] = lines[3].replace(b"3,", b"3\x00,", 1)
    outcome = delivering.check(file=b"\r\n".join(lines))
    assert delivering.codes(outcome) == [
        ("gaiji", 2, "契約者名"),
        ("control_character", 3, "契約者名"),
        ("control_character", 4, "お客様番号"),
    ]
    told = delivering.errors(outcome.batches[0])
    assert [error.customer_number for error in told] == ["1", "2", "3␀"]
    assert told[0].facts == {"mark": "U+E000", "at": "1"}
    assert told[2].facts == {"mark": "U+0000", "at": "2"}


def test_a_trailing_end_of_file_mark_is_ignored(delivering: Delivering) -> None:
    delivering.publish(file=TWO + b"\x1a")
    assert len(loaded(delivering)) == 2


def test_rows_are_told_by_excel_s_number_with_quoted_newlines_and_empty_rows(delivering: Delivering) -> None:
    rows = [
        customer("70012", name="二行の\n名前"),
        [],
        customer("70013", name="三\n行\nの名前"),
        ["", "", ""],
        customer("7001x"),
    ]
    outcome = delivering.check(file=customers(*rows))
    assert delivering.codes(outcome) == [("not_a_customer_number", 6, "お客様番号")]
    empty = delivering.check(file=b"\r\n,,\r\n" + customers(customer("7001x")))
    assert delivering.codes(empty) == [("not_a_customer_number", 4, "お客様番号")]
    sheet = delivering.check(file=as_excel(customers(customer("70012"), customer("7001x"))))
    assert delivering.codes(sheet) == [("not_a_customer_number", 3, "お客様番号")]


def test_files_of_a_delivery_are_checked_and_published_together(delivering: Delivering) -> None:
    outcome = delivering.check(charges=charges(charge("70012")), customers=TWO)
    assert [batch.state for batch in outcome.batches] == [State.CHECKED] * 2
    assert len({batch.delivery for batch in outcome.batches}) == 1
    delivering.flip(outcome.batches[0])
    assert delivering.seen() == {("70012", 202610, 1): 500}
    wrong = delivering.check(
        charges=charges(charge("70013")), customers=customers(customer("70014"), customer("70014"))
    )
    assert [batch.state for batch in wrong.batches] == [State.REFUSED] * 2
    assert delivering.rows("SELECT count(*) FROM statement") == [(1,)]


def test_a_cell_that_looks_like_a_formula_stays_text(delivering: Delivering) -> None:
    for mark in ("=1+1", "+81", "-1", "@SUM(A1)", '=HYPERLINK("http://x")'):
        row = list(charge("70012"))
        row[3] = mark
        delivering.publish(
            customers=customers(customer("70012", name=mark)),
            charges=charges([*row, mark], headings=(*CHARGE_HEADINGS, "お支払方法")),
        )
        names = delivering.rows("SELECT name FROM customer_version ORDER BY batch_id DESC LIMIT 1")
        assert names == [(mark,)]
        newest = "SELECT payment_method, document FROM statement ORDER BY batch_id DESC LIMIT 1"
        ((method, document),) = delivering.rows(newest)
        assert method == mark
        assert mark.replace('"', '\\"') in str(document)
