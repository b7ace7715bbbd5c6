"""``mypage audit``: verified, searched and asked on the command line, in words and for machines."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mypage.cli import main
from mypage.domain.staff import Role
from mypage.services import release
from mypage.store.engine import Database
from tests.bills import a_bill, publish_bills
from tests.builders import a_customer, publish_customers
from tests.lettering import sign_up
from tests.portal import environment, portal
from tests.signing_up import NOON
from tests.staffing import a_member, at_desk
from tests.tampering import record, tamper


class Shell:
    """Commands before one database."""

    def __init__(self, database: Database, **settings: str) -> None:
        self._variables = environment(database.url.render_as_string(hide_password=False), **settings)

    def run(self, *arguments: str) -> Result:
        """One command, in this process: only where its own start is tried does that need another."""
        return CliRunner().invoke(main, ["audit", *arguments], env=self._variables)

    def json(self, *arguments: str) -> dict[str, object]:
        answer = self.run(*arguments, "--json")
        found: dict[str, object] = json.loads(answer.stdout)
        return found


@pytest.fixture
def shell(database: Database) -> Shell:
    return Shell(database)


def test_verify_says_that_all_is_well_and_what_it_cannot_know(database: Database, shell: Shell) -> None:
    assert "まだ1行もありません" in shell.run("verify").stdout
    record(database, 3)
    answer = shell.run("verify")
    assert answer.exit_code == 0
    assert "操作履歴は、書かれたままです。3 行（2026-11-01 21:00:00 から" in answer.stdout
    assert "詳しい内容: 3 件あり、0 件は保存期間を過ぎて消されています" in answer.stdout
    assert "署名された控えと比べていません" in answer.stdout
    assert shell.json("verify") | {"told": None, "last": None} == {
        "whole": True,
        "rows": 3,
        "last": None,
        "details": {"kept": 3, "purged": 0},
        "heads": None,
        "findings": [],
        "more": {},
        "told": None,
    }


def test_verify_says_which_row_since_when_and_what_to_do(
    database: Database, shell: Shell, tmp_path: Path
) -> None:
    record(database, 50)
    tamper(database, "UPDATE audit_event SET actor = 'x' WHERE seq IN (2, 4)")
    answer = shell.run("verify")
    assert answer.exit_code == 1
    assert "NG 第2行の中身が、書かれたあとで変えられています" in answer.stdout
    assert "→ データベースと控えのファイルを、直さずにこのまま保存してください" in answer.stdout
    found = shell.json("verify")
    assert [(each["fault"], each["seq"]) for each in found["findings"]] == [("changed", 2), ("changed", 4)]  # type: ignore[attr-defined]
    even = ", ".join(map(str, range(2, 52, 2)))
    tamper(database, f"UPDATE audit_event SET actor = 'y' WHERE seq IN ({even})")  # noqa: S608
    assert "NG 同じことが、ほかに 5 か所あります。" in shell.run("verify").stdout


def test_verify_with_heads(database: Database, tmp_path: Path) -> None:
    head = tmp_path / "heads"
    shell = Shell(database, audit_head_file=str(head))
    record(database, 3)
    assert "署名された控えと比べていません" in shell.run("verify").stdout  # there is no file yet
    assert shell.run("verify", "--head", str(head)).exit_code == 2
    worker = CliRunner().invoke(main, ["worker", "--once"], env=shell._variables)
    assert worker.exit_code in (0, 1)  # no mail server is there
    answer = shell.run("verify")
    assert answer.exit_code == 0
    assert "署名された控え: 1 件のうち 1 件が合いました" in answer.stdout
    heads = shell.json("verify")["heads"]
    assert isinstance(heads, dict)
    assert (heads["count"], heads["good"], heads["forged"]) == (1, 1, 0)
    # Another machine's keys: nothing can be said, and that is not "well".
    other = Shell(database, audit_head_file=str(head), secret_keys="another-key-that-nobody-knows-of-here-12")
    answer = other.run("verify")
    assert answer.exit_code == 1
    assert "署名を確かめられる控えがありません" in answer.stdout
    assert "1 件の控えは、MYPAGE_SECRET_KEYS にない鍵で署名されています" in answer.stdout
    late = tmp_path / "clock"
    late.write_text("20000", encoding="ascii")
    head.write_text(head.read_text() + '{"chain": "main", "se')
    answer = Shell(database, audit_head_file=str(head), clock_file=str(late)).run("verify")
    assert "`mypage worker` が動いているか確かめてください" in answer.stdout
    assert "控えのファイルの 1 行は、読めませんでした" in answer.stdout
    assert answer.exit_code == 0


def test_verify_at_a_terminal_tells_how_far_it_is(database: Database, engine_url: str) -> None:
    record(database, 4000)
    outside, inside = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")}
    done = subprocess.run(
        [sys.executable, "-m", "mypage", "audit", "verify"],
        env={**kept, **environment(engine_url)},
        stdout=subprocess.PIPE,
        stderr=inside,
        timeout=60,
        check=True,
    )
    os.close(inside)
    told = os.read(outside, 4000).decode()
    os.close(outside)
    assert " 50% 2,000行" in told
    assert told.endswith("\r\x1b[K")
    assert "4,000 行" in done.stdout.decode()


def test_search_in_lines_as_a_file_and_for_machines(database: Database, shell: Shell) -> None:
    member = a_member(database, Role.AGENT, "鈴木")
    record(database, 2)
    at_desk(portal(database), database, Role.AUDITOR).get("/staff/trail")
    lines = shell.run("search", "--actor", "visitor").stdout.splitlines()
    assert len(lines) == 2
    assert (
        "契約者の確認で、一致しない項目があった  （原因：A-03 契約者情報と一致しないと表示される、一致しなかった項目：電話番号）"
        in lines[0]
    )
    assert "お客様番号 70012" in lines[0]
    rows = list(csv.DictReader(io.StringIO(shell.run("search", "--csv").stdout.removeprefix("\ufeff"))))
    assert [row["だれが"] for row in rows] == ["ログインしていない人"] * 2 + ["伊藤", "サーバーのコマンド"]
    found = [
        json.loads(line) for line in shell.run("search", "--json", "--customer", "70012").stdout.splitlines()
    ]
    assert [each["seq"] for each in found] == [1, 2]
    assert found[0]["facts"] == {"missed": "phone", "cause": "A-03"}
    assert shell.run("search", "--since", "2026-11-02", "--actor", "visitor").stdout == ""
    assert (
        len(shell.run("search", "--until", "2026-11-01T21:00", "--actor", "visitor").stdout.splitlines()) == 2
    )
    assert shell.run("search", "--action", "trail.exported", "--batch", "1").stdout == ""
    for arguments, words in (
        (["--since", "gestern"], "日付として読めません"),
        (["--action", "x"], "「x」という操作はありません"),
        (["--actor", "山田"], "のどれでもありません"),
        (["--customer", "ヤマダ"], "お客様番号ではありません"),
    ):
        refused = shell.run("search", *arguments)
        assert refused.exit_code == 2
        assert words in refused.stderr
    did = shell.run("staff", member.login_id.upper())
    assert did.stdout.startswith("0件、お客様 0人")
    auditor = shell.run("staff", "auditor-伊藤")
    assert "1件  操作履歴を検索した" in auditor.stdout
    assert "というスタッフはいません" in shell.run("staff", "nobody").stderr


def test_looks_and_what_a_released_account_saw(database: Database, shell: Shell) -> None:
    assert "だれも見ていません" in shell.run("looks", "12345678").stdout
    publish_customers(database, a_customer())
    publish_bills(database, a_bill(202610))
    assert "解除されたことはありません" in shell.run("released", "12345678").stdout
    account_id = sign_up(database, NOON, proof="none")
    with database.writing() as connection:
        release.release_account(
            connection,
            customer_key="12345678",
            account_id=account_id,
            acting_staff="gone",
            reason="x",
            now=NOON,
        )
    told = shell.run("looks", "0012345678").stdout
    assert "登録を解除した" in told
    assert "スタッフ（gone）" in told
    assert "サーバーのコマンド" in told  # what was asked before
    looks = shell.json("looks", "12345678")
    assert looks["customer"] == ["12345678"]
    assert looks["shown_bills"] == []
    told = shell.run("released", "12345678").stdout
    assert "ログイン 0回" in told
    assert "明細は、1件も表示されていません。" in told
    assert "tarou" not in told
    authority = shell.run("released", "12345678", "--for", "authority").stdout
    assert "アカウントID: tarou-2026" in authority
    found = json.dumps(shell.json("released", "12345678"))
    assert '"contract_page": "no"' in found
    assert f'"registered_at": "{NOON:%Y-%m-%dT%H:%M:%S}Z"' in found
