"""``mypage token``: made, listed and revoked from a shell."""

import json

import pytest
from click.testing import CliRunner, Result

from mypage.cli import main
from mypage.store.engine import Database
from tests.portal import environment, portal
from tests.programme import Programme, problem_of


@pytest.fixture
def url(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def run(url: str, *words: str) -> Result:
    return CliRunner().invoke(main, ["token", *words], env=environment(url, api_token_days="60"))


def test_a_token_is_made_listed_and_revoked(url: str, database: Database) -> None:
    assert run(url, "list").output == "APIトークンは、まだありません。\n"
    made = run(url, "create", "--name", "夜間", "--kind", "charges", "--deed", "check", "--deed", "publish")
    assert made.exit_code == 0, made.output
    text = made.output.splitlines()[-1]
    programme = Programme(portal(database), text)
    assert programme.get("/api/v1/token").get_json()["deeds"] == ["check", "publish"]
    as_json = run(
        url, "create", "--name", "x", "--kind", "payments", "--deed", "report", "--days", "1", "--json"
    )
    second = json.loads(as_json.output)
    assert second["token"].startswith("mpb_")
    listed = json.loads(run(url, "list", "--json").output)["tokens"]
    assert {each["name"] for each in listed} == {"夜間", "x"}
    assert all("token" not in each for each in listed)
    assert {each["made_by"] for each in listed} == {"cli"}
    first = next(each for each in listed if each["name"] == "夜間")
    assert first["last_used_at"].endswith("Z")
    assert "夜間" in run(url, "list").output
    assert text not in run(url, "list").output
    assert "もう使えません" in run(url, "revoke", first["id"]).output
    assert problem_of(programme.get("/api/v1/token")) == (401, "token_revoked")
    assert "取り消し済み" in run(url, "list").output


def test_what_cannot_be_done_is_said(url: str) -> None:
    long = run(url, "create", "--name", "x", "--kind", "charges", "--deed", "check", "--days", "61")
    assert (long.exit_code, "60日まで" in long.output) == (2, True)
    assert run(url, "create", "--name", " ", "--kind", "charges", "--deed", "check").exit_code == 2
    assert run(url, "create", "--name", "x", "--kind", "bills", "--deed", "check").exit_code == 2
    unknown = run(url, "revoke", "0123456789abcdef")
    assert (unknown.exit_code, "見つかりません" in unknown.output) == (1, True)
