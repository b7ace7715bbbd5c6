"""「請求確定のお知らせ」 on and off: 登録情報の変更, and the link of the mail, pressed by a person or by a mail program."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import Client

from mypage.adapters.tokens import Tokens
from mypage.services import notice_choice
from mypage.store.engine import Database
from mypage.store.schema import account
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import SECRET_KEYS, move_clock, portal
from tests.signing_up import trail
from tests.visitor import Visitor

NOW = datetime.now(UTC)
ME = "account-of-tarou-2026"


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Flask:
    publish_customers(database, a_customer())
    an_account(database, "12345678", email="tarou@docomo.ne.jp")
    return portal(
        database, tmp_path / "clock", secret_keys=f"a-newer-key-0123456789-abcdefghijkl,{SECRET_KEYS}"
    )


def log_in(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.get("/login").submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    return visitor


def link(email: str = "tarou@docomo.ne.jp", account_id: str = ME) -> str:
    """As the mail carries it, signed with a key that is no longer the newest."""
    token = Tokens([SECRET_KEYS]).sign(notice_choice.PURPOSE, notice_choice.payload(account_id, email), NOW)
    return f"/notices/off/{token}"


def off_at(database: Database) -> datetime | None:
    with database.reading() as connection:
        return connection.scalar(select(account.c.notices_off_at))


def deeds(database: Database) -> list[tuple[object, ...]]:
    rows = trail(database, "action", "actor", "account_id", "facts")
    return [row for row in rows if str(row[0]).startswith("notices.")]


def test_the_switch_of_the_profile(app: Flask, database: Database) -> None:
    visitor = log_in(app)
    page = visitor.get("/profile")
    assert "現在の設定 受け取る" in page.text
    page = page.submit("お知らせを停止する")
    assert page.path == "/profile?notices=1"
    assert "請求確定のお知らせを停止しました。" in page.text
    assert "現在の設定 受け取らない" in page.text
    assert off_at(database) is not None
    # From another tab that still shows the old state: nothing is turned over.
    assert "停止" in visitor.post("/profile/notices", {**_csrf(page), "notices": "off"}).text
    assert visitor.post("/profile/notices", {**_csrf(page), "notices": "both"}).path == "/profile"
    page = visitor.get("/profile").submit("お知らせを受け取る")
    assert "請求確定のお知らせをお送りします。" in page.text
    assert off_at(database) is None
    actor = f"account:{ME}"
    assert deeds(database) == [
        ("notices.turned_off", actor, ME, '{"by":"profile"}'),
        ("notices.turned_on", actor, ME, '{"by":"profile"}'),
    ]
    assert visitor.get("/profile/notices").path == "/profile"
    assert Visitor(app).get("/profile/notices").path == "/login?next=%2Fprofile%2Fnotices"


def _csrf(page: object) -> dict[str, str]:
    from tests.visitor import form_values

    return form_values(page.form_with("お知らせを受け取る"))  # type: ignore[attr-defined]


def test_an_address_that_refuses_mails_is_told_beside_it(app: Flask, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(update(account).values(mail_refused_at=NOW))
    page = log_in(app).get("/profile")
    assert "アドレスを確認するまで、お知らせをお送りできません。" in page.text
    assert page.follow("メールアドレスの確認").path == "/recover/address"


def test_a_mail_program_presses_once_without_cookie_session_or_token(app: Flask, database: Database) -> None:
    program = Client(app)
    for _ in range(2):
        answer = program.post(link(), data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert "Location" not in answer.headers
    assert off_at(database) is not None
    # The same in the other form that RFC 8058 allows; and by whoever sends nothing at all.
    answer = program.post(link(), data={"List-Unsubscribe": "One-Click"}, content_type="multipart/form-data")
    assert answer.status_code == program.post(link()).status_code == 200
    assert deeds(database) == [("notices.turned_off", "visitor", ME, '{"by":"link"}')]


def test_a_person_opens_the_link_and_presses_the_button(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    move_clock(tmp_path / "clock", timedelta(days=400))
    visitor = Visitor(app)
    for path in (link(), f"{link()}?lang=en"):
        visitor.get(path)
    assert (off_at(database), deeds(database)) == (None, [])
    page = visitor.get(f"{link()}?lang=ja").submit("お知らせを停止する")
    assert "請求確定のお知らせを停止しました" in page.text
    assert "「登録情報の変更」で再開" in page.text
    assert off_at(database) is not None
    assert "請求確定のお知らせは、停止しています" in visitor.get(link()).text


def test_a_link_to_a_former_address_turns_nothing_off(app: Flask, database: Database) -> None:
    visitor = Visitor(app)
    for former in (link("former@docomo.ne.jp"), link(account_id="nobody")):
        assert "このメールアドレスは、もう登録されていません" in visitor.get(former).text
        assert Client(app).post(former).status_code == 200
    assert (off_at(database), deeds(database)) == (None, [])


@pytest.mark.parametrize("path", ["/notices/off/", "/notices/off/x", "/notices/off/" + "x" * 9000])
def test_a_link_that_was_cut_says_what_to_do(app: Flask, path: str) -> None:
    page = Visitor(app).get(path)
    assert page.status == 404
    assert "メールに書かれたURLの全体を開くか" in page.text


def test_a_link_of_another_purpose_or_key_is_none(app: Flask, database: Database) -> None:
    payload = notice_choice.payload(ME, "tarou@docomo.ne.jp")
    for keys, purpose in (([SECRET_KEYS], "activation"), (["x" * 40], notice_choice.PURPOSE)):
        token = Tokens(keys).sign(purpose, payload, NOW)
        assert Client(app).post(f"/notices/off/{token}").status_code == 404
    token = Tokens([SECRET_KEYS]).sign(notice_choice.PURPOSE, {"a": ME}, NOW)
    assert Client(app).post(f"/notices/off/{token}").status_code == 404
    assert off_at(database) is None
