"""D-03 with a dead address: the person is told at the next login, and confirms the address anew by a link."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mypage.store.engine import Database
from mypage.store.schema import audit_event
from tests.bills import LONG_AGO, PASSWORD, an_account
from tests.builders import a_customer, publish_customers
from tests.office import Office, office
from tests.recovering import change_account
from tests.visitor import Page, Visitor, form_values

NOTICE = "メールが届いていません"
CONFIRMED = "メールアドレスを確認しました"
GONE = "550 5.1.1 no such user"


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Iterator[Office]:
    publish_customers(database, a_customer(), a_customer("100"))
    an_account(database, "12345678")
    an_account(database, "100", login_id="hanako-2026", email="hanako@example.jp")
    with office(database, tmp_path) as opened:
        yield opened


def log_in(desk: Office, login_id: str = "tarou-2026") -> Page:
    page = Visitor(desk.app).get("/login").submit("ログイン", login_id=login_id, password=PASSWORD)
    assert page.path == "/"
    return page


def bounce(desk: Office) -> None:
    """Some mail to the account is refused for good."""
    desk.server.manners.by_recipient = lambda to: GONE if to == "tarou@example.jp" else None
    Visitor(desk.app).get("/recover/id").submit("メールを送る", email="tarou@example.jp")
    desk.work()


def confirmation(desk: Office) -> Page:
    """Log in after a bounce and ask for the mail, which arrives now; the page that tells of it."""
    bounce(desk)
    desk.server.manners.by_recipient = None
    page = log_in(desk).submit("確認メールを送る")
    desk.work()
    return page


def test_a_dead_address_serves_no_recovery_until_it_is_confirmed_anew(desk: Office) -> None:
    assert NOTICE not in log_in(desk).text
    bounce(desk)
    desk.server.manners.by_recipient = None
    for path, typed in (
        ("/recover/id", {"email": "tarou@example.jp"}),
        ("/recover/password", {"login_id": "tarou-2026"}),
    ):
        assert (
            "お申し込みを受け付けました" in Visitor(desk.app).get(path).submit("メールを送る", **typed).text
        )
    desk.work()
    assert desk.server.mails == []

    page = log_in(desk)
    assert NOTICE in page.text
    assert "0120-000-000" in page.text
    page = page.submit("確認メールを送る")
    assert page.path == "/recover/address"
    assert "送信の順番を待っています。" in page.text
    desk.work()
    assert "に送信しました。メールのURLを開いてください。" in page.visitor.get("/recover/address").text
    assert desk.mail.recipient == "tarou@example.jp"
    assert "タロウ" not in desk.mail.body
    page = page.visitor.get(desk.link).submit("受け取りを確認する")
    assert CONFIRMED in page.text
    page = page.follow("お客様メニューリストへ")
    assert NOTICE not in page.text
    Visitor(desk.app).get("/recover/password").submit("メールを送る", login_id="tarou-2026")
    desk.work()
    assert desk.link.startswith("/recover/password/")


def test_the_link_leads_through_the_login_and_changes_nothing_by_being_opened(
    desk: Office, database: Database
) -> None:
    confirmation(desk)
    link = desk.link
    page = Visitor(desk.app).get(link)
    assert page.path.startswith("/login?next=")
    page = page.submit("ログイン", login_id="tarou-2026", password=PASSWORD)
    assert page.path == link
    assert NOTICE in page.visitor.get("/").text
    page = page.submit("受け取りを確認する")
    assert CONFIRMED in page.text
    with database.reading() as connection:
        actions = list(connection.scalars(select(audit_event.c.action)))
    assert actions.count("address.bounced") == actions.count("address.confirmed") == 1


def test_another_account_confirms_nothing(desk: Office) -> None:
    form = confirmation(desk).visitor.get(desk.link)
    stranger = log_in(desk, "hanako-2026").visitor
    page = stranger.get(desk.link)
    assert "このURLは、ほかのアカウントのためのものです" in page.text
    assert "tarou@example.jp" not in page.html
    token = form_values(stranger.get("/profile/password").form_with("変更する"))["csrf_token"]
    page = stranger.post(desk.link, {"csrf_token": token})
    assert "このURLは、ほかのアカウントのためのものです" in page.text
    assert NOTICE in form.visitor.get("/").text


def test_what_became_of_a_dead_link_is_told_on_the_page_of_the_address(desk: Office) -> None:
    visitor = confirmation(desk).visitor
    older = desk.link
    visitor.get("/recover/address").submit("確認メールを送る")
    desk.work()
    newer = desk.link
    assert "新しいメールのURLに置き換わりました" in visitor.get(older).text
    form = visitor.get(newer)
    cut = visitor.get(newer[:-5])
    assert "URLが途中で切れています" in cut.text
    assert cut.submit("URLを開く", rest=newer[-5:]).path == newer
    assert "URLが途中で切れています" in visitor.get("/recover/address/").text
    assert cut.follow("メールアドレスの確認").path == "/recover/address"
    assert (
        "URLが途中で切れています"
        in visitor.post(newer[:-5], form_values(form.form_with("受け取りを確認する"))).text
    )
    assert CONFIRMED in form.submit("受け取りを確認する").text
    again = form.submit("受け取りを確認する")
    assert "このURLは、すでにお使いになりました" in again.text
    assert not again.title.startswith("エラー：")


def test_a_link_that_is_a_day_old(desk: Office) -> None:
    confirmation(desk)
    desk.wait(timedelta(hours=24, minutes=1))
    page = log_in(desk).visitor.get(desk.link)
    assert "このURLは、もうお使いになれません" in page.text
    assert page.submit("確認メールを送る").path == "/recover/address"


def test_a_confirmation_that_is_refused_too_is_told_with_the_window(desk: Office) -> None:
    bounce(desk)
    page = log_in(desk).submit("確認メールを送る")
    desk.work()
    page = page.visitor.get("/recover/address")
    assert "確認メールも、お届けできませんでした。" in page.text
    assert "0120-000-000" in page.text
    assert "tarou@example.jp" in page.text
    desk.wait(timedelta(hours=25))
    assert "確認メールも" not in log_in(desk).visitor.get("/recover/address").text


def test_the_sixth_mail_of_a_day_waits(desk: Office, database: Database) -> None:
    change_account(database, mail_refused_at=LONG_AGO)
    page = log_in(desk).visitor.get("/recover/address")
    for _ in range(5):
        page = page.submit("確認メールを送る")
        assert page.status == 200
    page = page.submit("確認メールを送る")
    assert page.status == 429
    assert "24時間にお送りできるメールの数を超えました。" in page.text


def test_a_login_with_several_customers_keeps_the_one_that_was_looked_at(
    desk: Office, database: Database
) -> None:
    publish_customers(database, a_customer("200"), a_customer("201"))
    an_account(
        database, "200", "201", login_id="two-of-them", email="two@example.jp", mail_refused_at=LONG_AGO
    )
    page = log_in(desk, "two-of-them").follow("お客様番号 0000000200")
    assert NOTICE in page.text
    page = page.submit("確認メールを送る")
    assert page.path.startswith("/recover/address?c=")
    assert page.follow("ご利用料金").status == 200
    assert page.visitor.get("/recover/address?c=nonsense").status == 404


def test_the_pages_are_closed(desk: Office) -> None:
    for path in ("/recover/address", "/recover/address/", "/recover/address/x"):
        assert Visitor(desk.app).get(path).path.startswith("/login")
