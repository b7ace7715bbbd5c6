"""``mypage batch`` as a shell sees it: words, JSON, exit status, on both databases."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mypage.cli import main
from mypage.domain.batch import State
from mypage.store import batches as store
from mypage.store.engine import Database
from tests.delivering import (
    CUSTOMER_HEADINGS,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    payment,
    payments,
    table,
)

Shell = Callable[..., Result]
CUSTOMERS = customers(customer("0070012"), customer("0070013"))
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def environment(engine_url: str, tmp_path: Path) -> dict[str, str]:
    """The settings of the operator."""
    return {
        "MYPAGE_DATABASE_URL": engine_url,
        "MYPAGE_SECRET_KEYS": "k" * 40,
        "MYPAGE_SCRATCH": str(tmp_path / "scratch"),
    }


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Runs ``mypage batch`` in the folder of the files, in this process."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(
        main, ["batch", *arguments], env=environment, catch_exceptions=False
    )


def as_json(done: Result) -> list[dict[str, Any]]:
    """The batches of ``--json``, which is all that stands on stdout."""
    found: list[dict[str, Any]] = json.loads(done.stdout)["batches"]
    return found


def test_files_are_published_and_listed(shell: Shell, tmp_path: Path, database: Database) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "charges.csv").write_bytes(
        charges(charge("70012"), charge("70013"), charge("70013", month="2026-09")).decode().encode("cp932")
    )
    done = shell("publish", "charges.csv", "customers.csv")
    assert done.exit_code == 0, done.stderr
    assert done.stderr == ""
    assert "公開中  契約者  customers.csv" in done.stdout
    assert "公開中  請求  charges.csv  2026-09・2026-10  明細3件  お客様2件  1,500円  CP932" in done.stdout
    listed = shell("list")
    assert listed.exit_code == 0
    assert [line.split()[:3] for line in listed.stdout.splitlines()] == [
        ["2", "公開中", "請求"],
        ["1", "公開中", "契約者"],
    ]
    with database.reading() as connection:
        assert [batch.state for batch in store.latest(connection, 9)] == [State.PUBLISHED] * 2


def test_json_tells_what_a_machine_needs(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "charges.csv").write_bytes(charges(charge("70012"), charge("70013")))
    customers_batch, charges_batch = as_json(shell("check", "--json", "customers.csv", "charges.csv"))
    assert customers_batch["kind"] == "customers"
    expected = {
        "id": 2,
        "state": "checked",
        "kind": "charges",
        "months": ["2026-10"],
        "statements": 2,
        "customers": 2,
        "lines": 2,
        "total": 1000,
        "errors": 0,
        "warnings": 0,
        "published_at": None,
    }
    assert {name: charges_batch[name] for name in expected} == expected
    assert charges_batch["received_at"].endswith("Z")
    published = shell("publish", "2", "--json")
    assert published.exit_code == 0
    assert [(batch["id"], batch["state"]) for batch in as_json(published)] == [
        (1, "published"),
        (2, "published"),
    ]
    assert [batch["id"] for batch in as_json(shell("list", "--json"))] == [2, 1]


def test_a_wrong_file_is_refused_with_its_errors_grouped_by_cause(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    rows = [charge(str(80_000 + place)) for place in range(8)]
    (tmp_path / "charges.csv").write_bytes(charges(*rows, charge("70012", amount="=1+1")))
    done = shell("publish", "customers.csv", "charges.csv")
    assert done.exit_code == 1
    assert "却下  請求  charges.csv" in done.stdout
    assert "誤り 8件 ［お客様番号］お客様が契約者ファイルにありません。" in done.stdout
    assert "      2行目 80000 「80000」\n" in done.stdout
    assert "      ほか3件\n" in done.stdout
    assert (
        "      → 先に（または一緒に）契約者ファイルを取り込むか、お客様番号を直してください。" in done.stdout
    )
    assert "10行目 70012 「=1+1」" in done.stdout
    shown = shell("show", "2", "--json")
    assert shown.exit_code == 0
    (batch,) = as_json(shown)
    assert (batch["state"], batch["errors"], len(batch["report"])) == ("refused", 9, 9)
    assert batch["report"][0] == {
        "code": "unknown_customer",
        "warning": False,
        "row": 2,
        "column": "お客様番号",
        "customer_number": "80000",
        "value": "80000",
        "message": "お客様が契約者ファイルにありません。",
        "fix": "先に（または一緒に）契約者ファイルを取り込むか、お客様番号を直してください。",
    }
    assert "却下" in shell("show", "2").stdout
    refused = shell("publish", "2")
    assert refused.exit_code == 1
    assert refused.stderr == "取込2は「却下」のため、公開できません。\n"


def test_a_file_that_is_none_is_told_in_a_sentence(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(table(CUSTOMER_HEADINGS[1:], customer("1")[1:]))
    done = shell("publish", "customers.csv", "nothing.csv")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "customers.csv: 必要な列がありません: お客様番号 見出しの行を確かめてください。",
        "nothing.csv: ファイルがありません。 名前と場所を確かめてください。",
    ]
    (batch, missing) = as_json(shell("check", "--json", "customers.csv", "nothing.csv"))
    assert (batch["id"], batch["state"], batch["errors"], batch["kind"]) == (None, "refused", 1, None)
    assert missing["report"][0]["code"] == "file_not_found"


@pytest.mark.parametrize("number", ["7", "999999999", "2147483648", "9" * 30, "9" * 5000])
def test_a_number_of_no_batch_is_told_in_a_sentence(shell: Shell, number: str) -> None:
    done = shell("publish", number)
    assert (done.exit_code, done.stdout) == (1, "")
    assert number in done.stderr


def test_publishing_again_does_nothing_and_says_so(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    shell("publish", "customers.csv")
    again = shell("publish", "customers.csv")
    assert again.exit_code == 0
    assert again.stdout == "取込1として、同じファイルがすでに公開されています。何もしていません。\n"
    by_id = shell("publish", "1", "--json")
    assert (by_id.exit_code, [batch["state"] for batch in as_json(by_id)]) == (0, ["published"])


def test_a_checked_batch_is_checked_again_when_something_was_published_since(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "charges.csv").write_bytes(charges(charge("70012")))
    (tmp_path / "later.csv").write_bytes(customers(customer("70014")))
    shell("publish", "customers.csv")
    shell("check", "charges.csv")
    shell("publish", "later.csv")
    done = shell("publish", "2")
    assert done.exit_code == 0, done.stderr
    assert "公開中  請求" in done.stdout
    shell("check", "later.csv", "--kind", "customers")
    (tmp_path / "gone.csv").write_bytes(customers(customer("70015")))
    shell("check", "gone.csv")
    shell("publish", "later.csv", "--kind", "customers")
    (tmp_path / "gone.csv").unlink()
    gone = shell("publish", "5")
    assert gone.exit_code == 1
    assert "ファイルがありません" in gone.stderr


def test_numbers_and_files_do_not_mix(shell: Shell) -> None:
    mixed = shell("publish", "1", "file.csv")
    assert mixed.exit_code == 2
    assert "番号とファイルは一緒に指定できません" in mixed.stderr


@pytest.mark.parametrize("command", ["show", "publish"])
def test_a_batch_that_is_not_there(shell: Shell, command: str) -> None:
    done = shell(command, "7")
    assert done.exit_code == 1
    assert done.stderr == "番号7の取込はありません。番号を `mypage batch list` で確かめてください。\n"


def test_an_empty_list_says_so(shell: Shell) -> None:
    assert shell("list").stdout == "取込はまだありません。\n"
    assert as_json(shell("list", "--json")) == []


def test_a_snapshot_and_a_forced_encoding_from_the_command_line(shell: Shell, tmp_path: Path) -> None:
    many = [customer(str(number)) for number in range(100, 110)]
    (tmp_path / "all.csv").write_bytes(customers(*many))
    (tmp_path / "fewer.csv").write_bytes(customers(*many[:8]).decode().encode("cp932"))
    shell("publish", "all.csv")
    refused = shell("publish", "fewer.csv", "--snapshot", "--encoding", "cp932")
    assert refused.exit_code == 1
    assert "お客様10件のうち2件が、ファイルにないため解約済になります。" in refused.stdout
    done = shell("publish", "fewer.csv", "--snapshot", "--encoding", "cp932", "--confirm")
    assert done.exit_code == 0, done.stdout


def test_statements_with_errors_are_left_out_by_a_choice_and_listed(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "charges.csv").write_bytes(
        charges(charge("70012"), charge("70013", total="501"), charge("7001x"))
    )
    shell("publish", "customers.csv")
    refused = shell("publish", "charges.csv")
    assert refused.exit_code == 1
    assert "`mypage batch publish 2 --without-errors`" in refused.stdout
    done = shell("publish", "2", "--without-errors")
    assert done.exit_code == 0, done.stderr
    assert "公開中  請求  charges.csv  2026-10  明細1件  お客様1件  500円  除外2件" in done.stdout
    shown = shell("show", "3").stdout
    assert "除いた請求（直して、あらためて取り込んでください。訂正にはなりません）" in shown
    assert "      4行目 7001x ［お客様番号］お客様番号として読めません。\n" in shown
    assert "      3行目 70013 2026-10 請求番号1 ［請求金額合計］明細の合計は500円ですが" in shown
    (batch,) = as_json(shell("show", "3", "--json"))
    assert (batch["state"], batch["errors"], batch["left_out"], batch["statements"]) == ("published", 2, 2, 1)
    assert batch["left_out_statements"][1] == {
        "row": 3,
        "customer_number": "70013",
        "month": "2026-10",
        "number": 1,
        "code": "total_differs",
        "column": "請求金額合計",
        "message": "明細の合計は500円ですが、請求金額合計は501円です（差 -1円）。",
    }
    again = shell("publish", "charges.csv", "--without-errors")
    assert (again.exit_code, "すでに公開されています" in again.stdout) == (0, True)
    assert shell("publish", "2", "3", "--without-errors").exit_code == 0
    checked = shell("check", "charges.csv", "--without-errors", "--json")
    assert [each["state"] for each in as_json(checked)] == ["published"]


def test_a_choice_does_not_help_where_the_file_itself_is_wrong(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "charges.csv").write_bytes(charges(charge("70012")))
    refused = shell("publish", "charges.csv", "--without-errors")
    assert refused.exit_code == 1
    assert "誤りのない行が1つもありません。" in refused.stdout
    (tmp_path / "charges.csv").unlink()
    gone = shell("publish", "1", "--without-errors")
    assert gone.exit_code == 1
    assert "ファイルがありません" in gone.stderr


def test_payments_are_counted_by_state(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "charges.csv").write_bytes(charges(charge("70012"), charge("70013")))
    rows = [payment("70012", "一部入金", amount="300"), payment("70013", "振替不能")]
    (tmp_path / "payments.csv").write_bytes(payments(*rows))
    done = shell("publish", "payments.csv", "charges.csv", "customers.csv", "--json")
    assert done.exit_code == 0, done.stderr
    batch = as_json(done)[2]
    assert (batch["kind"], batch["statements"], batch["total"]) == ("payments", 2, 300)
    assert batch["payment_states"] == {"failed": 1, "partly_paid": 1}


def test_numbers_that_change_stop_at_checked_with_a_status_of_their_own(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "changes.csv").write_bytes(number_changes(number_change("70012", "70013")))
    done = shell("publish", "changes.csv", "customers.csv")
    assert done.exit_code == 3
    assert "取込1、2は確認済です。公開には別の担当者の承認が必要なため、承認を依頼しました" in done.stderr
    assert "確認済  お客様番号の変更  changes.csv  お客様1件  引き継ぎ1件" in done.stdout
    assert "確認済  契約者  customers.csv" in done.stdout, "nor does anything else of the delivery"
    by_id = shell("publish", "2", "--json")
    assert by_id.exit_code == 3
    assert [(batch["id"], batch["state"], batch["carried"]) for batch in as_json(by_id)] == [
        (2, "checked", 1)
    ]
    shell("publish", "customers.csv")
    after = shell("publish", "2")
    assert after.exit_code == 3, "also after it had to be checked again"


def test_a_database_without_tables_ends_with_a_sentence(
    bare_url: str, shell: Shell, environment: dict[str, str]
) -> None:
    environment["MYPAGE_DATABASE_URL"] = bare_url
    done = shell("list")
    assert done.exit_code == 2
    assert "mypage db upgrade" in done.stderr
    environment["MYPAGE_SECRET_KEYS"] = "short"
    wrong = shell("list")
    assert wrong.exit_code == 2
    assert "MYPAGE_SECRET_KEYS" in wrong.stderr


def test_a_real_process_ends_with_the_status_of_its_deed(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_bytes(CUSTOMERS)
    (tmp_path / "charges.csv").write_bytes(charges(charge("99999")))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")}

    def status(*arguments: str) -> int:
        command = [sys.executable, "-m", "mypage", "batch", *arguments]
        env = {**kept, **environment, "PYTHONPATH": str(REPOSITORY)}
        return subprocess.run(
            command, env=env, cwd=tmp_path, capture_output=True, check=False, timeout=120
        ).returncode

    assert status("publish", "customers.csv") == 0
    assert status("publish", "charges.csv") == 1
