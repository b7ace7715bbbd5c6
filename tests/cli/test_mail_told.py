"""``/signup/done`` beside a running worker and a real mail server: what became of the mail is told as it happens."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from mypage.store.engine import Database
from tests.builders import TAROU, a_customer, publish_customers
from tests.portal import ADDRESS, move_clock, portal
from tests.smtp_server import MailServer
from tests.subscriber.test_signup import PROFILE
from tests.visitor import Page, Visitor
from tests.worker_command import Workers, until, worker_commands

HOUR = timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def workers(database: Database, server: MailServer, tmp_path: Path) -> Iterator[Workers]:
    with worker_commands(database, server.url(), tmp_path) as made:
        yield made


@pytest.fixture
def app(database: Database, server: MailServer, workers: Workers) -> Flask:
    publish_customers(database, a_customer())
    return portal(database, workers.clock_file, smtp_url=server.url())


def _signed_up(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.get("/signup").submit("認証", **TAROU).submit("確認する", **PROFILE).submit("仮登録する")
    return visitor


def _done(visitor: Visitor, words: str) -> Page:
    """The page, looked at again and again until these words stand on it."""
    until(lambda: words in visitor.get("/signup/done").text)
    return visitor.get("/signup/done")


def _activate(app: Flask, server: MailServer) -> None:
    page = Visitor(app).get(server.mails[-1].link.removeprefix(ADDRESS))
    assert "本登録が完了しました。" in page.submit("本登録する", password=PROFILE["password"]).text


def test_an_hour_without_mail_server_is_told_and_costs_none_of_the_24_hours(
    app: Flask, server: MailServer, workers: Workers
) -> None:
    server.stop()
    workers.ready()
    visitor = _signed_up(app)
    page = _done(visitor, "ただいま、メールの送信が遅れています")
    assert "F-01" in page.text
    assert "から、メールを送るサーバーにつながりません。" in page.text
    assert "メールを送信したときから24時間です。" in page.text
    since = page.text.partition("から、メールを送るサーバーに")[0].split()[-1]
    move_clock(workers.clock_file, HOUR)
    # The worker goes on trying, and the page still tells when it began.
    page = _done(visitor, f"{since}から、メールを送るサーバーに")
    assert "F-01" in page.text
    server.start()
    page = _done(visitor, "から送信しました。")
    assert "F-01" not in page.text
    assert f"（127.0.0.1:{server.port}）から送信しました。" in page.text
    move_clock(workers.clock_file, HOUR + timedelta(hours=23, minutes=55))
    _activate(app, server)


def test_a_refused_address_is_told_and_corrected_on_the_page(
    app: Flask, server: MailServer, workers: Workers
) -> None:
    server.manners.by_recipient = lambda to: "550 5.1.1 no such user" if to.startswith("taro@") else None
    workers.ready()
    visitor = _signed_up(app)
    page = _done(visitor, "メールをお届けできませんでした")
    assert "C-02" in page.text
    form = page.follow("メールアドレスを訂正する")
    form.submit("メールアドレスを訂正する", email="tarou@example.jp")
    _done(visitor, "から送信しました。")
    assert [mail.recipient for mail in server.mails] == ["tarou@example.jp"]
    _activate(app, server)


def test_a_mail_that_is_not_taken_now_is_told_with_the_time_of_the_next_try(
    app: Flask, server: MailServer, workers: Workers
) -> None:
    server.manners.rcpt = "450 4.2.1 greylisted"
    workers.ready()
    visitor = _signed_up(app)
    page = _done(visitor, "もう一度、自動で送信します")
    assert "C-03" in page.text
    assert "ごろに、自動でもう一度送信します。" in page.text
    server.manners.rcpt = None
    move_clock(workers.clock_file, timedelta(minutes=1))
    _done(visitor, "から送信しました。")
