"""``mypage batch report``: all that a check told, for people, for Excel and for machines."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mypage.cli import main
from mypage.store import batch_reports
from mypage.store import batches as store
from mypage.store.engine import Database
from mypage.works.load.report import whole
from tests.delivering import Delivering, charge, charges, customer, customers

MANY = 6_100  # more than a part of a report holds, and more than is kept at hand
HEADINGS = ["行番号（Excelの行）", "列名", "お客様番号", "入力値", "エラー内容", "直し方"]


@pytest.fixture
def refused(database: Database, tmp_path: Path) -> int:
    """A charges batch with more errors than anybody wants to read, one of them with a formula in its cell."""
    outcome = Delivering(database, tmp_path).check(
        customers=customers(customer("0070012")),
        charges=charges(
            *(charge(str(80_000 + place)) for place in range(MANY)),
            charge("70012", amount="=1+1"),
            charge("@SUM(1)"),
        ),
    )
    return outcome.batches[1].id


def report(engine_url: str, *arguments: str | int | Path) -> Result:
    environment = {"MYPAGE_DATABASE_URL": engine_url, "MYPAGE_SECRET_KEYS": "k" * 40}
    words = ["batch", "report", *map(str, arguments)]
    return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)


def test_the_csv_holds_every_error_by_row_and_nothing_that_excel_runs(
    refused: int, engine_url: str, tmp_path: Path
) -> None:
    done = report(engine_url, refused, "--csv", tmp_path / "errors.csv")
    assert (done.exit_code, done.stdout) == (
        0,
        f"誤り{MANY + 2:,}件・注意0件を {tmp_path / 'errors.csv'} に書きました。\n",
    )
    content = (tmp_path / "errors.csv").read_bytes()
    assert content.startswith("\ufeff".encode())
    assert content.count(b"\r\n") == content.count(b"\n") == MANY + 3
    headings, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    assert headings == HEADINGS
    assert [int(row[0]) for row in rows] == list(range(2, MANY + 4))
    assert rows[0] == [
        "2",
        "お客様番号",
        "80000",
        "80000",
        "お客様が契約者ファイルにありません。",
        "先に（または一緒に）契約者ファイルを取り込むか、お客様番号を直してください。",
    ]
    assert rows[MANY][:5] == [str(MANY + 2), "金額", "70012", "'=1+1", "数字として読めません。"]
    assert rows[MANY + 1][2:4] == ["'@SUM(1)", "'@SUM(1)"]


def test_machines_get_the_same(refused: int, engine_url: str) -> None:
    (batch,) = json.loads(report(engine_url, refused, "--json").stdout)["batches"]
    assert (batch["id"], batch["state"], batch["errors"]) == (refused, "refused", MANY + 2)
    assert [error["row"] for error in batch["report"]] == list(range(2, MANY + 4))
    assert batch["report"][-1]["code"] == "not_a_customer_number"
    assert [cause["count"] for cause in batch["causes"]] == [MANY, 1, 1]


def test_people_see_the_causes(refused: int, engine_url: str) -> None:
    said = report(engine_url, refused).stdout
    assert f"誤り {MANY:,}件 ［お客様番号］お客様が契約者ファイルにありません。" in said
    assert f"      ほか{MANY - 5:,}件\n" in said


def test_a_warning_is_told_as_one(database: Database, engine_url: str, tmp_path: Path) -> None:
    kana = customers(customer("70012")).decode().replace("アイコム　タロウ", "").encode()
    batch = Delivering(database, tmp_path).publish(customers=kana)[0]
    report(engine_url, batch.id, "--csv", tmp_path / "warnings.csv")
    assert "（注意）カナ氏名がないか、比べられる文字がありません。" in (tmp_path / "warnings.csv").read_text()


def test_a_report_that_cannot_be_written_or_is_nobodys_is_a_sentence(
    refused: int, engine_url: str, tmp_path: Path
) -> None:
    done = report(engine_url, refused, "--csv", tmp_path / "no folder" / "errors.csv")
    assert (done.exit_code, "に書き込めません" in done.stderr) == (1, True)
    done = report(engine_url, 999)
    assert (done.exit_code, "番号999の取込はありません。" in done.stderr) == (1, True)
    assert report(engine_url, refused, "--csv", tmp_path / "x.csv", "--json").exit_code == 2


def test_the_next_check_leaves_nothing_of_the_report_before(database: Database, tmp_path: Path) -> None:
    delivering = Delivering(database, tmp_path)
    delivering.publish(customers=customers(customer("70012")))
    first = delivering.check(charges=charges(charge("80001"), charge("80002"))).batches[0]
    # What a check that was killed leaves: parts that no batch names.
    with database.writing() as connection:
        batch_reports.add(connection, first.id, "left by a crash", 0, entries=1, packed=b"")
    again = delivering.check(charges=charges(charge("80001"), charge("80002"))).batches[0]
    assert again.id == first.id
    assert again.report not in (None, first.report)
    assert [error.row for error in whole(database, again)] == [2, 3]
    assert delivering.rows("SELECT DISTINCT report FROM batch_report WHERE batch_id = 2") == [(again.report,)]
    with database.reading() as connection:
        assert [error.row for error in store.errors_of(connection, again.id)] == [2, 3]
