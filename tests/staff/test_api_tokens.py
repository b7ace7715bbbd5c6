"""Tokens of the API on the screen: billing makes its own, administrators see and revoke all."""

import re

import pytest
from flask import Flask
from sqlalchemy import text

from mypage.domain.staff import Role
from mypage.store.engine import Database
from tests.bills import PASSWORD
from tests.portal import portal
from tests.programme import Programme, problem_of
from tests.staffing import a_member, at_desk
from tests.visitor import Page, Visitor

TOKENS = "/staff/api-tokens"


@pytest.fixture
def app(database: Database) -> Flask:
    return portal(database)


def filled(desk: Visitor, **typed: object) -> Page:
    """The form sent with these values; the boxes that are ticked are named by their words."""
    form = {
        "name": "夜間バッチ",
        "kinds": ["charges"],
        "deeds": ["check"],
        "days": "30",
        "own_password": PASSWORD,
    }
    page = desk.get(f"{TOKENS}/new")
    token = page.form_with("トークンを作る").first("input").attributes["value"]
    return desk.post(f"{TOKENS}/new", {"csrf_token": token or "", **form, **typed})  # type: ignore[dict-item]


def token_on(page: Page) -> str:
    found = re.search(r"mpb_[0-9A-Za-z]{49}", page.text)
    assert found, page.text
    return found[0]


def test_billing_makes_a_token_that_is_shown_once_and_admin_revokes_it(
    app: Flask, database: Database
) -> None:
    desk = at_desk(app, database, Role.BILLING)
    page = desk.get("/staff/").follow("APIトークン")
    assert "APIトークンは、まだありません" in page.text
    made = filled(desk)
    shown = token_on(made)
    assert "この画面でしか表示されません" in made.text
    programme = Programme(app, shown)
    assert programme.get("/api/v1/token").get_json()["kinds"] == ["charges"]
    assert problem_of(programme.post("/api/v1/batches/1/publish")) == (403, "token_deed")
    page = desk.get(TOKENS)
    assert shown not in page.html
    for words in ("夜間バッチ", "利用できます", "ファイルを渡して検査する", "127.0.0.*", "高橋"):
        assert words in page.text
    assert "まもなく期限です" not in page.text
    assert "まもなく期限です" in filled(desk, days="5").visitor.get(TOKENS).text
    admin = at_desk(app, database, Role.ADMIN)
    page = admin.get(TOKENS)
    assert "APIトークンを作る" not in page.text
    link = page.root.first("tbody").all("a")[-1].attributes["href"] or ""
    page = admin.get(link).submit("取り消す")
    assert "APIトークンを取り消しました" in page.text
    assert "取り消し済み" in page.text
    assert problem_of(programme.get("/api/v1/token")) == (401, "token_revoked")
    assert "もう取り消されています" in desk.get(link).text
    with database.reading() as connection:
        trail = connection.execute(
            text("SELECT action, actor FROM audit_event WHERE action LIKE 'token.%' ORDER BY seq")
        )
        told = [(row.action, row.actor.partition(":")[0]) for row in trail]
        mails = connection.execute(text("SELECT facts FROM outbox")).scalars().all()
    assert [action for action, _ in told] == [
        "token.made",
        "token.refused",
        "token.made",
        "token.revoked",
        "token.refused",
    ]
    assert [kind for _, kind in told] == ["staff", "token", "staff", "staff", "visitor"]
    assert sum("token_made" in str(facts) for facts in mails) == 2
    # The auditor reads who did it by name.
    auditor = at_desk(app, database, Role.AUDITOR)
    assert "夜間バッチ" in auditor.get(TOKENS).text
    assert "APIトークン「夜間バッチ」" in auditor.get("/staff/trail?action=token.refused").text


def test_what_is_missing_is_said_and_nobody_touches_the_token_of_another(
    app: Flask, database: Database
) -> None:
    desk = at_desk(app, database, Role.BILLING)
    wrong: dict[str, dict[str, object]] = {
        "何に使うトークンか": {"name": " "},
        "60文字以内": {"name": "x" * 61},
        "ファイルの種類を": {"kinds": []},
        "できることを": {"deeds": ["delete"]},
        "1日から365日まで": {"days": "366"},
        "1日から": {"days": "半年"},
        "パスワードが一致しません": {"own_password": "Wrong-2026"},
        "パスワードを入力": {"own_password": ""},
    }
    for words, typed in wrong.items():
        page = filled(desk, **typed)
        assert page.status == 400, words
        assert words in page.text, page.text
        assert not re.search(r"mpb_\w{40}", page.html)
    # What was chosen is still chosen.
    page = filled(desk, own_password="")
    ticked = [each.attributes["value"] for each in page.root.all("input") if "checked" in each.attributes]
    assert ticked == ["charges", "check"]
    filled(desk)
    link = desk.get(TOKENS).root.first("tbody").all("a")[-1].attributes["href"] or ""
    other = at_desk(app, database, a_member(database, Role.BILLING, "鈴木"))
    assert "夜間バッチ" not in other.get(TOKENS).text
    assert other.get(link).status == 404
    token = other.get(f"{TOKENS}/new").form_with("トークンを作る").first("input").attributes["value"]
    assert other.post(link, {"csrf_token": token or ""}).status == 404
    assert "利用できます" in desk.get(TOKENS).text
