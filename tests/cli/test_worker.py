"""``mypage worker`` as a process: quick, ended politely or not at all politely, and alive through outages."""

import contextlib
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, select, text

from mypage.adapters.clock import Clock
from mypage.adapters.tokens import Signed, Tokens
from mypage.domain.batch import SecondPerson
from mypage.services import schedule
from mypage.services.deliveries import LEASE
from mypage.store.engine import Database
from mypage.store.schema import login_session, signup_draft, signup_mail, throttle
from tests.bills import LONG_AGO, a_bill, stage_bills
from tests.mail import (
    database_of_its_own,
    enqueue_notice,
    mails_in,
    register,
    sign_up,
    the_mail,
    the_registration,
)
from tests.noticing import Town
from tests.portal import SECRET_KEYS, move_clock
from tests.postgres import Cluster
from tests.smtp_server import KeptMail, MailServer
from tests.worker_command import Workers, until, worker_commands


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def workers(database: Database, server: MailServer, tmp_path: Path) -> Iterator[Workers]:
    with worker_commands(database, server.url(), tmp_path) as made:
        yield made


@contextlib.contextmanager
def held(database: Database) -> Iterator[None]:
    """Nobody else can write what becomes of a mail."""
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_mail_goes_out_within_a_second_and_the_worker_ends_when_asked(
    database: Database, server: MailServer, workers: Workers
) -> None:
    worker = workers.ready()
    took = []
    # The best of three: other tests run on the same machine.
    for customer in ("1", "2", "3"):
        time.sleep(0.7)
        begun = time.monotonic()
        sign_up(database, Clock().now(), customer)
        until(lambda sent=int(customer): len(server.mails) == sent)  # type: ignore[misc]
        took.append(time.monotonic() - begun)
    until(lambda: {mail["state"] for mail in mails_in(database)} == {"handed_over"})
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=10) == 0
    assert min(took) < 1.0, took
    # What it wrote about the mails names nobody.
    assert "tarou" not in workers.log()
    assert "docomo" not in workers.log()


def test_asked_to_end_with_mails_in_hand_it_ends_after_the_one_and_gives_back_the_others(
    database: Database, server: MailServer, workers: Workers
) -> None:
    for _ in range(5):
        enqueue_notice(database, Clock().now())
    server.manners.thinks = 1
    worker = workers.ready()
    until(lambda: any(mail["leased_by"] for mail in mails_in(database)))
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=20) == 0
    rows = mails_in(database)
    assert [mail["leased_by"] for mail in rows] == [None] * 5
    sent = [mail["state"] for mail in rows].count("handed_over")
    assert sent == len(server.mails) <= 2


def test_killed_between_the_servers_250_and_the_record_nothing_is_sent_twice(
    database: Database, server: MailServer, workers: Workers
) -> None:
    with database_of_its_own(database) as other, contextlib.ExitStack() as hold:

        def keep_the_worker_from_recording(_mail: KeptMail) -> None:
            server.manners.before_250 = None
            hold.enter_context(held(other))

        server.manners.before_250 = keep_the_worker_from_recording
        begun = Clock().now()
        sign_up(database, begun)
        worker = workers.ready()
        until(lambda: bool(server.mails) and server.manners.before_250 is None)
        # Long enough for the 250 to be read; the record waits for the lock that we hold.
        time.sleep(0.7)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(timeout=10) == -signal.SIGKILL
        killed = Clock().now()
    mail = the_mail(database)
    assert (mail["state"], bool(mail["leased_by"])) == ("waiting", True)
    assert the_registration(database)["handed_over_at"] is None
    # The next worker on this machine knows what the dead one knew, and waits for no lease to end.
    assert workers.start("--once").wait(timeout=30) == 0
    (kept,) = server.mails
    assert the_mail(database)["state"] == "handed_over"
    assert begun < the_registration(database)["handed_over_at"] < killed
    read = Tokens([SECRET_KEYS]).read("activation", kept.link.rpartition("/")[2], begun)
    assert isinstance(read, Signed)
    assert read.payload == {"r": "registration-of-70012", "s": 1}


@pytest.mark.parametrize("another_machine", [False, True])
def test_killed_while_the_server_thinks_the_mail_comes_again(
    database: Database, server: MailServer, workers: Workers, another_machine: bool
) -> None:
    enqueue_notice(database, Clock().now())
    thinking = threading.Event()
    goes_on = threading.Event()

    def think(_mail: KeptMail) -> None:
        server.mails.clear()
        server.manners.before_250 = None
        thinking.set()
        goes_on.wait(10)

    server.manners.before_250 = think
    worker = workers.ready()
    assert thinking.wait(20)
    worker.kill()
    worker.wait()
    goes_on.set()
    if another_machine:
        # It sees no journal: that the worker is dead it learns from the lease alone.
        for journal in workers.clock_file.parent.glob("mypage-mail-*/*.sent"):
            journal.unlink()
        assert workers.start("--once").wait(timeout=30) == 0
        assert server.mails == []
        move_clock(workers.clock_file, LEASE + timedelta(seconds=1))
    assert workers.start("--once").wait(timeout=30) == 0
    assert len(server.mails) == 1
    assert the_mail(database)["state"] == "handed_over"


