"""Screen 1, 認証情報, as a browser without JavaScript sees it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from mypage.store.engine import Database
from mypage.store.schema import signup_draft, throttle
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.signing_up import Person
from tests.visitor import Visitor

PROFILE = {
    "login_id": "tarou",
    "password": "Himitsu12",
    "email": "taro@example.jp",
    "nickname": "タロウ",
}
MISSED = "入力された内容が契約者情報と一致しません。もう一度お手元の登録書をご確認ください。"
FAMILY = (
    "ご契約者がご家族のお名前になっていませんか。以前の電話番号で契約されていませんか。"
    "最近変更された場合は、反映まで数日かかります。"
)
ALREADY = "このお客様番号は、すでに会員登録がお済みです"


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    """A portal with Tarou in its master."""
    publish_customers(database, a_customer())
    return portal(database, clock)


def _count(database: Database, table: object) -> int:
    with database.reading() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def _bare(html: str) -> str:
    """A page without what differs at each visit: its tokens."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", html)


@pytest.mark.parametrize(
    "visits", [("/signup",), ("/signup", "/signup/profile", "/signup/confirm", "/signup/done")]
)
def test_visits_write_nothing(app: Flask, database: Database, visits: tuple[str, ...]) -> None:
    visitor = Visitor(app)
    for path in visits:
        assert visitor.get(path).path == "/signup"
    assert _count(database, signup_draft) == _count(database, throttle) == 0


def test_what_is_missing_is_told_by_field_and_what_was_typed_stays(app: Flask, database: Database) -> None:
    page = Visitor(app).get("/signup").submit("認証", name_kana="アイコム")
    assert page.path == "/signup"
    assert "お客様番号を入力してください。" in page.text
    assert "電話番号を入力してください。" in page.text
    assert "A-09" in page.text
    assert 'value="アイコム"' in page.html
    assert _count(database, throttle) == 0


@pytest.mark.parametrize("typed", ["12345678a", "taro@example.jp", "Ⅻ345678", "१२३४५६७८", "0000", "1" * 21])
def test_what_cannot_be_a_customer_number_is_told_by_its_pattern(
    app: Flask, database: Database, typed: str
) -> None:
    page = Visitor(app).get("/signup").submit("認証", **{**TAROU, "customer_number": typed})
    assert "お客様番号の形と異なります。" in page.text
    assert "0012345678" in page.text
    assert "A-05" in page.text
    assert _count(database, throttle) == 0


def test_what_cannot_be_a_telephone_number_or_a_name_is_told(app: Flask) -> None:
    form = Visitor(app).get("/signup")
    page = form.submit("認証", **{**TAROU, "phone": "内線3", "name_kana": "ア" * 101})
    assert "市外局番から" in page.text
    assert "100文字以内" in page.text


@pytest.mark.parametrize(
    "typed", [{"name_kana": "ベツノ　ナマエ"}, {"phone": "0748621235"}, {"customer_number": "99999999"}]
)
def test_one_message_for_every_miss(app: Flask, typed: dict[str, str]) -> None:
    page = Visitor(app).get("/signup")
    for misses in (1, 2, 3, 4):
        page = page.submit("認証", **{**TAROU, **typed})
        assert page.path == "/signup"
        assert MISSED in page.text
        assert FAMILY in page.text
        assert "A-03" in page.text
        # From the third miss on the support window stands inside the message.
        inside = page.root.by_id("errors")
        assert inside is not None
        assert ("0120-000-000" in inside.text()) == (misses >= 3)
        for value in {**TAROU, **typed}.values():
            assert value in page.html
        assert not any(each.attributes.get("aria-invalid") for each in page.root.all("input"))
    page = page.submit("認証", **{**TAROU, **typed})
    assert "約1分後に、もう一度お試しください。" in page.text
    assert "A-04" in page.text
    assert TAROU["phone"] in page.html or typed.get("phone", "-") in page.html


def test_a_miss_tells_nothing_by_its_bytes(app: Flask, database: Database) -> None:
    publish_customers(database, a_customer("777", phone="0322223333", web_registration=False))
    answers = set()
    for typed in (
        {**TAROU, "name_kana": "ベツノ"},
        {"customer_number": "99999999", "phone": "0311112222", "name_kana": "ベツノ"},
        {**TAROU, "customer_number": "777", "phone": "0322223333"},
    ):
        bare = _bare(Visitor(app).get("/signup").submit("認証", **typed).html)
        for value in typed.values():
            bare = bare.replace(f'value="{value}"', "")
        answers.add(bare)
    assert len(answers) == 1


def test_after_the_wait_that_was_told_one_may_try_again(app: Flask, clock: Path) -> None:
    page = Visitor(app).get("/signup")
    for _ in range(5):
        page = page.submit("認証", **{**TAROU, "phone": "0748621235"})
    assert "約1分後" in page.text
    assert "約1分後" in page.submit("認証", **TAROU).text
    move_clock(clock, timedelta(minutes=1))
    assert page.submit("認証", **TAROU).path == "/signup/profile"


def test_forwarded_addresses_are_believed_from_trusted_proxies_only(database: Database) -> None:
    def tries(app: Flask, addresses: list[str]) -> str:
        for number, address in enumerate(addresses):
            visitor = Visitor(app, headers={"X-Forwarded-For": address})
            page = visitor.get("/signup").submit(
                "認証", **{**TAROU, "customer_number": f"9{number:03}", "phone": f"031234{number:04}"}
            )
        return page.text

    forged = [f"203.0.113.{number}" for number in range(41)]
    assert "約1分後" in tries(portal(database), forged)
    behind_proxy = portal(database, trusted_proxies="127.0.0.1", public_url="http://localhost:8080")
    assert MISSED in tries(behind_proxy, [f"198.51.100.{number}" for number in range(41)])
    ipv6 = [f"2001:db8:1:2::{number:x}" for number in range(1, 42)]
    assert "約1分後" in tries(behind_proxy, ipv6)


def test_a_customer_who_is_registered_is_told_after_a_match(app: Flask, database: Database) -> None:
    owner = Person(database)
    owner.sign_up(datetime.now(UTC))
    owner.activate(owner.token(signed_at=datetime.now(UTC)), datetime.now(UTC))
    page = Visitor(app).get("/signup").submit("認証", **{**TAROU, "phone": "0748621235"})
    assert ALREADY not in page.text
    page = page.submit("認証", **TAROU)
    assert page.root.first("h1").text() == ALREADY
    links = [link.attributes["href"] for link in page.root.all("a")]
    for expected in ("/login", "/recover/id", "/recover/password", "tel:0120-000-000"):
        assert expected in links
    assert _count(database, signup_draft) == 0


def test_the_registration_key_is_a_fourth_field_where_it_is_asked(database: Database) -> None:
    publish_customers(database, a_customer(registration_key="AB12CD34"))
    page = Visitor(portal(database, signup_proof="key")).get("/signup")
    missing = page.submit("認証", **TAROU)
    assert "登録キーを入力してください。" in missing.text
    wrong = page.submit("認証", **TAROU, registration_key="AB12CD35")
    assert MISSED in wrong.text
    assert page.submit("認証", **TAROU, registration_key="ab12-cd34").path == "/signup/profile"
    assert "登録キー" not in Visitor(portal(database)).get("/signup").text


def test_the_operator_s_own_name_for_the_number(database: Database) -> None:
    page = Visitor(portal(database, customer_number_label="会員番号")).get("/signup")
    assert "会員番号" in page.submit("認証").root.by_id("errors").text()  # type: ignore[union-attr]
