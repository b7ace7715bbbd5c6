"""What a login sees of which nothing may be shown yet: the code of its letter, or the time to wait — and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert, update

from mypage.adapters.tokens import Tokens
from mypage.services import release
from mypage.services.release import Objected, Released, Settled
from mypage.store.engine import Database
from mypage.store.schema import account_customer, letter
from tests.bills import LONG_AGO, PASSWORD, a_bill, an_account, publish_bills
from tests.builders import TAROU, a_customer, publish_customers
from tests.lettering import LETTER, LOGIN_ID, post_letters, sign_up
from tests.portal import SECRET_KEYS, move_clock, portal
from tests.signing_up import Person, mails
from tests.visitor import Page, Visitor, form_values

NUMBER = "0012345678"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# What may be open to everybody. A page that is nobody's goes below one of these, or is added here.
PUBLIC = (
    *("/login", "/logout", "/signup", "/recover", "/help", "/terms", "/privacy"),
    *("/static/", "/healthz", "/readyz", "/metrics", "/dev/"),
    # Behind gates of their own (tests/test_routes.py).
    *("/staff/", "/api/"),
    # What the link in a notice opens, without a login: its token says whose it is.
    "/notices/off/",
)


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    """A portal that asks for letters, with Tarou's bill."""
    publish_customers(database, a_customer())
    publish_bills(database, a_bill(202610, total=5555))
    return portal(database, clock, session_idle="99999", session_absolute="99999", **LETTER)


@pytest.fixture
def tarou(app: Flask, database: Database) -> Visitor:
    """Tarou, who has signed up just now and is logged in."""
    sign_up(database, datetime.now(UTC))
    return logged_in(app)


def logged_in(app: Flask, login_id: str = LOGIN_ID, path: str = "/login", **headers: str) -> Visitor:
    visitor = Visitor(app, headers=headers)
    visitor.get(path, query={"lang": "ja"}).submit("ログイン", login_id=login_id, password=PASSWORD)
    return visitor


def code_of(database: Database, folder: Path, now: datetime | None = None) -> str:
    """Post the letters; the code in Tarou's."""
    return post_letters(database, folder, now or datetime.now(UTC))[NUMBER]["確認コード"]


def enter(page: Page, code: str) -> Page:
    return page.submit("コードを確認する", code=code)


def release_(database: Database, account_id: str, now: datetime) -> None:
    with database.writing() as connection:
        done = release.release_account(
            connection,
            customer_key="12345678",
            account_id=account_id,
            acting_staff="suzuki",
            reason="お申し出",
            now=now,
        )
    assert isinstance(done, Released)


# The gate


def _routes(app: Flask) -> list[tuple[str, str]]:
    """Every method and path of the portal, with something in the place of each parameter."""
    adapter = app.url_map.bind("127.0.0.1")
    found = []
    for rule in app.url_map.iter_rules():
        values = {name: "2026-10" if name == "month" else "1" for name in rule.arguments}
        methods = (rule.methods or set()) & {"GET", "POST"}
        found += [(method, adapter.build(rule.endpoint, values, method=method)) for method in methods]
    return sorted(found)


def _where(visitor: Visitor, method: str, path: str, token: str) -> str:
    """Where a request leads: the path that it is redirected to, empty if it is answered."""
    typed = {"csrf_token": token} if method == "POST" else None
    answer = visitor.client.open(path, method=method, base_url=visitor.base_url, data=typed)
    return answer.headers.get("Location", "").partition("?")[0]


@pytest.mark.parametrize("closed_by", ["letter", "release"])
def test_every_page_that_needs_a_login_is_closed_to_it(
    app: Flask, database: Database, closed_by: str
) -> None:
    now = datetime.now(UTC)
    account_id = sign_up(database, now)
    if closed_by == "release":
        release_(database, account_id, now)
        sign_up(database, now, proof="none")
    stranger = Visitor(app)
    token = form_values(stranger.get("/login").form_with("ログイン"))["csrf_token"]
    routes = _routes(app)
    personal = {route for route in routes if _where(stranger, *route, token) == "/login"}
    for _, path in set(routes) - personal:
        assert path.startswith(PUBLIC), f"{path} is open to everybody: is it meant to be?"
    assert {path for _, path in personal} >= {
        "/",
        "/contract",
        "/opening",
        "/profile/password",
        "/statements",
        "/statements.csv",
        "/statements/2026-10",
    }
    visitor = logged_in(app)
    token = form_values(visitor.get("/opening").form_with("ログアウト"))["csrf_token"]
    for method, path in sorted(personal):
        # Nor are the ends of a signup and of a login anybody's.
        if not path.startswith(("/opening", *PUBLIC)):
            assert _where(visitor, method, path, token) == "/opening", (method, path)
    for path in ("/", "/statements", "/contract", "/statements/2026-10"):
        page = visitor.get(path)
        assert page.path.startswith("/opening")
        assert "5,555" not in page.html
        for menu_word in ("お客様メニューリスト", "ご利用料金の", "パスワードの変更"):
            assert menu_word not in page.text
    assert not re.search(r"水口町|愛込", visitor.get("/").html), "the address is never shown"


