"""The demo's own mail server and ``/dev/mailbox``: real SMTP in, a page with a link out, and for nobody else."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.demo.smtp_sink import SmtpSink
from mypage.store.engine import Database
from mypage.works.deliver import Delivery
from tests.mail import enqueue_notice, sign_up
from tests.portal import environment, portal
from tests.smtp_server import free_port
from tests.visitor import Visitor


@pytest.fixture
def sink_url(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    with SmtpSink(tmp_path / "mail", port):
        yield f"smtp://127.0.0.1:{port}"


def _app(database: Database, tmp_path: Path) -> Flask:
    return portal(database, demo="true", mailbox=str(tmp_path / "mail"))


def _deliver(database: Database, smtp_url: str, tmp_path: Path) -> None:
    url = database.url.render_as_string(hide_password=False)
    settings = load(environment(url, smtp_url=smtp_url, scratch=str(tmp_path)))
    with closing(Delivery(settings, database, Clock(tmp_path / "clock"), "w1")) as delivery:
        while delivery.round().more:
            pass


def test_an_empty_mailbox_says_so(database: Database, tmp_path: Path) -> None:
    page = Visitor(_app(database, tmp_path)).get("/dev/mailbox")
    assert page.status == 200
    assert "まだメールはありません。" in page.text


def test_a_mail_lands_and_its_link_can_be_pressed(database: Database, tmp_path: Path, sink_url: str) -> None:
    now = Clock().now()
    sign_up(database, now, recipient="a..b.@docomo.ne.jp")
    _deliver(database, sink_url, tmp_path)
    page = Visitor(_app(database, tmp_path)).get("/dev/mailbox")
    assert "仮登録受付完了のお知らせ（サンプルケーブル）" in page.text
    assert "宛先：a..b.@docomo.ne.jp" in page.text
    (link,) = [each for each in page.root.all("a") if "/signup/activate/" in (each.attributes["href"] or "")]
    assert link.text() == f"http://127.0.0.1:8080{link.attributes['href']}"
    assert (link.attributes["href"] or "").startswith("/signup/activate/")


def test_the_newest_comes_first_and_english_too(database: Database, tmp_path: Path, sink_url: str) -> None:
    now = Clock().now()
    for minutes, who in enumerate(("first", "second", "third")):
        enqueue_notice(database, now - timedelta(minutes=9 - minutes), recipient=f"{who}@example.jp")
        _deliver(database, sink_url, tmp_path)
    page = Visitor(_app(database, tmp_path)).get("/dev/mailbox?lang=en")
    assert "Mails of the demo" in page.title
    shown = [page.text.index(f"To: {who}@example.jp") for who in ("third", "second", "first")]
    assert shown == sorted(shown)


def test_what_a_mail_says_is_only_shown(database: Database, tmp_path: Path, sink_url: str) -> None:
    enqueue_notice(
        database, Clock().now(), facts={"nickname": "<script>alert(1)</script> http://evil.example/"}
    )
    _deliver(database, sink_url, tmp_path)
    page = Visitor(_app(database, tmp_path)).get("/dev/mailbox")
    assert "<script>alert" not in page.html
    assert "<script>alert(1)</script>" in page.text


def test_this_machine_may_look(database: Database, tmp_path: Path) -> None:
    app = _app(database, tmp_path)
    for address in ("http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"):
        assert Visitor(app, base_url=address).get("/dev/mailbox").status == 200, address


def test_any_other_host_finds_nothing(database: Database, tmp_path: Path) -> None:
    app = _app(database, tmp_path)
    for address in (
        "http://my.example.jp:8080",
        "http://127.0.0.1.example.jp:8080",
        "http://127.0.0.1:8081",
        "http://127.0.0.1",
        "http://192.168.0.10:8080",
        "http://localhost.:8080",
    ):
        for path in ("/dev/mailbox", "/dev/mailbox?lang=en", "/dev/"):
            assert Visitor(app, base_url=address).get(path).status == 404, address


def test_what_came_through_a_proxy_finds_nothing(database: Database, tmp_path: Path) -> None:
    app = _app(database, tmp_path)
    for header in (
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Anything",
        "Forwarded",
        "Via",
        "X-Real-IP",
        "True-Client-IP",
        "CF-Connecting-IP",
    ):
        assert Visitor(app, headers={header: "127.0.0.1"}).get("/dev/mailbox").status == 404, header


def test_a_host_that_is_none_finds_nothing(database: Database, tmp_path: Path) -> None:
    client = _app(database, tmp_path).test_client()
    for host in ("", "127.0.0.1:port", "127.0.0.1:99999", "[::1", "127.0.0.1:8080/x"):
        assert client.get("/dev/mailbox", headers={"Host": host}).status_code in (400, 404), host


def test_outside_the_demo_there_is_no_mailbox(database: Database) -> None:
    assert Visitor(portal(database)).get("/dev/mailbox").status == 404
