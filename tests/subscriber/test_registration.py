"""Screen 4: where the mail went, until when its link is good, and what to do when it does not come."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from mypage.store.engine import Database
from mypage.store.schema import outbox
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import move_clock, portal
from tests.signing_up import Person, hand_over, mails
from tests.subscriber.test_signup import PROFILE
from tests.visitor import Page, Visitor, form_values


@pytest.fixture
def clock(tmp_path: Path) -> Path:
    """The file that moves the portal's clock."""
    return tmp_path / "clock"


@pytest.fixture
def app(database: Database, clock: Path) -> Flask:
    """A portal with Tarou in its master."""
    publish_customers(database, a_customer())
    return portal(database, clock)


@pytest.fixture
def done(app: Flask) -> Page:
    """Screen 4, just reached."""
    page = Visitor(app).get("/signup").submit("認証", **TAROU).submit("確認する", **PROFILE)
    return page.submit("仮登録する")


def test_a_mail_in_the_queue_is_told_and_costs_none_of_the_24_hours(done: Page, database: Database) -> None:
    assert "送信の順番を待っています。" in done.text
    assert "メールを送信したときから24時間です。" in done.text
    hand_over(database, datetime(2030, 1, 1, 3, 0, tzinfo=UTC))
    with database.writing() as connection:
        connection.execute(outbox.update().values(server="mail.example.jp:25"))
    page = done.visitor.get("/signup/done")
    assert (
        "2030年1月1日（火）12時00分に、送信用のメールサーバー（mail.example.jp:25）から送信しました。"
        in page.text
    )
    assert "2030年1月2日（水）12時00分まで" in page.text


def test_the_sender_s_domain_and_each_carrier_s_way_to_allow_it(done: Page) -> None:
    for told in (
        "「example.jp」からのメール",
        "指定受信",
        "ドコモ",
        "au",
        "ソフトバンク",
        "迷惑メール",
        "C-01",
    ):
        assert told in done.text


def test_a_resend_is_told_its_cooldown(done: Page, clock: Path, database: Database) -> None:
    assert "約1分後から再送できます。" in done.text
    early = done.submit("メールを再送する")
    assert "メールをお送りしたばかりです。約1分後に" in early.text
    assert len(mails(database)) == 1
    move_clock(clock, timedelta(minutes=1))
    later = early.submit("メールを再送する")
    assert later.path == "/signup/done?said=mail_resent"
    assert "メールを再送しました。" in later.text
    assert [serial for *_, serial in mails(database)] == [1, 2]
    assert done.visitor.get("/signup/resend").path == "/signup/done"


def test_five_mails_a_day_and_then_the_time_is_told(done: Page, clock: Path, database: Database) -> None:
    page = done
    for minutes in range(1, 6):
        move_clock(clock, timedelta(minutes=minutes))
        page = page.submit("メールを再送する")
    assert "24時間にお送りできるメールの数を超えました。" in page.text
    assert len(mails(database)) == 5


def test_the_address_is_corrected_without_starting_over(done: Page, database: Database) -> None:
    form = done.follow("メールアドレスを訂正する")
    assert 'value="taro@example.jp"' in form.html
    wrong = form.submit("メールアドレスを訂正する", email="taro")
    assert "「@」を1つだけ" in wrong.text
    assert 'value="taro"' in wrong.html
    page = wrong.submit("メールアドレスを訂正する", email="ｔａｒｏ＠ｅｘａｍｐｌｅ．ｏｒｇ")
    assert page.path == "/signup/done?said=address_corrected"
    assert "taro@example.org" in page.text
    assert mails(database)[-1] == ("provisional_registration", "taro@example.org", 2)


def test_the_same_address_again_has_the_cooldown_of_a_resend(done: Page) -> None:
    page = done.follow("メールアドレスを訂正する").submit("メールアドレスを訂正する")
    assert page.path == "/signup/email"
    assert "メールをお送りしたばかりです。" in page.text


def test_a_fourth_address_in_a_day_is_refused(done: Page, database: Database) -> None:
    page = done
    for name in ("b", "c", "d"):
        form = page.visitor.get("/signup/email")
        page = form.submit("メールアドレスを訂正する", email=f"{name}@example.jp")
    assert "24時間にお使いになれるメールアドレスの数を超えました。" in page.text
    assert 'value="d@example.jp"' in page.html
    assert len(mails(database)) == 3


def test_a_refusal_by_the_mail_server_is_told(done: Page, database: Database) -> None:
    with database.writing() as connection:
        connection.execute(outbox.update().values(state="refused"))
    page = done.visitor.get("/signup/done")
    assert "メールをお届けできませんでした" in page.text
    assert "C-02" in page.text


def test_another_browser_sees_nothing_and_can_do_nothing(done: Page, app: Flask, database: Database) -> None:
    stranger = Visitor(app)
    for path in ("/signup/done", "/signup/email", "/signup/resend"):
        assert stranger.get(path).path == "/signup"
    token = form_values(stranger.get("/signup").form_with("認証"))["csrf_token"]
    assert stranger.post("/signup/resend", {"csrf_token": token}).path == "/signup"
    for address in ("evil@example.jp", "evil"):
        assert stranger.post("/signup/email", {"csrf_token": token, "email": address}).path == "/signup"
    assert len(mails(database)) == 1


def test_after_the_activation_the_page_leads_to_the_login(done: Page, database: Database) -> None:
    now = datetime.now(UTC)
    owner = Person(database)
    owner.activate(owner.token(signed_at=now), now)
    for page in (done.visitor.get("/signup/done"), done.submit("メールを再送する")):
        assert "すでに本登録がお済みです" in page.text
        assert page.follow("ログイン").path == "/login"


def test_after_its_end_one_begins_anew(done: Page, clock: Path) -> None:
    move_clock(clock, timedelta(hours=72))
    for page in (
        done.visitor.get("/signup/done"),
        done.submit("メールを再送する"),
        done.visitor.get("/signup/email"),
    ):
        assert "本登録の期限（24時間）が過ぎました。" in page.text
        assert page.follow("最初からやり直す").path == "/signup"


def test_a_page_of_a_registration_that_ends_meanwhile(done: Page, clock: Path) -> None:
    form = done.follow("メールアドレスを訂正する")
    move_clock(clock, timedelta(hours=72))
    page = form.submit("メールアドレスを訂正する", email="b@example.jp")
    assert "本登録の期限（24時間）が過ぎました。" in page.text
