"""``mypage db``, ``mypage web``, ``mypage doctor`` as a shell runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mypage.store import migrate, sample_mark
from mypage.store.engine import Database
from tests.builders import a_customer, publish_customers
from tests.portal import environment

ROOT = Path(__file__).resolve().parents[2]


def mypage(url: str, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MYPAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "mypage", *arguments],
        cwd=ROOT,
        env={**kept, **environment(url, **settings)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_upgrade_and_downgrade(bare_url: str) -> None:
    assert mypage(bare_url, "db", "upgrade").stdout == f"（空） → {migrate.head()}\n"
    assert mypage(bare_url, "db", "upgrade").stdout == f"{migrate.head()} → {migrate.head()}\n"
    assert mypage(bare_url, "db", "downgrade", "base").stdout == f"{migrate.head()} → （空）\n"


@pytest.mark.parametrize("command", [["web"], ["worker", "--once"], ["batch", "list"]])
def test_commands_say_that_the_tables_are_missing(bare_url: str, command: list[str]) -> None:
    said = mypage(bare_url, *command)
    assert said.returncode == 2
    assert "`mypage db upgrade` を実行してください" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("command", [["web"], ["db", "upgrade"], ["batch", "list"]])
def test_a_database_that_does_not_answer_is_a_sentence(command: list[str]) -> None:
    said = mypage("postgresql://nobody:secret@127.0.0.1:9/none", *command)
    assert said.returncode == 2
    assert "データベースに接続できません" in said.stderr
    assert "secret" not in said.stderr
    assert "Traceback" not in said.stderr


def test_web_refuses_a_sample_database_outside_the_demo(database: Database, engine_url: str) -> None:
    publish_customers(database, a_customer())
    with database.writing() as connection:
        connection.execute(text("UPDATE batch SET actor = :demo"), {"demo": sample_mark.ACTOR})
    said = mypage(engine_url, "web")
    assert said.returncode == 2
    assert "見本のデータ" in said.stderr


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(bare_url: str) -> None:
    said = mypage(bare_url, "doctor", key_colour="#ffff00")
    assert said.returncode == 1
    assert "OK 設定" in said.stdout
    assert "NG 基本色: MYPAGE_KEY_COLOUR #ffff00" in said.stdout
    assert "注意 本人確認" in said.stdout
    assert "NG 表: 版が （空） です" in said.stdout
    assert "OK 時計" in said.stdout
    assert "NG メール: 127.0.0.1:9 につながりません" in said.stdout
    assert "OK フォント" in said.stdout


def test_the_doctor_finds_a_database_that_is_not_there() -> None:
    said = mypage("postgresql://nobody@127.0.0.1:9/none", "doctor")
    assert "NG データベース: 接続できません" in said.stdout
    assert "Traceback" not in said.stderr


def test_a_clock_that_differs_from_the_databases_is_found(engine_url: str, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("3600", encoding="ascii")
    assert (
        "NG 時計: このマシンとデータベースの時計が 36"
        in mypage(engine_url, "doctor", clock_file=str(clock)).stdout
    )


def test_the_applications_role_can_only_add_to_the_trail(bare_url: str) -> None:
    owner = Database(bare_url)
    if owner.is_sqlite:
        owner.close()
        return
    role = "mypage_app"
    with owner.writing() as connection:
        connection.execute(text(f"DROP ROLE IF EXISTS {role}"))
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    as_application = owner.url.set(username=role).render_as_string(hide_password=False)
    assert mypage(as_application, "db", "upgrade", database_owner_url=bare_url).returncode == 0
    assert "OK 操作履歴の権限" in mypage(as_application, "doctor", database_owner_url=bare_url).stdout
    assert "注意 操作履歴の権限" in mypage(bare_url, "doctor").stdout
    application = Database(as_application)
    with application.writing() as connection:
        connection.execute(text("UPDATE publication SET epoch = epoch"))
    with pytest.raises(DBAPIError, match="permission denied"), application.writing() as connection:
        connection.execute(text("UPDATE audit_event SET actor = 'x'"))
    application.close()
    with owner.writing() as connection:
        connection.execute(text(f"DROP OWNED BY {role}"))
        connection.execute(text(f"DROP ROLE {role}"))
    owner.close()
