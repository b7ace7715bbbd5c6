"""F-01 and F-02: our own faults."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.pool import QueuePool

from mypage.app import create_app
from mypage.config.load import load
from mypage.domain.timeline import Kind
from mypage.services import timeline
from mypage.store.engine import Database
from mypage.web import json_log
from tests.bills import PASSWORD, an_account
from tests.builders import TAROU, a_customer, publish_customers
from tests.first_try.story import PASSWORD as SIGNUP_PASSWORD
from tests.first_try.story import PROFILE, SUPPORT, Story, causes, moment
from tests.portal import environment
from tests.postgres import Cluster
from tests.visitor import Page, Visitor


@pytest.fixture
def log(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """For a test that lets the portal log on standard error, as in production."""
    yield capsys
    logging.getLogger().handlers[:] = []


@pytest.mark.cause("F-01")
def test_while_the_mail_server_is_down_the_signup_goes_on_and_the_24_hours_wait(story: Story) -> None:
    story.server.stop()
    done = story.sign_up()
    story.deliver()
    story.wait(hours=3)
    story.deliver()
    page = done.visitor.get("/signup/done")
    assert "仮登録が完了しました。" in page.text
    assert "24時間" in page.text
    entry = story.entry("mail.waiting")
    assert (entry.causes, entry.facts["kind"]) == (("F-01",), "provisional_registration")
    story.server.start()
    handed_over = story.wait_for_full_minute()
    story.deliver()
    assert len(story.server.mails) == 1
    assert story.entry("mail.handed_over").causes == ()
    page = done.visitor.get("/signup/done")
    assert moment(handed_over) in page.text
    assert moment(handed_over + timedelta(hours=24)) in page.text
    story.wait(hours=23, minutes=59)
    page = story.visitor().get(story.link()).submit("本登録する", password=SIGNUP_PASSWORD)
    assert page.submit("そのままログイン").path == "/"


@pytest.mark.cause("F-01")
def test_a_mail_that_could_not_go_out_for_three_days_is_given_up(story: Story) -> None:
    story.server.manners.rcpt = "450 4.2.1 mailbox busy"
    done = story.sign_up()
    story.deliver()
    story.wait(hours=72)
    story.deliver()
    assert story.entry("mail.given_up").causes == ("F-01",)
    entry = story.entry("registration.voided")
    assert (entry.causes, entry.facts["reason"]) == (("C-05",), "mail_given_up")
    page = done.visitor.get("/signup/done").follow("最初からやり直す")
    story.server.manners.rcpt = None
    story.sign_up(page)
    story.deliver()
    page = story.visitor().get(story.link()).submit("本登録する", password=SIGNUP_PASSWORD)
    assert page.path == "/signup/complete"


def _is_calm(page: Page, log: pytest.CaptureFixture[str]) -> None:
    """The page of F-02: a request number that stands in the log, a way on, a human; and nothing given away."""
    assert page.status == 503
    assert "ただいま混み合っています" in page.text
    assert "1分ほどお待ちになってから、もう一度お試しください。" in page.text
    assert causes(page) == ["F-02"]
    assert SUPPORT in page.text
    assert page.headers["Retry-After"] == "30"
    number = page.text.partition("受付番号：")[2][:8]
    lines = [json.loads(line) for line in log.readouterr().err.splitlines()]
    assert [line["event"] for line in lines if line.get("request_number") == number] == [
        "database unavailable"
    ]
    for private in (*TAROU.values(), *PROFILE.values()):
        assert private not in str(lines)
    for inner in ("psycopg", "sqlite3", "Traceback", "INSERT"):
        assert inner not in page.html


@pytest.mark.cause("F-02")
def test_an_overloaded_portal_says_so_calmly_and_nothing_is_half_done(
    engine_url: str, database: Database, log: pytest.CaptureFixture[str]
) -> None:
    json_log.start()
    publish_customers(database, a_customer())
    own = Database(engine_url, pool_size=1)
    assert isinstance(own.engine.pool, QueuePool)
    own.engine.pool._timeout = 0.2  # five seconds would prove no more
    visitor = Visitor(create_app(load(environment(engine_url)), database=own))
    confirm = visitor.get("/signup").submit("認証", **TAROU).submit("確認する", **PROFILE)
    with ExitStack() as busy:
        for _ in range(2):
            busy.enter_context(own.engine.connect())
        _is_calm(confirm.submit("仮登録する"), log)
    page = confirm.submit("仮登録する")
    assert page.path == "/signup/done"
    own.close()
    with database.reading() as connection:
        entries = timeline.of_customer(connection, "12345678", now=datetime.now(UTC))
    told = [entry.what for entry in entries if entry.kind is not Kind.BATCH]
    assert told == ["identity.matched", "registration.made", "mail.waiting"]


@pytest.mark.cause("F-02")
def test_a_database_that_was_away_needs_no_restart_of_the_portal(
    postgres: Cluster, story: Story, log: pytest.CaptureFixture[str]
) -> None:
    json_log.start()
    an_account(story.database, "777", login_id="hanako")
    confirm = story.signup().submit("認証", **TAROU).submit("確認する", **PROFILE)
    login = story.visitor().get("/login")
    postgres.stop()
    try:
        _is_calm(confirm.submit("仮登録する"), log)
        _is_calm(login.submit("ログイン", login_id="hanako", password=PASSWORD), log)
        # What needs no database is told all the same, and its count is not worth an error.
        assert causes(story.visitor().get("/signup").submit("認証")) == ["A-09"]
    finally:
        postgres.start()
    assert login.submit("ログイン", login_id="hanako", password=PASSWORD).path == "/"
    assert confirm.submit("仮登録する").path == "/signup/done"
    # Nothing was half done: what came through while it was away left neither row nor mail.
    story.deliver()
    assert [entry.what for entry in story.timeline()] == [
        "identity.matched",
        "registration.made",
        "mail.handed_over",
    ]