def test_login_recovery_and_logout_go_on_working(app: Flask, tarou: Visitor) -> None:
    for path in ("/recover/id", "/recover/password", "/terms", "/privacy", "/signup"):
        assert tarou.get(path).path == path
    assert tarou.get("/login").path == "/opening", "who is logged in is led on as ever"
    page = tarou.get("/").submit("ログアウト")
    assert page.path == "/login?out=1"
    assert tarou.get("/opening").path == "/login?next=%2Fopening"
    assert logged_in(app).get("/").path == "/opening"


# The letter


def test_from_the_signup_to_the_code(app: Flask, database: Database, tmp_path: Path) -> None:
    visitor = Visitor(app)
    page = visitor.get("/signup")
    assert "ご契約のご住所に、確認コードの手紙をお送りします。" in page.text
    page = page.submit("認証", **TAROU)
    page = page.submit(
        "確認する", login_id="tarou", password="Himitsu12", email="t@example.jp", nickname="た"
    )
    page.submit("仮登録する")
    now = datetime.now(UTC)
    facts = Person(database).token(signed_at=now)
    link = Tokens([SECRET_KEYS]).sign("activation", {"r": facts.registration_id, "s": facts.serial}, now)
    page = visitor.get(f"/signup/activate/{link}").submit("本登録する", password="Himitsu12")
    assert "ご契約のご住所に、確認コードの手紙をお送りします。" in page.text
    page = page.submit("そのままログイン")
    assert page.path == "/opening"
    assert page.title.startswith("確認コードの入力")
    assert "手紙は、これからお送りします。" in page.text
    code = code_of(database, tmp_path)
    page = visitor.get("/statements/2026-10")
    assert page.path == "/opening?next=%2Fstatements%2F2026-10"
    assert "に発送の手配をしました。" in page.text
    page = enter(page, f"　{code.lower()} ".replace("-", "－"))
    assert page.path == "/statements/2026-10", "on to what was asked for"
    assert "5,555円" in page.text
    assert mails(database)[-1][:2] == ("letter_proven", "t@example.jp")
    assert visitor.get("/opening").path == "/"


def test_a_second_browser_opens_with_the_first(
    app: Flask, database: Database, tarou: Visitor, tmp_path: Path
) -> None:
    other = logged_in(app)
    page = other.get("/")
    assert page.path == "/opening"
    enter(tarou.get("/"), code_of(database, tmp_path))
    assert other.get("/statements").path == "/statements"
    # A form that stood open there is no error.
    assert enter(page, "CCCCC-CCCCC").path == "/"
    assert page.visitor.post("/opening/letter", form_values(page.form_with("コードを確認する"))).path == "/"


def test_what_is_no_try_is_not_counted(tarou: Visitor) -> None:
    page = tarou.get("/")
    for typed, told in (
        ("", "手紙に書かれた確認コードを入力してください。"),
        (" 　", "手紙に書かれた確認コードを入力してください。"),
        ("34679-CDFG", "確認コードは10文字です。"),
        ("34679-CDFGHJ", "確認コードは10文字です。"),
        ("あ" * 5000, "確認コードは10文字です。"),
    ):
        page = enter(page, typed)
        assert page.status == 400
        assert page.title.startswith("エラー：")
        assert told in page.text
    assert "あと4回入力できます。" in enter(page, "CCCCC-CCCCC").text


