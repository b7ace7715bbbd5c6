"""IDチェック answers during a live identity match only, twenty times, and says nothing about an id otherwise."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from mypage.store.engine import Database
from tests.builders import TAROU, a_customer, publish_customers
from tests.oracle import Guest, Onlooker, Seen, all_alike
from tests.portal import move_clock, portal
from tests.signing_up import Person
from tests.visitor import Page, Visitor, form_values

FREE, TAKEN, PENDING = "hanako", "jirou1", "saburo"
USED_UP = "アカウントIDを確認できる回数を超えました。お手数ですが、最初からお手続きください。"
WAIT = "アカウントIDの確認が続いたため、しばらく確認できません。約1分後に、もう一度お試しください。"
OTHERS = {"password": "Himitsu12", "email": "taro@example.jp", "nickname": "タロウ"}
ACCEPTS = {"json": "application/json", "html": "text/html"}


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    """A portal with Tarou in its master, an account and a provisional registration of others."""
    publish_customers(
        database,
        a_customer(),
        a_customer("777", phone="0312345678"),
        a_customer("778", phone="0312345679"),
    )
    now = datetime.now(UTC)
    owner = Person(database, browser="owner")
    owner.sign_up(now, customer_number="777", phone="0312345678", login_id=TAKEN)
    owner.activate(owner.token("777", signed_at=now), now)
    other = Person(database, browser="other")
    other.sign_up(now, customer_number="778", phone="0312345679", login_id=PENDING)
    return portal(database, clock, trusted_proxies="127.0.0.1")


@pytest.fixture
def onlooker(database: Database, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Onlooker:
    """Who compares the answers."""
    return Onlooker(database, app, monkeypatch)


def matched(app: Flask) -> Page:
    """Screen 2, in a new browser that has just proven to be Tarou's."""
    return Visitor(app).get("/signup").submit("認証", **TAROU)


def _guest(page: Page) -> Guest:
    return Guest(page.visitor, form_values(page.form_with("確認する"))["csrf_token"])


def ask(page: Page, login_id: str) -> dict[str, object]:
    """What JavaScript is told about an id."""
    answer = page.visitor.client.post(
        "/signup/id-check",
        base_url=page.visitor.base_url,
        data={"csrf_token": _guest(page).token, "login_id": login_id},
        headers={"Accept": "application/json"},
    )
    assert answer.mimetype == "application/json"
    told: dict[str, object] = json.loads(answer.get_data(as_text=True))
    return told


def use_up(page: Page, answers: int = 20) -> None:
    """Take so many answers of a match."""
    for number in range(answers):
        assert ask(page, f"some-id-{number}")["free"] is True


def _without_a_match(app: Flask, _clock: Path) -> Guest:
    visitor = Visitor(app)
    return Guest(visitor, form_values(visitor.get("/signup").form_with("認証"))["csrf_token"])


def _when_the_draft_has_died(app: Flask, clock: Path) -> Guest:
    page = matched(app)
    move_clock(clock, timedelta(minutes=30))
    return _guest(page)


def _after_twenty(app: Flask, _clock: Path) -> Guest:
    page = matched(app)
    use_up(page)
    return _guest(page)


def _after_the_registration(app: Flask, _clock: Path) -> Guest:
    page = matched(app).submit("確認する", login_id="tarou", **OTHERS)
    page.submit("仮登録する")
    return Guest(page.visitor, form_values(page.form_with("仮登録する"))["csrf_token"])


@pytest.mark.parametrize("accept", ACCEPTS.values(), ids=ACCEPTS)
@pytest.mark.parametrize(
    "when", [_without_a_match, _when_the_draft_has_died, _after_twenty, _after_the_registration]
)
def test_then_a_free_id_is_answered_like_a_taken_one(
    app: Flask, clock: Path, onlooker: Onlooker, when: Callable[[Flask, Path], Guest], accept: str
) -> None:
    guest = when(app, clock)
    onlooker.sees(guest, "/signup/id-check", {"login_id": "warm-up"}, accept=accept)
    seen: dict[str, list[Seen]] = {
        login_id: [onlooker.sees(guest, "/signup/id-check", {"login_id": login_id}, accept=accept)]
        for login_id in (FREE, TAKEN, PENDING)
    }
    all_alike(seen)
    (one,) = seen[FREE]
    if accept == ACCEPTS["json"]:
        assert json.loads(one.body)["free"] is None
    assert "このアカウントIDはお使いになれます" not in one.body
    assert "ほかの方" not in one.body


@pytest.mark.parametrize("login_id", [TAKEN, PENDING, TAKEN.upper()])
def test_during_a_match_it_tells(app: Flask, login_id: str) -> None:
    page = matched(app)
    assert ask(page, FREE)["free"] is True
    assert ask(page, login_id)["free"] is False
    assert "ほかの方" in page.submit("IDチェック", login_id=login_id, **OTHERS).text


def test_screen_2_shares_the_twenty_answers(app: Flask) -> None:
    page = matched(app)
    use_up(page, 19)
    page = page.submit("確認する", login_id=TAKEN, **OTHERS)
    assert "ほかの方" in page.text
    for login_id in (FREE, TAKEN):
        told = page.submit("確認する", login_id=login_id, **OTHERS)
        assert told.path == "/signup/profile"
        assert USED_UP in told.text
        assert "ほかの方" not in told.text
    # What it says leads on.
    assert matched(app).submit("確認する", login_id=FREE, **OTHERS).path == "/signup/confirm"


def test_an_id_that_is_taken_at_the_last_moment_costs_an_answer_too(app: Flask, database: Database) -> None:
    publish_customers(database, a_customer("779", phone="0312345670"))
    page = matched(app).submit("確認する", login_id=FREE, **OTHERS)
    Person(database, browser="quick").sign_up(
        datetime.now(UTC), customer_number="779", phone="0312345670", login_id=FREE
    )
    page = page.submit("仮登録する")
    assert page.path.startswith("/signup/profile")
    assert "ほかの方" in page.text
    # To be told again by [仮登録する] one has to pass screen 2, which answers by itself.
    use_up(page, 19)
    assert USED_UP in page.submit("確認する", login_id=TAKEN, **OTHERS).text


def test_new_browsers_and_new_matches_do_not_make_answers_without_end(app: Flask, clock: Path) -> None:
    for _ in range(2):
        use_up(matched(app))
    page = matched(app)
    for login_id in (FREE, TAKEN, PENDING):
        assert ask(page, login_id) == {"free": None, "message": WAIT, "suggestions": []}
        assert WAIT in page.submit("IDチェック", login_id=login_id, **OTHERS).text
        assert WAIT in page.submit("確認する", login_id=login_id, **OTHERS).text
    move_clock(clock, timedelta(minutes=1))
    assert ask(page, FREE)["free"] is True
    answers = 0
    for hour in range(1, 24):
        move_clock(clock, timedelta(hours=hour))
        page = matched(app)
        answers += sum(ask(page, f"late-{hour}-{number}")["free"] is not None for number in range(3))
    assert answers == 23