def test_killed_again_and_again_in_the_midst_of_a_mailing(
    database: Database, server: MailServer, workers: Workers
) -> None:
    recipients = {f"a{number}@example.jp" for number in range(200)}
    for recipient in sorted(recipients):
        enqueue_notice(database, Clock().now(), recipient=recipient)
    server.manners.thinks = 0.003
    chance = random.Random()  # noqa: S311 - moments, not secrets
    for kills in range(1, 4):
        before = len(server.mails)
        worker = workers.ready()
        until(lambda before=before: len(server.mails) > before)  # type: ignore[misc]
        time.sleep(chance.random() * 0.15)
        worker.kill()
        worker.wait()
        server.wait_until_left()
        came = Counter(mail.recipient for mail in server.mails)
        # One a kill at most, and only where nobody can know whether its answer was heard.
        assert (came - Counter(set(came))) - Counter(server.unfollowed) == Counter()
        assert came.total() - len(came) <= kills
    assert workers.start("--once").wait(timeout=30) == 0
    assert {mail.recipient for mail in server.mails} == recipients
    assert {mail["state"] for mail in mails_in(database)} == {"handed_over"}


def test_once_says_when_the_mail_server_is_away(
    database: Database, server: MailServer, workers: Workers
) -> None:
    enqueue_notice(database, Clock().now())
    server.stop()
    assert workers.start("--once").wait(timeout=30) == 1
    assert "メールサーバーにつながりません" in workers.log()
    server.start()
    assert workers.start("--once").wait(timeout=30) == 0
    assert len(server.mails) == 1


def test_what_is_published_at_a_time_is_told_by_the_worker_that_runs_and_by_one_that_runs_once(
    database: Database, server: MailServer, workers: Workers
) -> None:
    town = Town(database, "70001", "70002")
    # News whenever this is run.
    month = 209901

    def due(key: str) -> None:
        batch_id = stage_bills(database, a_bill(month, customer_key=key))
        with database.writing() as connection:
            schedule.schedule(
                connection,
                [batch_id],
                second_person=SecondPerson.NUMBER_CHANGES,
                at=LONG_AGO,
                actor="cli",
                now=LONG_AGO,
            )

    worker = workers.ready()
    due("70001")
    until(lambda: len(server.mails) == 1, seconds=60)
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    due("70002")
    assert workers.start("--once").wait(timeout=60) == 0
    assert [mail.recipient for mail in server.mails] == ["70001@example.jp", "70002@example.jp"]
    assert town.mailings() == [("expanded", 2, 1)] * 2


def test_a_mail_server_that_comes_back_needs_no_restart(
    database: Database, server: MailServer, workers: Workers
) -> None:
    server.stop()
    sign_up(database, Clock().now())
    workers.ready()
    until(lambda: "mail server unreachable" in workers.log())
    server.start()
    until(lambda: bool(server.mails))
    until(lambda: the_mail(database)["state"] == "handed_over")


def test_a_database_that_comes_back_needs_no_restart(
    database: Database, server: MailServer, workers: Workers, postgres: Cluster
) -> None:
    worker = workers.ready()
    postgres.stop()
    try:
        until(lambda: "database unavailable" in workers.log())
    finally:
        postgres.start()
    assert worker.poll() is None
    with contextlib.suppress(Exception), database.reading() as connection:
        connection.execute(text("SELECT 1"))
    enqueue_notice(database, Clock().now())
    until(lambda: bool(server.mails))


def test_what_has_ended_by_time_is_cleaned_up(database: Database, workers: Workers) -> None:
    now = Clock().now()
    minute, day = timedelta(minutes=1), timedelta(days=1)
    draft = {"customer_key": "70012", "matched_batch_id": 1, "claim": {}, "created_at": now, "id_checks": 0}
    session = {"account_id": "acc", "stamp": "s", "address": "", "browser": ""}
    asked = {"customer_key": "70012", "destination": "x", "replaces": False}
    rows: list[tuple[Table, dict[str, object]]] = [
        (signup_draft, {**draft, "token_hash": "dead", "expires_at": now}),
        (signup_draft, {**draft, "token_hash": "alive", "expires_at": now + 30 * minute}),
        (login_session, {**session, "id_hash": "idle", "created_at": now, "touched_at": now - 31 * minute}),
        (login_session, {**session, "id_hash": "old", "created_at": now - 721 * minute, "touched_at": now}),
        (login_session, {**session, "id_hash": "alive", "created_at": now, "touched_at": now}),
        (throttle, {"scope": "x", "key": "forgotten", "misses": 1, "updated_at": now - day - minute}),
        (throttle, {"scope": "x", "key": "alive", "misses": 1, "updated_at": now}),
        (
            throttle,
            {
                "scope": "x",
                "key": "waits",
                "misses": 9,
                "updated_at": now - 2 * day,
                "waits_until": now + 30 * minute,
            },
        ),
        (signup_mail, {**asked, "serial": 1, "at": now - day - minute}),
        (signup_mail, {**asked, "serial": 2, "at": now}),
    ]
    with database.writing() as connection:
        for table, row in rows:
            connection.execute(table.insert().values(**row))
    register(database, now - day, customer="1", handed_over_at=now - day, expires_at=now)
    register(database, now, customer="2")
    assert workers.start("--once").wait(timeout=30) == 0
    assert [the_registration(database, customer)["state"] for customer in ("1", "2")] == ["void", "pending"]
    with database.reading() as connection:
        assert set(connection.scalars(select(signup_draft.c.token_hash))) == {"alive"}
        assert set(connection.scalars(select(login_session.c.id_hash))) == {"alive"}
        assert set(connection.scalars(select(throttle.c.key))) == {"alive", "waits"}
        assert set(connection.scalars(select(signup_mail.c.serial))) == {2}
