"""``mypage staff invite``: two administrators, and after them the screen."""

import json
import os
import subprocess
import sys

from click.testing import CliRunner, Result
from sqlalchemy import update

from mypage.cli import main
from mypage.domain.staff import Role
from mypage.store.engine import Database
from mypage.store.schema import staff
from tests.portal import ADDRESS, environment, portal
from tests.staffing import a_member, at_desk, enrolled
from tests.visitor import Visitor


def invite(url: str, *words: str, **settings: str) -> Result:
    """The command in this process: starting it anew each time would prove the same again."""
    return CliRunner().invoke(main, ["staff", "invite", *words], env=environment(url, **settings))


def test_the_first_day_of_an_operator(database: Database, engine_url: str) -> None:
    app = portal(database)
    said = invite(engine_url, "--name", "田中", "--email", "tanaka@example.jp", factor_keys="")
    assert said.exit_code == 2
    assert "MYPAGE_FACTOR_KEYS がありません" in said.stderr
    said = invite(engine_url, "--name", " ", "--email", "tanaka@example.jp")
    assert (said.exit_code, said.stdout) == (2, "")
    said = invite(engine_url, "--name", "田中", "--email", "tanaka")
    assert (said.exit_code, said.stdout) == (2, "")
    first = subprocess.run(
        [sys.executable, "-m", "mypage", "staff", "invite", "--name", "田中", "--email", "tanaka@example.jp"],
        env={**os.environ, **environment(engine_url)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert first.returncode == 0, first.stderr
    (link,) = [line for line in first.stdout.splitlines() if line.startswith(ADDRESS)]
    # Not there yet: the same person gets another link, and the one before is dead.
    again = json.loads(invite(engine_url, "--name", "田中", "--email", "TANAKA@example.jp", "--json").stdout)
    assert "新しい招待" in Visitor(app).get(link.removeprefix(ADDRESS)).text
    assert again["expires_at"].endswith("Z")
    one = enrolled(app, again["link"].removeprefix(ADDRESS), "tanaka")
    second = json.loads(
        invite(engine_url, "--name", "山本", "--email", "yamamoto@example.jp", "--json").stdout
    )
    third = invite(engine_url, "--name", "中村", "--email", "nakamura@example.jp")
    assert third.exit_code == 1
    assert f"{ADDRESS}/staff/people/invite" in third.stderr
    two = enrolled(app, second["link"].removeprefix(ADDRESS), "yamamoto")
    assert "山本" in one.get("/staff/people").text
    # Both were invited by the command line, so one approves what the other asks once they have held the role for a day.
    page = one.get("/staff/people/invite").submit("招待する", name="中村", email="n@example.jp", role="admin")
    assert "まだ承認できません" in two.get(page.path.partition("?")[0]).text
    # Who has come is not invited here again, whatever became of them since.
    with database.writing() as connection:
        connection.execute(update(staff).where(staff.c.name == "山本").values(state="invited"))
    late = invite(engine_url, "--name", "山本", "--email", "yamamoto@example.jp")
    assert (late.exit_code, late.stdout) == (1, "")


def test_it_asks_for_what_is_not_said(engine_url: str) -> None:
    said = CliRunner().invoke(
        main, ["staff", "invite"], env=environment(engine_url), input="田中\ntanaka@example.jp\n"
    )
    assert said.exit_code == 0, said.stderr
    assert "田中 さんを管理者として招待しました" in said.stdout


def test_the_doctor_looks_at_administrators_and_keys(database: Database, engine_url: str) -> None:
    def doctor(**settings: str) -> dict[str, str]:
        said = CliRunner().invoke(main, ["doctor"], env=environment(engine_url, **settings))
        lines = [line.partition(" ") for line in said.stdout.splitlines()]
        return {rest.partition(":")[0]: level for level, _, rest in lines}

    found = doctor(factor_keys="")
    assert (found["管理者"], found["認証アプリの鍵"]) == ("注意", "注意"), "the first day"
    a_member(database, Role.ADMIN, "田中")
    assert doctor()["管理者"] == "注意", "one alone can approve nothing"
    a_member(database, Role.ADMIN, "山本")
    found = doctor()
    assert (found["管理者"], found["認証アプリの鍵"]) == ("OK", "OK")
    assert doctor(factor_keys="")["認証アプリの鍵"] == "NG"
    assert "二人目の承認" not in found
    assert doctor(second_person="all")["二人目の承認"] == "注意", "the command line is nobody in particular"
    assert doctor(factor_keys="another-key-that-opens-nothing-0123456789")["認証アプリの鍵"] == "NG"


def test_one_who_lost_everything_is_suspended_and_replaced(database: Database, engine_url: str) -> None:
    app = portal(database)
    one = at_desk(app, database, a_member(database, Role.ADMIN, "田中"))
    lost = a_member(database, Role.ADMIN, "山本")
    assert invite(engine_url, "--name", "中村", "--email", "n@example.jp").exit_code == 1
    one.get(f"/staff/people/{lost.id}/suspend").submit("停止する", reason="スマートフォンの紛失")
    said = invite(engine_url, "--name", "中村", "--email", "n@example.jp")
    assert said.exit_code == 0, said.stderr
    with database.reading() as connection:
        told = connection.exec_driver_sql("SELECT recipient, facts FROM outbox").all()
    assert [("admin@example.jp", "admin_by_command" in facts) for recipient, facts in told] == [
        ("admin@example.jp", True)
    ]
