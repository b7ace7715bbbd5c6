"""The worker's answers to who forgot: soon, a few at a time, and none kept waiting by another's fault."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from mypage.adapters.clock import Clock
from mypage.store import recovery as store
from mypage.store.engine import Database
from mypage.store.schema import recovery_mail, recovery_request
from mypage.worker import Worker
from mypage.works.clean_up import clean_up
from mypage.works.recovery import Recovery
from tests.bills import an_account
from tests.builders import a_customer, publish_customers
from tests.mail import enqueue_notice, mail_settings
from tests.recovering import Forgetful, left_over, written
from tests.smtp_server import MailServer


@pytest.fixture(autouse=True)
def account_id(database: Database) -> str:
    publish_customers(database, a_customer())
    return an_account(database, "12345678")


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def answering(database: Database, tmp_path: Path) -> Recovery:
    return Recovery(mail_settings(database, "smtp://127.0.0.1:9"), database, Clock(tmp_path / "clock"))


def _ask(database: Database, asked: str, typed: str, now: datetime | None = None) -> None:
    with database.writing() as connection:
        store.add_request(connection, asked=asked, typed=typed, now=now or datetime.now(UTC))


def test_a_few_at_a_time_the_oldest_first(database: Database, answering: Recovery) -> None:
    _ask(database, "password", "tarou-2026")
    for number in range(11):
        _ask(database, "login_id", f"nobody{number}@example.jp")
    assert answering.round()
    assert left_over(database) == (2, 1)
    assert written(database) == [("password_reset", "tarou@example.jp")]
    assert not answering.round()
    assert left_over(database) == (0, 1)
    assert not answering.round()


def test_a_request_that_cannot_be_answered_keeps_nobody_waiting(
    database: Database, answering: Recovery, caplog: pytest.LogCaptureFixture
) -> None:
    with database.writing() as connection:
        if database.is_sqlite:
            connection.execute(
                text(
                    "CREATE TRIGGER faulty BEFORE DELETE ON recovery_request WHEN OLD.typed = 'faulty-2026'"
                    " BEGIN SELECT RAISE(ABORT, 'faulty'); END"
                )
            )
        else:
            connection.execute(
                text(
                    "CREATE FUNCTION faulty() RETURNS trigger LANGUAGE plpgsql AS"
                    " $$ BEGIN IF OLD.typed = 'faulty-2026' THEN RAISE 'faulty'; END IF; RETURN OLD; END $$"
                )
            )
            connection.execute(
                text(
                    "CREATE TRIGGER faulty BEFORE DELETE ON recovery_request"
                    " FOR EACH ROW EXECUTE FUNCTION faulty()"
                )
            )
    for asked, typed in (
        ("password", "faulty-2026"),
        ("of a newer release", "something"),
        ("password", "tarou-2026"),
    ):
        _ask(database, asked, typed)
    assert not answering.round()
    assert written(database) == [("password_reset", "tarou@example.jp")]
    assert left_over(database) == (2, 1)
    assert caplog.text.count("request cannot be answered") == 2
    assert "faulty-2026" not in caplog.text


def test_requests_and_links_are_forgotten_in_time(database: Database) -> None:
    now = datetime.now(UTC)
    _ask(database, "of a newer release", "something", now - timedelta(hours=49))
    _ask(database, "of a newer release", "something", now - timedelta(hours=47))
    with database.writing() as connection:
        for hours in (97, 95):
            connection.execute(
                insert(recovery_mail).values(
                    purpose="password-reset",
                    account_id="a",
                    destination="d",
                    enqueued_at=now - timedelta(hours=hours),
                )
            )
    removed = clean_up(mail_settings(database, "smtp://127.0.0.1:9"), database, now)
    assert (removed["recovery_requests"], removed["recovery_mails"]) == (1, 1)
    with database.reading() as connection:
        kept = connection.execute(select(recovery_request.c.requested_at)).scalar_one()
    assert kept == now - timedelta(hours=47)


def test_a_serial_is_never_given_again(database: Database) -> None:
    forgetful = Forgetful(database)
    token = forgetful.asked_link()
    with database.writing() as connection:
        connection.execute(recovery_mail.delete())
    assert forgetful.state(token) == "expired"
    assert forgetful.asked_link().serial > token.serial
    assert forgetful.state(token) == "replaced"


def test_nobody_waits_behind_a_mass_mailing(database: Database, server: MailServer, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    for number in range(10):
        enqueue_notice(database, now, recipient=f"of{number}@example.jp", priority=90)
    server.manners.thinks = 0.25
    worker = Worker(mail_settings(database, server.url()), database, Clock(tmp_path / "clock"))
    running = threading.Thread(target=worker.run)
    running.start()
    try:
        _until(lambda: len(server.mails) >= 2)
        _ask(database, "password", "tarou-2026")
        asked_after = len(server.mails)
        _until(lambda: any(mail.recipient == "tarou@example.jp" for mail in server.mails))
    finally:
        worker.end()
        running.join(20)
    assert len(server.mails) - asked_after <= 5


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.01)
