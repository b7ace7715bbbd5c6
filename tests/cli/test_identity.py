"""``mypage identity`` as a shell calls it."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).parent.parent / "identity.csv"
ROOT = CASES.parent.parent


def _run(file: Path, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")}
    return subprocess.run(
        [sys.executable, "-c", "from mypage.cli import main; main()", "identity", str(file)],
        cwd=ROOT,
        env=clean | environment,
        capture_output=True,
        check=False,
        timeout=60,
    )


def _answer(done: "subprocess.CompletedProcess[bytes]") -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr.decode()
    return list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))


def test_every_case_of_the_specification() -> None:
    answer = _answer(_run(CASES))
    with CASES.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    assert [row["same"] for row in answer] == [row["same"] for row in expected]
    assert [row["field"] for row in answer] == [row["field"] for row in expected]
    assert answer[0]["master_key"] == answer[0]["typed_key"] == "アイコムタロウ タロウアイコム"


def test_bom_any_order_of_columns_blank_and_short_rows(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(
        "why,typed,field,master\n,0012,お客様番号,12\n\n,+81 748-62-1234,phone\n", encoding="utf-8-sig"
    )
    answer = _answer(_run(file))
    assert [(row["same"], row["master_key"], row["typed_key"]) for row in answer] == [
        ("1", "12", "12"),
        ("0", "", "0748621234"),
    ]
    assert answer[1]["typed"] == "'+81 748-62-1234"


def test_the_operators_settings_count(tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("field,master,typed\ncustomer_number,K-12,k12\nname_kana,ヴァン,バン\n", encoding="utf-8")
    assert [row["same"] for row in _answer(_run(file))] == ["0", "0"]
    with_settings = _run(file, MYPAGE_CUSTOMER_NUMBER_PATTERN="[A-Z][0-9]+", MYPAGE_FOLD_V="true")
    assert [row["same"] for row in _answer(with_settings)] == ["1", "1"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"field,master,typed\nemail,a,b\n", "1件目の field「email」は比べられません"),
        (b"field,master\n", "見出しに typed の列がありません"),
        (b"", "見出しに field, master, typed の列がありません"),
        ("field,master,typed\nname_kana,ア,ア\n".encode("cp932"), "UTF-8ではありません"),
        (b'field,master,typed\nphone,"' + b"1" * 200_000 + b'",2\n', "CSVとして読めません"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "pairs.csv"
    file.write_bytes(content)
    done = _run(file)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()


def test_no_such_file(tmp_path: Path) -> None:
    done = _run(tmp_path / "none.csv")
    assert done.returncode == 2
    assert "開けません" in done.stderr.decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [("CUSTOMER_NUMBER_PATTERN", "["), ("FOLD_V", "maybe"), ("CONFIG", "/nowhere/mypage.toml")],
)
def test_a_wrong_setting_is_told(name: str, value: str) -> None:
    done = _run(CASES, **{f"MYPAGE_{name}": value})
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"MYPAGE_{name}" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
