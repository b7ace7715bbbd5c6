"""Who would use the signup as a carrier, or learn by it, through the web: limits on mails, and Web登録 不可."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from mypage.store.engine import Database
from tests.bills import PASSWORD, a_bill, an_account, publish_bills
from tests.builders import TAROU, a_customer, publish_customers, take_back
from tests.lettering import LOGIN_ID, sign_up
from tests.portal import move_clock, portal
from tests.signing_up import mails
from tests.subscriber.test_signup import PROFILE
from tests.visitor import Page, Visitor

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MISSED = "入力された内容が契約者情報と一致しません。"
ALREADY = "このお客様番号は、すでに会員登録がお済みです"
NEIGHBOURS = ("70011", "70012", "70013", "70014", "70015", "70016")


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    """A portal with Tarou and his neighbours in its master."""
    publish_customers(
        database, a_customer(), *(a_customer(each, phone=f"07486{each}") for each in NEIGHBOURS)
    )
    return portal(database, clock)


def register(app: Flask, number: str = "", **changed: str) -> Page:
    """Screens 1 to 3 in a fresh browser: Tarou's, or those of the neighbour with that number."""
    claim = {**TAROU, "customer_number": number, "phone": f"07486{number}"} if number else TAROU
    page = Visitor(app).get("/signup").submit("認証", **claim)
    page = page.submit("確認する", **{**PROFILE, "login_id": f"tarou{number}", **changed})
    return page.submit("仮登録する")


def test_the_fourth_replacement_of_a_registration_is_told_its_time(
    app: Flask, database: Database, clock: Path
) -> None:
    for times in range(4):
        move_clock(clock, times * MINUTE)
        assert register(app).path == "/signup/done"
    page = register(app)
    assert page.path == "/signup/confirm"
    assert "24時間に仮登録をやり直せる回数を超えました。" in page.text
    assert re.search(r"月\d+日（.）\d+時\d\d分を過ぎてから", page.text)
    assert len(mails(database)) == 4
    move_clock(clock, DAY + MINUTE + timedelta(seconds=1))
    assert register(app).path == "/signup/done"


def test_one_address_gets_five_mails_whoever_s_registration_they_are(app: Flask, database: Database) -> None:
    for number in NEIGHBOURS[:5]:
        assert register(app, number).path == "/signup/done"
    page = register(app, NEIGHBOURS[5], email=PROFILE["email"].upper())
    assert "24時間にお送りできるメールの数を超えました。" in page.text
    assert len(mails(database)) == 5
    assert register(app, NEIGHBOURS[5], email="other@example.jp").path == "/signup/done"


def test_one_address_replaces_three_registrations_whoever_s_they_are(app: Flask, database: Database) -> None:
    for number in NEIGHBOURS[:4]:
        assert register(app, number, email=f"owner-of-{number}@example.jp").path == "/signup/done"
    evil = {"email": "evil@example.jp"}
    for number in NEIGHBOURS[:3]:
        assert register(app, number, **evil).path == "/signup/done"
    page = register(app, NEIGHBOURS[3], **evil)
    assert "24時間に仮登録をやり直せる回数を超えました。" in page.text
    assert register(app, NEIGHBOURS[4], **evil).path == "/signup/done", "which replaces nothing"


def test_a_registered_customer_is_mailed_once_a_day_when_somebody_matches(
    app: Flask, database: Database, clock: Path
) -> None:
    sign_up(database, datetime.now(UTC), proof="none")
    before = mails(database)
    page = Visitor(app).get("/signup").submit("認証", **{**TAROU, "name_kana": "ベツノ　ナマエ"})
    assert MISSED in page.text
    assert mails(database) == before, "a miss mails nobody"
    for hours in (0, 1, 23):
        move_clock(clock, timedelta(hours=hours))
        assert ALREADY in Visitor(app).get("/signup").submit("認証", **TAROU).text
    assert mails(database)[len(before) :] == [("already_registered", "taro@example.jp", None)]
    move_clock(clock, timedelta(hours=24, seconds=30))
    Visitor(app).get("/signup").submit("認証", **TAROU)
    assert len(mails(database)) == len(before) + 2


# Web登録 不可


@contextmanager
def _statements(database: Database) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def test_a_customer_kept_from_the_web_is_answered_like_a_mismatch(app: Flask, database: Database) -> None:
    """The same bytes and the same queries, for one who is registered as for one who is not."""
    an_account(database, "70012", login_id="hanako-2026")
    kept = [a_customer(each, phone=f"07486{each}", web_registration=False) for each in ("70011", "70012")]
    publish_customers(database, *kept)
    answers, costs = set(), []
    claims = [
        {**TAROU, "customer_number": "70013", "phone": "0748670013", "name_kana": "ベツノ　ナマエ"},
        *({**TAROU, "customer_number": each, "phone": f"07486{each}"} for each in ("70011", "70012")),
        {**TAROU, "customer_number": "99999", "phone": "0748699999"},
    ]
    for number, claim in enumerate([claims[0], *claims]):
        page = Visitor(app).get("/signup")
        with _statements(database) as sent:
            bare = page.submit("認証", **claim).html
        for value in (*claim.values(), *re.findall(r'csrf_token" value="([^"]*)"', bare)):
            bare = bare.replace(value, "")
        if number:  # the first one warmed what is made once
            answers.add(bare)
            costs.append(sent)
    assert len(answers) == 1
    assert MISSED in answers.pop()
    assert all(cost == costs[0] for cost in costs)
    assert mails(database) == [], "nobody is mailed either"


def test_it_ends_every_session_at_the_next_request_and_binds_the_login(
    app: Flask, database: Database
) -> None:
    publish_bills(database, a_bill(202610))
    sign_up(database, datetime.now(UTC), proof="none")

    def log_in(visitor: Visitor, password: str = PASSWORD) -> Page:
        return visitor.get("/login").submit("ログイン", login_id=LOGIN_ID, password=password)

    one, two = Visitor(app), Visitor(app)
    for visitor in (one, two):
        log_in(visitor)
        assert visitor.get("/statements").path == "/statements"
    kept = publish_customers(database, a_customer(web_registration=False))
    for path in ("/statements", "/", "/contract", "/statements.csv", "/profile/password"):
        for visitor in (one, two):
            assert visitor.get(path).path.startswith("/login"), path

    def bare(page: Page) -> str:
        return re.sub(r'csrf_token" value="[^"]*"', "", page.html)

    assert bare(log_in(Visitor(app))) == bare(log_in(Visitor(app), "Chigau-1"))
    take_back(database, kept)
    assert one.get("/statements").path == "/statements"


@pytest.mark.parametrize("far", ["profile", "confirm"])
def test_it_binds_a_signup_that_is_under_way(app: Flask, database: Database, far: str) -> None:
    page = Visitor(app).get("/signup").submit("認証", **TAROU)
    steps: list[Callable[[Page], Page]] = [lambda page: page.submit("確認する", **PROFILE)]
    if far == "confirm":
        page = steps.pop()(page)
    publish_customers(database, a_customer(web_registration=False))
    for step in steps:
        page = step(page)
    page = page.submit("仮登録する")
    assert page.path.startswith("/signup")
    assert "仮登録が完了しました。" not in page.text
    assert mails(database) == []
