"""How far the signup's mail is, as ``/signup/done`` tells it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mypage.domain.mail import Priority
from mypage.domain.mail_progress import LATE_AFTER, Stage
from mypage.services import mail_progress, outages
from mypage.services.mail_progress import MailProgress
from mypage.store.engine import Database
from mypage.store.schema import outbox
from tests.mail import enqueue_notice, enqueue_signup, register, sign_up, the_registration

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def _progress(database: Database, now: datetime = NOW) -> MailProgress:
    found = the_registration(database)
    with database.reading() as connection:
        return mail_progress.of_registration(connection, found, now)


def _write(database: Database, mail_id: int, **values: Any) -> None:
    with database.writing() as connection:
        connection.execute(outbox.update().where(outbox.c.id == mail_id).values(**values))


def _server_away(database: Database, now: datetime) -> None:
    with database.writing() as connection:
        outages.begin_or_go_on(connection, server="mail:25", reply="refused", now=now)


def test_alone_in_the_queue_it_goes_out_next(database: Database) -> None:
    sign_up(database, NOW)
    assert _progress(database) == MailProgress(Stage.QUEUED)


def test_what_goes_out_before_it_is_counted(database: Database) -> None:
    sign_up(database, NOW - SECOND, "1")
    sign_up(database, NOW, "2")
    sign_up(database, NOW)
    sign_up(database, NOW, "3")
    # What is less urgent, what is not due yet, and what has gone out, does not go before it.
    enqueue_notice(database, NOW - MINUTE, priority=Priority.MASS)
    later = enqueue_signup(database, NOW - MINUTE, customer="4")
    _write(database, later, next_try_at=NOW + MINUTE)
    gone = enqueue_signup(database, NOW - MINUTE, customer="5")
    _write(database, gone, state="handed_over")
    assert _progress(database) == MailProgress(Stage.QUEUED, ahead=2)


@pytest.mark.parametrize(("waited", "late"), [(LATE_AFTER - SECOND, False), (LATE_AFTER, True)])
def test_after_some_minutes_it_is_late(database: Database, waited: timedelta, late: bool) -> None:
    mail = sign_up(database, NOW)
    assert _progress(database, NOW + waited) == MailProgress(Stage.QUEUED, late=late)
    again = NOW + waited + MINUTE
    _write(database, mail, attempts=1, next_try_at=again)
    assert _progress(database, NOW + waited) == MailProgress(Stage.PUT_OFF, again, late=late)
    _server_away(database, NOW + waited)
    assert _progress(database, NOW + waited) == MailProgress(Stage.SERVER_AWAY, NOW + waited, late=late)


def test_what_was_handed_over_or_refused_knows_no_outage(database: Database) -> None:
    mail = sign_up(database, NOW)
    _server_away(database, NOW)
    _write(database, mail, state="refused")
    assert _progress(database) == MailProgress(Stage.REFUSED)
    register(database, NOW, handed_over_at=NOW + MINUTE)
    _write(database, mail, state="handed_over", server="mail:25")
    assert _progress(database) == MailProgress(Stage.HANDED_OVER, NOW + MINUTE, "mail:25")
    # Handed over and not there yet: that is told too.
    later = NOW + MINUTE + LATE_AFTER
    assert _progress(database, later) == MailProgress(Stage.HANDED_OVER, NOW + MINUTE, "mail:25", late=True)


def test_a_mail_that_is_no_longer_kept(database: Database) -> None:
    register(database, NOW)
    assert _progress(database) == MailProgress(Stage.QUEUED)
    register(database, NOW, handed_over_at=NOW)
    assert _progress(database) == MailProgress(Stage.HANDED_OVER, NOW)