def test_after_five_tries_a_new_letter_is_asked_for(
    app: Flask, database: Database, tarou: Visitor, tmp_path: Path
) -> None:
    first = code_of(database, tmp_path)
    page = tarou.get("/statements")
    for left in (4, 3, 2, 1):
        page = enter(page, "XXXXX-XXXXX")
        assert f"あと{left}回入力できます。" in page.text
        assert 'value="XXXXX-XXXXX"' in page.html
    page = enter(page, "XXXXX-XXXXX")
    assert "確認コードが5回一致しなかったため、この手紙のコードは使えなくなりました。" in page.text
    assert (
        not page.root.all(
            "input",
        )
        or "コードを確認する" not in page.text
    )
    assert "0120-000-000" in page.text
    page = page.submit("新しい手紙を依頼する")
    assert page.path == "/opening?said=letter_asked&next=%2Fstatements"
    assert "新しい手紙のご依頼を受け付けました。" in page.text
    assert "まだご依頼いただけません。" in page.text
    again = tarou.post("/opening/letter", form_values(page.form_with("ログアウト")))
    assert again.status == 400
    assert "まだご依頼いただけません。" in again.root.by_id("errors").text()  # type: ignore[union-attr]
    second = code_of(database, tmp_path)
    assert "あと4回" in enter(tarou.get("/statements"), first).text
    page = enter(tarou.get("/statements"), second)
    assert page.path == "/statements"


def test_a_letter_that_does_not_come_or_comes_too_late(
    database: Database, tarou: Visitor, clock: Path, tmp_path: Path
) -> None:
    code = code_of(database, tmp_path)
    page = tarou.get("/")
    assert "を過ぎても届かないときに、新しい手紙をご依頼いただけます。" in page.text
    move_clock(clock, 7 * DAY + HOUR)
    page = tarou.get("/")
    assert "前の手紙のコードは、使えなくなります。" in page.text
    move_clock(clock, 30 * DAY + HOUR)
    page = enter(page, code)
    assert page.status == 400
    assert "この手紙の確認コードは、期限（30日）が過ぎました。" in page.text
    assert "新しい手紙を依頼する" in page.text


def test_the_fourth_letter_in_thirty_days_is_not_sent(
    database: Database, tarou: Visitor, tmp_path: Path
) -> None:
    for _ in range(2):
        code_of(database, tmp_path)
        page = tarou.get("/")
        for _ in range(5):
            page = enter(page, "XXXXX-XXXXX")
        page.submit("新しい手紙を依頼する")
    page = tarou.get("/")
    for _ in range(5):
        page = enter(page, "XXXXX-XXXXX")
    assert "30日間にお送りできる手紙の数（3通）を超えました。" in page.text
    assert "新しい手紙を依頼する" not in page.text
    assert "お困りのときは、お問い合わせ窓口にお電話ください。" in page.text


def test_without_an_address_the_way_to_the_window_is_told(app: Flask, database: Database) -> None:
    publish_customers(database, a_customer(address=None))
    sign_up(database, datetime.now(UTC))
    page = logged_in(app).get("/")
    assert "ご契約のご住所が分からないため、手紙をお送りできません。" in page.text


def test_a_setting_that_changes(app: Flask, database: Database) -> None:
    now = datetime.now(UTC)
    publish_customers(database, a_customer("70012", phone="0748671111"))
    who = {"customer_number": "70012", "phone": "0748671111", "login_id": "earlier"}
    sign_up(database, now, proof="none", customer_key="70012", **who)
    sign_up(database, now)
    # Whoever registered while no letters were asked for is not asked for one now.
    assert logged_in(app, "earlier").get("/").path == "/"
    waiting = logged_in(app)
    assert waiting.get("/").path == "/opening"
    # No letters any more: nobody waits for one that never comes. Letters again: the unproven wait again.
    for proof, expected in (("none", "/"), ("key", "/"), ("letter", "/opening")):
        waiting.client.application = portal(database, signup_proof=proof)
        assert waiting.get("/").path == expected


def test_kept_from_the_web_comes_before_the_letter(
    database: Database, tarou: Visitor, tmp_path: Path
) -> None:
    code = code_of(database, tmp_path)
    page = tarou.get("/")
    publish_customers(database, a_customer(web_registration=False))
    assert enter(page, code).path.startswith("/login")
    assert tarou.get("/opening").path.startswith("/login")


# After a release


