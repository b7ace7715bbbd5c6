"""The login as a person with a browser has it."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from mypage.store.engine import Database
from mypage.store.schema import account, login_session
from tests.bills import PASSWORD, a_bill, an_account, publish_bills
from tests.builders import a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.visitor import Page, Visitor

WRONG = "アカウントIDまたはパスワードが一致しません。"


@pytest.fixture
def clock_file(tmp_path: Path) -> Path:
    file = tmp_path / "clock"
    move_clock(file, timedelta())
    return file


@pytest.fixture
def app(database: Database, clock_file: Path) -> Flask:
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    publish_bills(database, a_bill(202610))
    return portal(database, clock_file)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


def log_in(visitor: Visitor, path: str = "/login", password: str = PASSWORD) -> Page:
    return visitor.get(path).submit("ログイン", login_id="tarou-2026", password=password)


def _cookie(visitor: Visitor, name: str) -> str | None:
    cookie = visitor.client.get_cookie(name, "127.0.0.1")
    return cookie.value if cookie else None


def test_in_and_out(visitor: Visitor) -> None:
    page = visitor.get("/")
    assert page.path == "/login"
    page = log_in(visitor)
    assert page.path == "/"
    assert "タロウ 様" in page.text
    page = page.submit("ログアウト")
    assert page.path == "/login?out=1"
    assert "ログアウトしました" in page.text
    assert visitor.get("/statements").path.startswith("/login")


def test_the_login_page_leads_to_the_other_ways(visitor: Visitor) -> None:
    page = visitor.get("/login")
    links = {link.text(): link.attributes["href"] for link in page.root.all("a")}
    assert links["初めてログインされる方"] == "/signup"
    for words, path in (
        ("アカウントIDをお忘れの方", "/recover/id"),
        ("パスワードをお忘れの方", "/recover/password"),
    ):
        assert links[words] == path
        answer = visitor.get(path)
        assert answer.status == 200
        assert "お問い合わせ窓口" in answer.text
        assert "0120-000-000" in answer.text


def test_a_logout_ends_the_session_on_the_server(app: Flask, visitor: Visitor, database: Database) -> None:
    page = log_in(visitor)
    secret = _cookie(visitor, "session") or ""
    page.submit("ログアウト")
    assert _cookie(visitor, "session") is None
    thief = Visitor(app)
    thief.client.set_cookie("session", secret, domain="127.0.0.1")
    assert thief.get("/statements").path.startswith("/login")
    with database.reading() as connection:
        assert connection.execute(select(login_session)).all() == []


def test_each_login_has_a_new_id_and_the_former_one_is_dead(app: Flask, visitor: Visitor) -> None:
    visitor.client.set_cookie("session", "planted-by-somebody", domain="127.0.0.1")
    log_in(visitor)
    first = _cookie(visitor, "session")
    assert first != "planted-by-somebody"
    page = visitor.get("/login")
    assert page.path == "/", "who is logged in is not asked again"
    visitor.post("/logout", _token(visitor))
    log_in(visitor)
    second = _cookie(visitor, "session")
    assert second != first
    thief = Visitor(app)
    thief.client.set_cookie("session", first or "", domain="127.0.0.1")
    assert thief.get("/").path == "/login"


def _token(visitor: Visitor) -> dict[str, str]:
    page = visitor.get("/")
    form = page.root.all("form")[0]
    return {"csrf_token": form.all("input")[0].attributes["value"] or ""}


def test_cookies_are_for_this_host_and_out_of_reach_of_scripts(database: Database, app: Flask) -> None:
    answer = _raw_login(app, "http://127.0.0.1:8080")
    flags = {line.split("=")[0]: line for line in answer}
    assert {"session", "device"} <= flags.keys()
    assert "HttpOnly" in flags["session"]
    assert "SameSite=Lax" in flags["session"]
    assert "Max-Age" not in flags["session"]
    assert "Expires" not in flags["session"]
    secure = _raw_login(portal(database, public_url="https://my.example.jp"), "https://my.example.jp")
    flags = {line.split("=")[0]: line for line in secure}
    assert {"__Host-session", "__Host-device"} <= flags.keys()
    assert all("Secure" in line and "Path=/" in line for line in secure)


def _raw_login(app: Flask, base_url: str) -> list[str]:
    visitor = Visitor(app, base_url=base_url, headers={"Referer": f"{base_url}/login"})
    token = visitor.get("/login").form_with("ログイン").all("input")[0].attributes["value"]
    answer = visitor.client.post(
        "/login",
        base_url=base_url,
        headers=visitor.headers,
        data={"csrf_token": token, "login_id": "tarou-2026", "password": PASSWORD},
    )
    assert answer.status_code == 303
    return answer.headers.getlist("Set-Cookie")


def test_it_ends_after_half_an_hour_without_a_request_and_leads_back(
    visitor: Visitor, clock_file: Path
) -> None:
    log_in(visitor)
    move_clock(clock_file, timedelta(minutes=29))
    assert visitor.get("/statements").path == "/statements"
    move_clock(clock_file, timedelta(minutes=58))
    assert visitor.get("/statements/2026-10").path == "/statements/2026-10"
    move_clock(clock_file, timedelta(minutes=89))
    page = visitor.get("/statements/2026-10")
    assert page.path == "/login?next=%2Fstatements%2F2026-10"
    assert "ログインが必要です" in page.text
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.path == "/statements/2026-10"


def test_it_ends_after_twelve_hours_whatever_is_done(visitor: Visitor, clock_file: Path) -> None:
    log_in(visitor)
    for minutes in range(20, 720, 20):
        move_clock(clock_file, timedelta(minutes=minutes))
        assert visitor.get("/contract").path == "/contract", minutes
    move_clock(clock_file, timedelta(minutes=721))
    assert visitor.get("/contract").path == "/login?next=%2Fcontract"


def test_a_rotated_stamp_ends_every_session_at_its_next_request(visitor: Visitor, database: Database) -> None:
    log_in(visitor)
    with database.writing() as connection:
        connection.execute(update(account).values(stamp="rotated"))
    assert visitor.get("/").path == "/login"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/%5cevil.example",
        "///evil.example",
        "javascript:alert(1)",
        "/nowhere",
        "/login?next=/login",
        "/logout",
        "/static/mypage.css",
        "\t//evil.example",
        "/statements\r\nSet-Cookie: a=b",
        "/" + "x" * 3000,
        "",
    ],
)
def test_after_login_only_our_own_pages(visitor: Visitor, wanted: str) -> None:
    page = visitor.get("/login", query={"next": wanted})
    assert page.submit("ログイン", login_id="tarou-2026", password=PASSWORD).path == "/"


@pytest.mark.parametrize(
    "wanted", ["/statements/2026-10", "/contract", "/profile/password", "/statements?lang=en"]
)
def test_after_login_one_is_where_one_wanted_to_be(visitor: Visitor, wanted: str) -> None:
    page = visitor.get("/login", query={"next": wanted})
    assert page.submit("ログイン", login_id="tarou-2026", password=PASSWORD).path == wanted


def test_wrong_and_unknown_get_the_same_page(app: Flask) -> None:
    pages = []
    for login_id in ("tarou-2026", "nobody-1234"):
        page = Visitor(app).get("/login").submit("ログイン", login_id=login_id, password="wrong")
        assert page.status == 400
        assert page.title.startswith("エラー：")
        assert WRONG in page.text
        fields = {each.attributes.get("name"): each for each in page.form_with("ログイン").all("input")}
        assert fields["login_id"].attributes["value"] == login_id, "what was typed is kept"
        assert not fields["password"].attributes.get("value"), "but never the password"
        token = fields["csrf_token"].attributes["value"] or ""
        pages.append(page.html.replace(token, "").replace(login_id, ""))
    assert pages[0] == pages[1]


def test_from_the_third_miss_the_message_leads_to_recovery(visitor: Visitor) -> None:
    page = log_in(visitor, password="wrong")
    for expected in (False, True):
        page = page.submit("ログイン", login_id="tarou-2026", password="wrong")
        assert ("アカウントIDがわからないとき" in page.text) is expected
    assert page.follow("パスワードがわからないとき").path == "/recover/password"


def test_full_width_and_capitals_are_hinted_at(visitor: Visitor) -> None:
    assert "全角" in log_in(visitor, password="ｋｉｓｅｔｓｕ").text
    assert "Caps" in log_in(visitor, password="KISETSU-7").text


def test_what_is_missing_is_told_beside_its_field(visitor: Visitor) -> None:
    page = visitor.get("/login").submit("ログイン", login_id="  ", password="")
    assert page.status == 400
    assert "アカウントIDを入力してください。" in page.text
    assert "パスワードを入力してください。" in page.text


def test_too_many_misses_are_told_in_minutes_and_pass(visitor: Visitor, clock_file: Path) -> None:
    page = log_in(visitor, password="wrong")
    for _ in range(3):
        page = page.submit("ログイン", login_id="tarou-2026", password="wrong")
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.status == 429
    assert "約1分後に" in page.text
    assert page.headers["Retry-After"] == "60"
    move_clock(clock_file, timedelta(minutes=1, seconds=1))
    assert page.submit("ログイン", login_id="tarou-2026", password=PASSWORD).path == "/"


def test_a_device_that_logged_in_before_is_not_shut_out_by_others(app: Flask, visitor: Visitor) -> None:
    log_in(visitor).submit("ログアウト")
    stranger = Visitor(app)
    page = log_in(stranger, password="guess")
    while page.status != 429:
        page = page.submit("ログイン", login_id="tarou-2026", password="guess")
    assert page.submit("ログイン", login_id="tarou-2026", password=PASSWORD).status == 429
    assert log_in(visitor).path == "/"
    forger = Visitor(app)
    forger.client.set_cookie("device", (_cookie(visitor, "device") or "")[:-2] + "xx", domain="127.0.0.1")
    assert log_in(forger).status == 429


def test_a_family_s_tablet_knows_the_last_four_accounts(app: Flask, database: Database) -> None:
    tablet = Visitor(app)
    for number in range(6):
        publish_customers(database, a_customer(f"7001{number}"))
        an_account(database, f"7001{number}", login_id=f"family-{number}")
        page = tablet.get("/login").submit("ログイン", login_id=f"family-{number}", password=PASSWORD)
        assert page.path == "/"
        page.submit("ログアウト")
    assert len(_cookie(tablet, "device") or "") < 1000


def test_a_form_that_is_sent_without_its_cookie_says_how_to_go_on(app: Flask) -> None:
    page = Visitor(app).get("/login")
    page.visitor.client.delete_cookie("form", domain="127.0.0.1")
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.status == 400
    assert "Cookie" in page.text


def test_a_hash_of_a_lower_cost_is_renewed_at_login(app: Flask, visitor: Visitor, database: Database) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(memory_cost=8 * 1024, time_cost=1, parallelism=1).hash(PASSWORD)
    with database.writing() as connection:
        connection.execute(update(account).values(password_hash=weak))
    assert log_in(visitor).path == "/"
    with database.reading() as connection:
        renewed = connection.execute(select(account.c.password_hash)).scalar_one()
    assert renewed != weak
    assert "m=19456" in renewed


@pytest.mark.parametrize("secret", ["x", "", "y" * 4000, "é\u3042", "'; DROP TABLE account; --"])
def test_any_cookie_at_all_is_no_login(app: Flask, secret: str) -> None:
    visitor = Visitor(app)
    visitor.client.set_cookie("session", secret, domain="127.0.0.1")
    visitor.client.set_cookie("device", secret, domain="127.0.0.1")
    assert visitor.get("/").path == "/login"
    assert log_in(visitor).path == "/"


def test_in_english(app: Flask) -> None:
    page = Visitor(app, headers={"Accept-Language": "en"}).get("/login")
    page = page.submit("Log in", login_id="tarou-2026", password="wrong")
    assert "does not match" in page.text
