"""登録情報の変更 as a person with a browser sees it."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from mypage.services import trail as trails
from mypage.store.engine import Database
from mypage.store.schema import audit_detail
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import portal
from tests.signing_up import trail
from tests.visitor import Visitor


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    publish_customers(database, a_customer(), a_customer("70012"), a_customer("70013"))
    an_account(database, "12345678", email="a..b.@docomo.ne.jp")
    return portal(database)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    return visitor


def details(database: Database) -> list[dict[str, str]]:
    with database.reading() as connection:
        found = connection.scalars(select(audit_detail.c.detail).order_by(audit_detail.c.seq)).all()
    return [json.loads(each) for each in found if "nickname" in each]


def test_the_nickname_is_changed_and_greets_at_once(visitor: Visitor, database: Database) -> None:
    page = visitor.get("/").follow("登録情報の変更")
    assert page.path == "/profile"
    assert page.root.by_id("nickname").attributes["value"] == "タロウ"  # type: ignore[union-attr]
    page = page.submit("変更する", nickname="　ﾊﾅｺ　ﾔﾏﾀﾞ ")
    assert page.path == "/profile?done=1"
    assert "ニックネームは「ハナコ ヤマダ」です。" in page.text
    assert "ハナコ ヤマダ 様" in visitor.get("/").text
    assert trail(database, "action", "actor", "facts")[-1] == (
        "nickname.changed",
        "account:account-of-tarou-2026",
        "{}",
    )
    assert details(database) == [{"nickname": "ハナコ ヤマダ", "nickname_before": "タロウ"}]
    with database.reading() as connection:
        assert trails.broken_at(connection) is None


def test_no_change_is_no_deed(visitor: Visitor, database: Database) -> None:
    page = visitor.get("/profile")
    for _ in range(2):
        assert page.submit("変更する", nickname="たろう").path == "/profile?done=1"
    assert [action for (action,) in trail(database)].count("nickname.changed") == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "ニックネームを入力してください。"),
        ("あ" * 21, "ニックネームは20文字以内で入力してください。"),
        ("a@b", "ニックネームに使えない文字があります。"),
    ],
)
def test_what_is_wrong_is_told_and_stays(visitor: Visitor, database: Database, typed: str, said: str) -> None:
    page = visitor.get("/profile").submit("変更する", nickname=typed)
    assert page.status == 400
    assert said in page.text
    assert page.root.by_id("nickname").attributes["value"] == typed  # type: ignore[union-attr]
    assert "タロウ 様" in visitor.get("/").text
    assert details(database) == []


def test_the_address_is_shown_and_how_it_is_changed(visitor: Visitor) -> None:
    page = visitor.get("/profile")
    assert "a..b.@docomo.ne.jp" in page.text
    assert "メールアドレスの変更は、お電話で承ります。" in page.text
    assert page.follow("パスワードの変更").path == "/profile/password"


def test_it_is_closed(app: Flask) -> None:
    assert Visitor(app).get("/profile").path == "/login?next=%2Fprofile"


def test_a_login_with_several_customers_stays_with_the_one_looked_at(app: Flask, database: Database) -> None:
    an_account(database, "70012", "70013", login_id="hanako-2026", email="h@example.jp")
    visitor = Visitor(app)
    page = visitor.get("/login").submit("ログイン", login_id="hanako-2026", password=PASSWORD)
    page = page.follow("お客様番号 0000070012").follow("登録情報の変更")
    chosen = page.path.partition("?")[2]
    assert chosen.startswith("c=")
    page = page.submit("変更する", nickname="はなこ")
    assert page.path == f"/profile?done=1&{chosen}"
    assert page.follow("ご契約内容").path.endswith(chosen)
