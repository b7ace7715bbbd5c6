"""``mypage letters`` as a shell runs it, and what ``mypage doctor`` says of letters.

On SQLite only: what the database has to do with it is tried in ``tests/works/test_letters.py``.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.store import migrate
from mypage.store.engine import Database
from mypage.store.schema import account_customer
from mypage.works import doctor
from mypage.works.finding import Finding, Level
from tests.builders import a_customer, publish_customers
from tests.cli.test_db import mypage
from tests.lettering import LETTER, post_letters, rows_of, sign_up
from tests.portal import environment, move_clock


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Database]:
    """An embedded database."""
    made = Database(f"sqlite:///{tmp_path / 'mypage.sqlite'}")
    migrate.upgrade(made)
    yield made
    made.close()


def test_from_the_activation_to_the_list(opened: Database, tmp_path: Path) -> None:
    publish_customers(opened, a_customer(), a_customer("70012", phone="0748671111", address=None))
    now = datetime.now(UTC)
    sign_up(opened, now)
    sign_up(opened, now, customer_key="70012", customer_number="70012", phone="0748671111", login_id="hanako")
    engine_url = opened.url.render_as_string()
    opened.close()
    file = tmp_path / "letters.csv"
    said = mypage(engine_url, "letters", "export", str(file), **LETTER)
    assert said.returncode == 0, said.stderr
    assert f"1通（うち確認コード 1通）  {file}" in said.stdout
    assert "住所がないため、お送りできないお客様番号: 0000070012。" in said.stdout
    assert "まだ書き出していない手紙: 1通" in said.stdout
    [row] = rows_of(file)
    assert row["確認コード"]
    assert row["確認コード"] not in said.stdout + said.stderr

    said = mypage(engine_url, "letters", "list", "--json", **LETTER)
    told = json.loads(said.stdout)
    assert (told["waiting"], len(told["exports"])) == (1, 1)
    [found] = told["exports"]
    assert (found["id"], found["state"], found["letters"], found["codes"]) == (1, "written", 1, 1)
    assert found["file"] == str(file)
    assert datetime.fromisoformat(found["written_at"]) >= now - timedelta(seconds=2)
    assert found["written_at"].endswith("Z")

    again = tmp_path / "again.csv"
    said = mypage(engine_url, "letters", "export", str(again), "--again", "1", "--json", **LETTER)
    assert said.returncode == 0
    assert [each["id"] for each in json.loads(said.stdout)["exports"]] == [1]
    assert again.read_bytes() == file.read_bytes()
    said = mypage(engine_url, "letters", "list", **LETTER)
    assert said.stdout.splitlines()[-1] == "まだ書き出していない手紙: 1通"


def test_bad_usage_is_a_sentence_and_a_status(opened: Database, tmp_path: Path) -> None:
    engine_url = opened.url.render_as_string()
    opened.close()
    there = tmp_path / "there.csv"
    there.write_text("mine")
    for arguments, status, told in (
        (["export", str(there)], 1, "はすでにあります。上書きはしません。新しい名前を指定してください。"),
        (["export", str(tmp_path / "no" / "1.csv")], 1, "に書き込めません（No such file or directory）"),
        (["export", str(tmp_path / "new.csv"), "--again", "7"], 1, "書き出し 7 番はありません。"),
        (["export", str(tmp_path)], 2, "is a directory"),
    ):
        said = mypage(engine_url, "letters", *arguments)
        assert said.returncode == status, said.stderr
        assert told in said.stderr
        assert "Traceback" not in said.stderr
    assert there.read_text() == "mine"
    said = mypage(engine_url, "letters", "export", str(tmp_path / "none.csv"))
    assert (said.returncode, said.stderr) == (0, "")
    assert "前回からの登録はありません。" in said.stdout
    assert rows_of(tmp_path / "none.csv") == []
    assert "書き出しはまだありません。" in mypage(engine_url, "letters", "list").stdout


def _letters_finding(database: Database, clock_file: Path, **changed: str) -> list[Finding]:
    url = database.url.render_as_string(hide_password=False)
    found = load(environment(url, clock_file=str(clock_file), **changed))
    return [each for each in doctor.examine(found, Clock(clock_file)) if "手紙" in each.part]


def test_the_doctor_warns_of_letters_that_nobody_exports(opened: Database, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    now = datetime.now(UTC)
    publish_customers(opened, a_customer(), a_customer("70012", phone="0748671111", address=None))
    assert _letters_finding(opened, clock, **LETTER) == [Finding(Level.WELL, "確認コードの手紙")]
    sign_up(opened, now)
    assert _letters_finding(opened, clock, **LETTER) == [Finding(Level.WELL, "確認コードの手紙")]
    move_clock(clock, timedelta(days=1, minutes=1))
    [late] = _letters_finding(opened, clock, **LETTER)
    assert late.level is Level.NOTE
    assert late.sentence == (
        "1通が、1日以上書き出されていません。`mypage letters export FILE` を毎日実行してください。"
    )
    assert _letters_finding(opened, clock, signup_proof="key") == []
    with opened.writing() as connection:
        # The code stands for the second person of a signup on the telephone: it is asked whatever the setting says.
        connection.execute(update(account_customer).values(letter_for_approval=True))
    assert _letters_finding(opened, clock, signup_proof="key") == [late]
    post_letters(opened, tmp_path, now)
    assert _letters_finding(opened, clock, **LETTER) == [Finding(Level.WELL, "確認コードの手紙")]
    sign_up(opened, now, customer_key="70012", customer_number="70012", phone="0748671111", login_id="hanako")
    [nowhere] = _letters_finding(opened, clock, **LETTER)
    assert nowhere.sentence == "住所がないため、手紙をお送りできないお客様がいます: 0000070012"


def test_the_doctor_warns_at_none(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock")
    for proof, expected in (("none", True), ("key", False), ("letter", False)):
        found = load(environment(f"sqlite:///{tmp_path / 'x.db'}", signup_proof=proof))
        told = [each for each in doctor.examine(found, clock) if each.part == "本人確認"]
        assert bool(told) is expected
        assert all("key（登録キー）か letter（郵送する確認コード）" in each.sentence for each in told)
