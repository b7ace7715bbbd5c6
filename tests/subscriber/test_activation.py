"""Screens 5 and 6, and what stands there for a link that is dead."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

from mypage.adapters import passwords
from mypage.adapters.tokens import Tokens
from mypage.services.activation import Attempt
from mypage.store import login_names, registrations
from mypage.store.engine import Database
from mypage.store.schema import account, audit_event, login_session
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import SECRET_KEYS, move_clock, portal
from tests.signing_up import Person, accounts, hand_over, mails, trail
from tests.visitor import Page, Visitor, form_values

PASSWORD = "Himitsu12"
USED = "すでに本登録がお済みです"
EXPIRED = "本登録の期限（24時間）が過ぎました。お手数ですが、最初からお手続きください"
FORGOTTEN = "仮登録のパスワードをお忘れの場合は、最初からお手続きください"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def person(database: Database) -> Person:
    """Somebody who has just registered provisionally."""
    publish_customers(database, a_customer())
    somebody = Person(database)
    now = datetime.now(UTC)
    somebody.prove(now)
    somebody.fill(now, password_hash=passwords.hashed(PASSWORD))
    somebody.register(now)
    return somebody


@pytest.fixture
def app(database: Database, clock: Path, person: Person) -> Flask:
    """The portal before it."""
    return portal(database, clock)


def _link(database: Database) -> str:
    """The link in the newest mail, signed as the worker signs it."""
    with database.reading() as connection:
        row = registrations.of_customer(connection, "12345678")
    assert row is not None
    payload = {"r": row["registration_id"], "s": row["serial"]}
    return "/signup/activate/" + Tokens([SECRET_KEYS]).sign("activation", payload, datetime.now(UTC))


def test_the_link_the_password_and_in(app: Flask, database: Database) -> None:
    page = Visitor(app).get(_link(database))
    assert page.root.first("h1").text() == "本登録"
    page = page.submit("本登録する", password=PASSWORD)
    assert page.path == "/signup/complete"
    assert "本登録が完了しました。" in page.text
    assert accounts(database) == (1, 1)
    page = page.submit("そのままログイン")
    assert page.path == "/"
    assert "タロウ" in page.text
    assert "ログアウト" in page.text


def test_scanners_may_open_and_submit_whatever_they_like(app: Flask, database: Database) -> None:
    link = _link(database)
    before = trail(database, "seq")
    scanner = Visitor(app)
    for _ in range(10):
        page = scanner.get(link)
        assert app.test_client().head(link).status_code == 200
        token = form_values(page.form_with("本登録する"))["csrf_token"]
        assert "パスワードを入力してください。" in scanner.post(link, {"csrf_token": token}).text
        page.submit("本登録する", password="")
        assert app.test_client().post(link, data={"password": PASSWORD}).status_code == 400
    assert trail(database, "seq") == before
    assert accounts(database) == (0, 0)
    assert Visitor(app).get(link).submit("本登録する", password=PASSWORD).path == "/signup/complete"


def test_a_wrong_password_is_told_with_the_way_out(app: Flask, database: Database, clock: Path) -> None:
    page = Visitor(app).get(_link(database))
    for _ in range(4):
        page = page.submit("本登録する", password="HIMITSU12")
        assert "パスワードが一致しません。" in page.text
        assert FORGOTTEN in page.text
        assert "C-10" in page.text
        assert "CapsLock" in page.text
        assert "HIMITSU12" not in page.html
    assert page.follow("最初からやり直す").path == "/signup"
    page = page.submit("本登録する", password=PASSWORD)
    assert "約1分後に、もう一度お試しください。" in page.text
    assert accounts(database) == (0, 0)
    move_clock(clock, timedelta(minutes=1))
    assert page.submit("本登録する", password=PASSWORD).path == "/signup/complete"


def test_an_expired_link(app: Flask, database: Database, clock: Path) -> None:
    form = Visitor(app).get(_link(database))
    hand_over(database, datetime.now(UTC))
    move_clock(clock, timedelta(hours=24))
    for page in (
        form.visitor.get(_link(database)),
        form.submit("本登録する", password=PASSWORD),
        form.submit("本登録する", password=""),
    ):
        assert EXPIRED in page.text
        assert "C-05" in page.text
        assert page.follow("最初からやり直す").path == "/signup"
    assert accounts(database) == (0, 0)
    # The id is free again, and the customer may begin anew.
    again = Visitor(app).get("/signup").submit("認証", **TAROU)
    again = again.submit("確認する", login_id="tarou", password=PASSWORD, email="t@example.jp", nickname="タ")
    assert again.submit("仮登録する").path == "/signup/done"


def test_a_mail_that_was_never_handed_over(app: Flask, database: Database, clock: Path) -> None:
    move_clock(clock, timedelta(hours=72))
    assert EXPIRED in Visitor(app).get(_link(database)).text


def test_a_used_link(app: Flask, database: Database) -> None:
    link = _link(database)
    Visitor(app).get(link).submit("本登録する", password=PASSWORD).submit("そのままログイン")
    page = Visitor(app).get(link)
    assert USED in page.text
    assert "C-07" in page.text
    assert page.follow("ログイン").path == "/login"


def test_a_replaced_link(app: Flask, database: Database, person: Person) -> None:
    link = _link(database)
    form = Visitor(app).get(link)
    person.resend(datetime.now(UTC) + timedelta(minutes=1))
    hand_over(database, datetime(2030, 1, 1, 3, 4, tzinfo=UTC))
    for page in (Visitor(app).get(link), form.submit("本登録する", password=PASSWORD)):
        assert "新しいメールを2030年1月1日（火）12時04分にお送りしています。" in page.text
        assert "C-06" in page.text
    assert accounts(database) == (0, 0)


@pytest.mark.parametrize(
    "broken",
    [
        lambda link: link[:-5],
        lambda link: link[:40],
        lambda link: "/signup/activate/",
        lambda link: "/signup/activate",
        lambda link: link.replace("activate/", "activate/a/b/"),
        # Not the last letter: two of its bits say nothing.
        lambda link: link[:-9] + ("A" if link[-9] != "A" else "B") + link[-8:],
    ],
)
def test_a_broken_link_asks_for_the_rest(
    app: Flask, database: Database, broken: Callable[[str], str]
) -> None:
    link = _link(database)
    page = Visitor(app).get(broken(link))
    assert "URLが途中で切れています" in page.text
    assert "C-04" in page.text
    for pasted in (f"http://127.0.0.1:8080{link}", link.removeprefix("/signup/activate/")):
        assert page.submit("URLを開く", rest=pasted).path == link


def test_the_rest_of_a_link_is_put_behind_its_beginning(app: Flask, database: Database) -> None:
    link = _link(database)
    page = Visitor(app).get(link[:50])
    wrong = page.submit("URLを開く", rest="")
    assert "続き、またはURL全体を貼り付けてください。" in wrong.text
    wrong = wrong.submit("URLを開く", rest="something else")
    assert "URLを読み取れませんでした。" in wrong.text
    right = wrong.submit("URLを開く", rest=f"  {link[50:60]} \t{link[60:]} ")
    assert right.path == link
    assert right.submit("本登録する", password=PASSWORD).path == "/signup/complete"


def test_a_token_for_something_else_is_broken(app: Flask) -> None:
    for token in (
        Tokens([SECRET_KEYS]).sign("first-login", {"a": "x"}, datetime.now(UTC)),
        Tokens([SECRET_KEYS]).sign("activation", {"r": 1, "s": "x"}, datetime.now(UTC)),
        Tokens(["another-key-of-somebody-else-0123456789"]).sign(
            "activation", {"r": "x", "s": 1}, datetime.now(UTC)
        ),
    ):
        assert "URLが途中で切れています" in Visitor(app).get(f"/signup/activate/{token}").text


def test_a_double_click_gets_in(app: Flask, database: Database) -> None:
    form = Visitor(app).get(_link(database))
    form.submit("本登録する", password=PASSWORD)
    page = form.submit("本登録する", password=PASSWORD)
    assert page.path == "/signup/complete"
    assert accounts(database) == (1, 1)
    assert [kind for kind, *_ in mails(database)].count("registered") == 1
    assert page.submit("そのままログイン").path == "/"
    # The second click of [そのままログイン] is where the first one led.
    assert page.submit("そのままログイン").path == "/"
    reloaded = page.visitor.get("/signup/complete")
    assert "本登録が完了しました。" in reloaded.text
    with database.reading() as connection:
        assert len(connection.execute(select(login_session)).all()) == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_who_posts_while_a_try_is_under_way_is_led_to_its_result(
    app: Flask, database: Database, language: str
) -> None:
    button, result = {
        "ja": ("本登録する", "結果を確認する"),
        "en": ("Complete the registration", "See the result"),
    }[language]
    form = Visitor(app, headers={"Accept-Language": language}).get(_link(database))
    at_the_same_address = Person(database, address="127.0.0.1")
    now = datetime.now(UTC)
    token = at_the_same_address.token(signed_at=now)
    under_way = [at_the_same_address.reserve(token, now) for _ in range(4)]
    told = form.submit(button, password=PASSWORD)
    assert told.status == 200
    assert told.follow(result).form_with(button), "as long as it is not known"
    at_the_same_address.conclude(cast(Attempt, under_way[0]), now)
    assert accounts(database) == (1, 1)
    assert "C-07" in told.follow(result).text


def test_another_device_works(app: Flask, database: Database) -> None:
    link = _link(database)
    Visitor(app).get(link)
    other = Visitor(app, headers={"User-Agent": "another device"})
    assert other.get(link).submit("本登録する", password=PASSWORD).path == "/signup/complete"


def test_the_ticket_is_used_up(app: Flask, database: Database, clock: Path) -> None:
    complete = Visitor(app).get(_link(database)).submit("本登録する", password=PASSWORD)
    complete.submit("そのままログイン").submit("ログアウト")
    # The next person at the PC, with the back button.
    assert complete.submit("そのままログイン").path == "/login"
    page = complete.visitor.get("/signup/complete")
    assert page.follow("ログイン").path == "/login"


def test_the_ticket_ends_after_half_an_hour(app: Flask, database: Database, clock: Path) -> None:
    complete = Visitor(app).get(_link(database)).submit("本登録する", password=PASSWORD)
    move_clock(clock, timedelta(minutes=31))
    assert complete.submit("そのままログイン").path == "/login"
    assert complete.visitor.get("/signup/complete").path == "/login"


def test_screen_6_without_an_activation(app: Flask) -> None:
    visitor = Visitor(app)
    assert visitor.get("/signup/complete").path == "/login"
    token = form_values(visitor.get("/login").form_with("ログイン"))["csrf_token"]
    assert visitor.post("/signup/complete", {"csrf_token": token}).path == "/login"


def test_a_customer_whom_the_master_closed_meanwhile(app: Flask, database: Database) -> None:
    publish_customers(database, a_customer(web_registration=False))
    page = Visitor(app).get(_link(database)).submit("本登録する", password=PASSWORD)
    assert EXPIRED in page.text
    assert accounts(database) == (0, 0)


def test_somebody_else_activated_the_number(app: Flask, database: Database) -> None:
    from mypage.store import accounts as stored

    with database.writing() as connection:
        stored.become_owner(
            connection,
            customer_key="12345678",
            account_id="other",
            since=datetime.now(UTC),
            matched_batch_id=None,
        )
    page = Visitor(app).get(_link(database)).submit("本登録する", password=PASSWORD)
    assert "このお客様番号は、すでに会員登録がお済みです" in page.text


def test_somebody_else_has_the_login_id(app: Flask, database: Database) -> None:
    now = datetime.now(UTC)
    with database.writing() as connection:
        login_names.release(connection, "tarou", claimed_by="customer:12345678")
        login_names.claim(connection, "tarou", claimed_by="account:other", expires_at=None, now=now)
    page = Visitor(app).get(_link(database)).submit("本登録する", password=PASSWORD)
    assert "アカウントIDをお使いになれません" in page.text
    assert page.follow("最初からやり直す").path == "/signup"


def test_no_password_stands_anywhere(app: Flask, database: Database, tmp_path: Path) -> None:
    page = Visitor(app).get(_link(database))
    page.submit("本登録する", password="Wrong-Secret-1").submit("本登録する", password=PASSWORD)
    with database.reading() as connection:
        kept = str(connection.execute(select(audit_event)).all()) + str(
            connection.execute(select(account)).all()
        )
    assert "Wrong-Secret-1" not in kept
    assert PASSWORD not in kept
    if database.is_sqlite:
        assert PASSWORD.encode() not in Path(str(database.url.database)).read_bytes()


def test_the_four_pages_differ(app: Flask, database: Database, person: Person, clock: Path) -> None:
    link = _link(database)
    headings: list[str] = []

    def note(page: Page) -> None:
        headings.append(page.root.first("h1").text())
        assert page.status == 200
        assert re.search(r"C-0[4-7]", page.text)

    note(Visitor(app).get(link[:-3]))
    person.resend(datetime.now(UTC) + timedelta(minutes=1))
    note(Visitor(app).get(link))
    move_clock(clock, timedelta(hours=80))
    note(Visitor(app).get(link))
    move_clock(clock, timedelta())
    newer = _link(database)
    Visitor(app).get(newer).submit("本登録する", password=PASSWORD)
    note(Visitor(app).get(newer))
    assert len(set(headings)) == 4