def test_after_a_release_the_next_account_is_told_from_when_on(
    app: Flask, database: Database, clock: Path
) -> None:
    now = datetime(2026, 11, 24, 3, 0, 5, tzinfo=UTC)
    move_clock(clock, now - datetime.now(UTC))
    release_(database, sign_up(database, now, proof="none"), now)
    sign_up(database, now, proof="none")
    visitor = logged_in(app)
    page = visitor.get("/statements")
    assert page.path == "/opening?next=%2Fstatements"
    assert page.title.startswith("まだ表示できません")
    assert "2026年11月27日（金）12時01分から表示します" in page.text
    assert "0120-000-000" in page.text
    assert "コードを確認する" not in page.text
    assert visitor.post("/opening", form_values(page.form_with("ログアウト"))).title == page.title
    assert visitor.post("/opening/letter", form_values(page.form_with("ログアウト"))).title == page.title
    move_clock(clock, now + 72 * HOUR + timedelta(seconds=55) - datetime.now(UTC))
    assert visitor.get("/opening?next=%2Fstatements").path == "/statements"
    assert "5,555円" in visitor.get("/statements").text


def test_an_objection_stops_it_until_it_is_settled(app: Flask, database: Database, clock: Path) -> None:
    now = datetime.now(UTC)
    release_(database, sign_up(database, now, proof="none"), now)
    sign_up(database, now, proof="none")
    visitor = logged_in(app)
    deed = {"customer_key": "12345678", "acting_staff": "suzuki", "reason": "電話", "now": now}
    with database.writing() as connection:
        assert isinstance(release.object_to_release(connection, **deed), Objected)  # type: ignore[arg-type]
    move_clock(clock, 10 * DAY)
    page = visitor.get("/statements")
    assert "ただいま、このお客様番号のご登録について確認しています。" in page.text
    assert "お問い合わせ窓口にお電話ください。" in page.text
    assert "から表示します" not in page.text
    with database.writing() as connection:
        assert isinstance(release.settle_objection(connection, **deed), Settled)  # type: ignore[arg-type]
    assert "5,555円" in visitor.get("/statements").text


def test_who_was_released_is_out_within_one_request(app: Flask, database: Database) -> None:
    now = datetime.now(UTC)
    account_id = sign_up(database, now, proof="none")
    visitor = logged_in(app)
    assert visitor.get("/statements").path == "/statements"
    release_(database, account_id, now)
    assert visitor.get("/statements").path.startswith("/login")
    page = visitor.get("/login").submit("ログイン", login_id=LOGIN_ID, password=PASSWORD)
    assert "アカウントIDまたはパスワードが一致しません。" in page.text
    assert Visitor(app).get("/signup").submit("認証", **TAROU).path == "/signup/profile"


# A login with several customers


def test_a_login_of_several_customers_sees_those_that_are_open(
    app: Flask, database: Database, tmp_path: Path
) -> None:
    publish_customers(database, a_customer("70012"), a_customer("70013"))
    account_id = an_account(database, "70012", login_id="hanako-2026")
    sign_up(database, datetime.now(UTC))
    with database.writing() as connection:
        connection.execute(
            update(account_customer)
            .where(account_customer.c.customer_key == "12345678")
            .values(account_id=account_id)
        )
        connection.execute(update(letter).values(account_id=account_id))
    visitor = logged_in(app, "hanako-2026")
    assert "70012" in visitor.get("/contract").text
    assert "5,555" not in visitor.get("/statements").text
    page = visitor.get("/").follow(f"お客様番号 {NUMBER}まだ表示できません")
    assert page.path == "/opening"
    with database.writing() as connection:
        more = {"customer_key": "70013", "account_id": account_id, "role": "owner", "since": LONG_AGO}
        connection.execute(insert(account_customer).values(**more))
    assert f"お客様番号 {NUMBER}" in visitor.get("/").text
    assert enter(page, code_of(database, tmp_path)).path == "/"
    assert "まだ表示できません" not in visitor.get("/").text


def test_in_english(app: Flask, database: Database) -> None:
    sign_up(database, datetime.now(UTC))
    visitor = Visitor(app, headers={"Accept-Language": "en"})
    page = visitor.get("/login").submit("Log in", login_id=LOGIN_ID, password=PASSWORD)
    assert page.title.startswith("Enter the code from the letter")
    page = page.submit("Check the code", code="XXXXX-XXXXX")
    assert "Tries left: 4." in page.text
