"""D-03 as people have it: the id, the password, or both forgotten; and what strangers and scanners get out of it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.store.engine import Database
from mypage.store.schema import account, audit_event, outbox, recovery_request
from tests.bills import PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.mail import register
from tests.office import Office, office
from tests.visitor import Page, Visitor, form_values

NEW = "Aki-8-no-sora"
SENT = "お申し込みを受け付けました"
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Office]:
    publish_customers(database, a_customer())
    an_account(database, "12345678")
    with office(database, tmp_path) as opened:
        yield opened


def log_in(visitor: Visitor, login_id: str = "tarou-2026", password: str = PASSWORD) -> Page:
    return visitor.get("/login").submit("ログイン", login_id=login_id, password=password)


def forget_password(desk: Office, login_id: str = "tarou-2026") -> str:
    """Ask, and wait for the mail; the link in it."""
    page = Visitor(desk.app).get("/recover/password").submit("メールを送る", login_id=login_id)
    assert SENT in page.text
    desk.work()
    return desk.link


def test_the_id_is_forgotten(desk: Office) -> None:
    visitor = Visitor(desk.app)
    page = visitor.get("/login").follow("アカウントIDをお忘れの方")
    page = page.submit("メールを送る", email="　ＴＡＲＯＵ＠ｅｘａｍｐｌｅ．ｊｐ ")
    assert page.path == "/recover/id?sent=1"
    assert SENT in page.text
    assert "迷惑メール" in page.text
    assert "example.jp" in page.text, "the domain to allow"
    assert "D-03" in page.text
    assert "0120-000-000" in page.text
    assert page.follow("パスワードをお忘れの方").path == "/recover/password"
    assert desk.work()
    assert desk.mail.recipient == "tarou@example.jp"
    assert "tarou-2026" in desk.mail.body.splitlines()
    assert "タロウ" not in desk.mail.body
    assert page.follow("ログイン画面へ進む").path == "/login"
    assert log_in(visitor).path == "/"


def test_the_password_is_forgotten(desk: Office, database: Database) -> None:
    elsewhere, visitor = Visitor(desk.app), Visitor(desk.app)
    log_in(elsewhere)
    page = visitor.get("/login").follow("パスワードをお忘れの方")
    page = page.submit("メールを送る", login_id="Ｔａｒｏｕ-2026")
    assert page.path == "/recover/password?sent=1"
    desk.work()
    assert "tarou-2026" not in desk.mail.body, "the page asks it"
    page = visitor.get(desk.link)
    assert page.root.first("h1").text() == "パスワードの再設定"
    assert "8文字以上16文字以内" in page.text
    page = page.submit("再設定する", login_id="TAROU-2026", password=NEW)
    assert page.path == "/login?reset=1"
    assert "パスワードを再設定しました" in page.text
    assert elsewhere.get("/").path == "/login", "all sessions have ended"
    assert log_in(Visitor(desk.app)).status == 400
    assert page.submit("ログイン", login_id="tarou-2026", password=NEW).path == "/"
    desk.work()
    assert desk.mail.message["Subject"] == "パスワード再設定のお知らせ（サンプルケーブル）"
    assert "「パスワードをお忘れの方」のお手続きで再設定されました。" in desk.mail.body


def test_both_are_forgotten(desk: Office) -> None:
    visitor = Visitor(desk.app)
    page = visitor.get("/recover/password").follow("アカウントIDをお忘れの方")
    page.submit("メールを送る", email="tarou@example.jp")
    desk.work()
    login_id = desk.mail.body.splitlines()[5]
    assert login_id == "tarou-2026"
    page = visitor.get(forget_password(desk, login_id))
    page = page.submit("再設定する", login_id=login_id, password=NEW)
    assert page.submit("ログイン", login_id=login_id, password=NEW).path == "/"


def test_recovery_is_reached_and_lifts_the_wait_at_the_login(desk: Office) -> None:
    stranger, owner = Visitor(desk.app), Visitor(desk.app)
    page = log_in(stranger, password="guess")
    while page.status != 429:
        page = log_in(stranger, password="guess")
    page = log_in(owner)
    assert page.status == 429
    page = page.follow("パスワードがわからないとき").submit("メールを送る", login_id="tarou-2026")
    desk.work()
    page = owner.get(desk.link).submit("再設定する", login_id="tarou-2026", password=NEW)
    # Strangers go on guessing; the device on which the password was reset is known.
    while log_in(stranger, password="guess").status != 429:
        pass
    assert page.submit("ログイン", login_id="tarou-2026", password=NEW).path == "/"


def test_it_can_be_done_while_somebody_else_is_logged_in_here(desk: Office, database: Database) -> None:
    publish_customers(database, a_customer("100"))
    an_account(database, "100", login_id="hanako-2026", email="hanako@example.jp")
    visitor = Visitor(desk.app)
    log_in(visitor, "hanako-2026")
    page = visitor.get(forget_password(desk)).submit("再設定する", login_id="tarou-2026", password=NEW)
    assert page.path == "/login?reset=1"
    assert page.submit("ログイン", login_id="tarou-2026", password=NEW).path == "/"


def test_scanners_may_open_and_submit_whatever_they_like(desk: Office, database: Database) -> None:
    link = forget_password(desk)
    with database.reading() as connection:
        before = connection.execute(select(account)).one()
    scanner = Visitor(desk.app)
    for _ in range(4):
        page = scanner.get(link)
        assert desk.app.test_client().head(link).status_code == 200
        token = form_values(page.form_with("再設定する"))["csrf_token"]
        assert scanner.post(link, {"csrf_token": token}).status == 400
        assert page.submit("再設定する", login_id="guess", password="Guess-2026").status == 400
        assert page.submit("再設定する", login_id="tarou-2026", password="").status == 400
        assert desk.app.test_client().post(link, data={"login_id": "tarou-2026"}).status_code == 400
    with database.reading() as connection:
        assert connection.execute(select(account)).one() == before
    waiting = page.submit("再設定する", login_id="tarou-2026", password=NEW)
    assert waiting.status == 429
    assert "約1分後に、もう一度お試しください。" in waiting.text
    page = desk.visitor("192.0.2.77").get(link).submit("再設定する", login_id="tarou-2026", password=NEW)
    assert page.path == "/login?reset=1"


def test_what_is_wrong_on_the_page_is_told_and_no_password_is_echoed(desk: Office) -> None:
    page = Visitor(desk.app).get(forget_password(desk))
    wrong = page.submit("再設定する", login_id="hanako", password="short")
    assert wrong.title.startswith("エラー：")
    assert "このURLは、入力されたアカウントIDのものではありません。" in wrong.text
    assert "パスワードが短すぎます。" in wrong.text
    assert wrong.follow("アカウントIDをお忘れの方").path == "/recover/id"
    wrong = page.submit("再設定する", login_id="tarou-2026", password="0748-62-1234")
    assert "電話番号と同じパスワードはお使いになれません。" in wrong.text
    assert "0748-62-1234" not in wrong.html
    empty = page.submit("再設定する", login_id=" ", password="")
    assert "アカウントIDを入力してください。メールには書かれていません。" in empty.text
    assert "パスワードを入力してください。" in empty.text


def test_a_second_click_finds_it_done(desk: Office) -> None:
    form = Visitor(desk.app).get(forget_password(desk))
    for path in ("/login?reset=1", form.path):
        page = form.submit("再設定する", login_id="tarou-2026", password=NEW)
        assert page.path == path
    assert "パスワードの再設定は、すでにお済みです" in page.text
    assert page.follow("ログイン").path == "/login"
    assert page.status == form.visitor.get(form.path).status == 200


def test_an_hour_from_the_hand_over_and_an_outage_costs_none_of_it(desk: Office) -> None:
    visitor = Visitor(desk.app)
    visitor.get("/recover/password").submit("メールを送る", login_id="tarou-2026")
    desk.server.stop()
    assert not desk.work()
    desk.wait(5 * HOUR)
    desk.server.start()
    assert desk.work()
    form = visitor.get(desk.link)
    desk.wait(6 * HOUR - MINUTE)
    assert "再設定する" in visitor.get(desk.link).text
    desk.wait(6 * HOUR + MINUTE)
    for page in (
        visitor.get(desk.link),
        form.submit("再設定する", login_id="tarou-2026", password=NEW),
        form.submit("再設定する", login_id="", password=""),
    ):
        assert "パスワード再設定の期限が過ぎました" in page.text
        assert page.follow("もう一度申し込む").path == "/recover/password"


def test_the_newest_mail_is_the_one_to_open(desk: Office) -> None:
    older = forget_password(desk)
    desk.wait(2 * MINUTE)
    newer = forget_password(desk)
    page = Visitor(desk.app).get(older)
    assert "新しいメールをご覧ください" in page.text
    assert re.search(r"新しいメールを20\d\d年.*分にお送りしています。", page.text)
    assert "再設定する" in Visitor(desk.app).get(newer).text


def test_a_cut_link_asks_for_the_rest(desk: Office) -> None:
    link = forget_password(desk)
    for broken in (link[:-7], link[:60], "/recover/password/", link.replace("password/", "password/a/")):
        page = Visitor(desk.app).get(broken)
        assert "URLが途中で切れています" in page.text
        assert page.submit("URLを開く", rest=f"http://127.0.0.1:8080{link}").path == link
        assert "続き、またはURL全体を貼り付けてください。" in page.submit("URLを開く", rest="").text
    page = Visitor(desk.app).get(link[:-7]).submit("URLを開く", rest=link[-7:])
    assert page.path == link
    posted = page.visitor.post(link[:-7], form_values(page.form_with("再設定する")))
    assert "URLが途中で切れています" in posted.text


def test_the_four_pages_of_a_dead_link_differ(desk: Office) -> None:
    first = forget_password(desk)
    headings = [Visitor(desk.app).get(first[:-3]).root.first("h1").text()]
    second = forget_password(desk)
    headings.append(Visitor(desk.app).get(first).root.first("h1").text())
    desk.wait(2 * HOUR)
    headings.append(Visitor(desk.app).get(second).root.first("h1").text())
    third = forget_password(desk)
    Visitor(desk.app).get(third).submit("再設定する", login_id="tarou-2026", password=NEW)
    headings.append(Visitor(desk.app).get(third).root.first("h1").text())
    assert len(set(headings)) == 4


def test_the_token_is_nowhere_in_the_database_and_no_password_either(desk: Office) -> None:
    link = forget_password(desk)
    Visitor(desk.app).get(link).submit("再設定する", login_id="tarou-2026", password=NEW)
    token = link.rpartition("/")[2]
    with desk.database.reading() as connection:
        kept = str([connection.execute(select(table)).all() for table in (account, audit_event, outbox)])
    for secret in (*token.split("."), NEW):
        assert secret not in kept


def test_what_cannot_be_an_address_or_an_id_is_told_by_its_pattern(desk: Office, database: Database) -> None:
    visitor = Visitor(desk.app)
    for path, typed, said in (
        ("/recover/id", {"email": ""}, "メールアドレスを入力してください。"),
        ("/recover/id", {"email": "tarou"}, "「@」を1つだけ入れてください。"),
        ("/recover/password", {"login_id": "　"}, "アカウントIDを入力してください。"),
        ("/recover/password", {"login_id": "太郎太郎太郎"}, "半角の英字・数字・記号で入力してください。"),
    ):
        page = visitor.get(path).submit("メールを送る", **typed)
        assert page.status == 400
        assert page.title.startswith("エラー：")
        assert said in page.text
    with database.reading() as connection:
        assert connection.execute(select(recovery_request)).all() == []


def test_asking_too_often_is_told_in_minutes(desk: Office) -> None:
    page = Visitor(desk.app).get("/recover/id")
    for _ in range(4):
        assert page.submit("メールを送る", email="tarou@example.jp").path == "/recover/id?sent=1"
    waiting = page.submit("メールを送る", email="tarou@example.jp")
    assert waiting.status == 429
    assert waiting.headers["Retry-After"] == "60"
    assert "約1分後に、もう一度お試しください。" in waiting.text
    assert "しばらくお待ちください" in waiting.text
    assert form_values(waiting.form_with("メールを送る"))["email"] == "tarou@example.jp"
    desk.wait(MINUTE + SECOND)
    assert SENT in page.submit("メールを送る", email="tarou@example.jp").text


def test_in_english(desk: Office, database: Database) -> None:
    english = Visitor(desk.app, headers={"Accept-Language": "en"})
    page = english.get("/recover/password").submit("Send the mail", login_id="tarou-2026")
    assert "We received your request" in page.text
    desk.work()
    page = english.get(desk.link).submit("Reset", login_id="other", password="x")
    assert "This link is not for the account ID that you entered." in page.text
    page = page.submit("Reset", login_id="tarou-2026", password=NEW)
    assert "Your password has been reset" in page.text


def test_a_provisional_registration_is_not_recovered(desk: Office, database: Database) -> None:
    register(database, datetime.now(UTC), customer="100")
    Visitor(desk.app).get("/recover/password").submit("メールを送る", login_id="tarou100")
    Visitor(desk.app).get("/recover/id").submit("メールを送る", email="tarou@docomo.ne.jp")
    desk.work()
    assert desk.server.mails == []
