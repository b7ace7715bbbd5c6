"""お電話用の確認番号 as its subscriber sees it: made by a press, read out, used, expired."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from mypage.domain import support_code as rules
from mypage.services import support_codes
from mypage.services.support_codes import Redeemed
from mypage.store.engine import Database
from mypage.store.schema import audit_event, support_code, throttle
from mypage.web.house import EXTENSION
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.visitor import Page, Visitor, form_values

MAKE, AGAIN = "確認番号を発行する", "新しい番号を発行する"
READ = dict(
    zip(
        "0123456789",
        ["ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュウ"],
        strict=True,
    )
)
CODE = "/support-code"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    publish_customers(database, a_customer(), a_customer("70012", phone="0312345678"), a_customer("70013"))
    an_account(database, "12345678")
    an_account(database, "70012", "70013", login_id="hanako-2026")
    return portal(database, clock)


def log_in(app: Flask, login_id: str = "tarou-2026", **headers: str) -> Visitor:
    visitor = Visitor(app, headers=headers)
    button = "Log in" if headers else "ログイン"
    visitor.get("/login").submit(button, login_id=login_id, password=PASSWORD)
    return visitor


def digits(page: Page) -> str:
    """The number as it is seen."""
    (shown,) = [each for each in page.root.all("p") if each.attributes.get("class") == "spoken-digits"]
    seen, heard = (
        shown.all("span")[0],
        [each for each in shown.all("span") if "hidden" in str(each.attributes.get("class"))],
    )
    assert seen.attributes["aria-hidden"] == "true"
    found = re.sub(r"\s", "", seen.text())
    # A screen reader says digit by digit, and hears the groups.
    assert heard[0].text() == "、".join(" ".join(group) for group in rules.groups(found))
    return found


def redeem(app: Flask, typed: str) -> object:
    house = app.extensions[EXTENSION]
    with house.database.writing() as connection:
        return support_codes.redeem(
            connection, typed, staff_id="sato", settings=house.settings, now=house.clock.now()
        )


def count(database: Database, *tables: object) -> list[int]:
    with database.reading() as connection:
        return [connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables]  # type: ignore[arg-type]


def test_from_the_menu_to_a_call(app: Flask, database: Database, clock: Path) -> None:
    page = log_in(app).get("/").follow("お電話用の確認番号")
    assert page.path == CODE
    assert count(database, support_code) == [0], "looking makes none"
    page = page.submit(MAKE)
    assert page.path == CODE
    number = digits(page)
    assert rules.could_be_one(number)
    said = ["・".join(READ[digit] for digit in group) for group in rules.groups(number)]
    assert "、".join(said) in re.sub(r"\s", "", page.text)
    assert "まで、1回だけお使いになれます。" in page.text
    assert "0120-000-000" in page.text
    frame = next(each for each in page.root.walk() if "data-spoken" in each.attributes)
    assert 595 <= int(frame.attributes["data-seconds"] or "") <= 600
    # It can be looked at again, from another device too; what the page asks while it is open says no digit.
    assert digits(log_in(app).get(CODE)) == number
    answer = page.visitor.client.get(
        CODE, base_url=page.visitor.base_url, headers={"Accept": "application/json"}
    )
    assert answer.json is not None
    assert (answer.json["state"], answer.json["mark"]) == ("live", frame.attributes["data-mark"])
    assert number not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert redeem(app, number) == Redeemed("12345678", "account-of-tarou-2026")
    used = page.visitor.get(CODE)
    assert "確認番号は使われました" in used.text
    assert number not in re.sub(r"\s", "", used.text)
    assert "sato" not in used.html
    other = digits(used.submit(AGAIN))
    assert other != number
    move_clock(clock, timedelta(minutes=10, seconds=1))
    expired = used.visitor.get(CODE)
    assert "確認番号の有効期限が過ぎました" in expired.text
    assert other not in re.sub(r"\s", "", expired.html)


def test_a_second_press_of_an_old_page_shows_what_the_first_one_made(app: Flask) -> None:
    page = log_in(app).get(CODE)
    number = digits(page.submit(MAKE))
    assert digits(page.submit(MAKE)) == number
    newer = page.visitor.get(CODE)
    assert digits(newer.submit(AGAIN)) != number
    assert digits(newer.submit(AGAIN)) == digits(page.visitor.get(CODE))


def test_who_holds_several_contracts_chooses_one_and_the_number_names_it(
    app: Flask, database: Database
) -> None:
    visitor = log_in(app, "hanako-2026")
    assert visitor.get(CODE).root.first("h1").text() == "お客様番号の選択"
    token = form_values(visitor.get("/").form_with("ログアウト"))["csrf_token"]
    assert visitor.post(CODE, {"csrf_token": token}).path == "/"
    assert count(database, support_code) == [0]
    page = visitor.get("/").follow("お客様番号 0000070013").follow("お電話用の確認番号").submit(MAKE)
    assert "お客様番号 0000070013 のご契約のお問い合わせに使えます。" in page.text
    assert page.path.startswith(f"{CODE}?c=")
    assert redeem(app, digits(page)) == Redeemed("70013", "account-of-hanako-2026")
    assert visitor.get(f"{CODE}?c=nobody").status == 404


def test_too_many_are_told_with_the_time_to_wait(app: Flask) -> None:
    page = log_in(app).get(CODE).submit(MAKE)
    for _ in range(19):
        page = page.submit(AGAIN)
    number = digits(page)
    told = page.submit(AGAIN)
    assert told.status == 429
    assert told.headers["Retry-After"] == "60"
    assert "約1分後に、もう一度お試しください。" in told.text
    assert digits(told) == number, "the one that is there stays good"


def test_in_english_it_says_how_to_say_it(app: Flask) -> None:
    page = log_in(app, **{"Accept-Language": "en"}).get(CODE).submit("Get a number")
    assert page.title.startswith("Number for telephone calls")
    assert re.search(r"(zero|one|two|three|four|five|six|seven|eight|nine)( \w+){2}, ", page.text)
    assert "Read it out slowly from the left, three digits at a time." in page.text


def test_a_visitor_learns_nothing_and_costs_nothing(app: Flask, database: Database) -> None:
    before = count(database, audit_event, throttle)
    visitor = Visitor(app)
    token = form_values(visitor.get("/login").form_with("ログイン"))["csrf_token"]
    pages = [visitor.get(CODE), visitor.get(f"{CODE}?c=12345678"), visitor.post(CODE, {"csrf_token": token})]
    assert [page.path.partition("?")[0] for page in pages] == ["/login"] * 3
    asked = visitor.client.get(CODE, base_url=visitor.base_url, headers={"Accept": "application/json"})
    assert asked.status_code == 303
    assert visitor.client.head(CODE, base_url=visitor.base_url).status_code == 303
    assert count(database, audit_event, throttle) == before
