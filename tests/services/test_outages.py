"""The mail server's outage: begun by the first worker that meets it, told to every page, ended by the next mail."""

from datetime import UTC, datetime, timedelta

from mypage.services import outages
from mypage.store.engine import Database
from tests.signing_up import trail

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _met(database: Database, now: datetime, reply: str = "ConnectionRefusedError") -> None:
    with database.writing() as connection:
        outages.begin_or_go_on(connection, server="mail.example.jp:25", reply=reply, now=now)


def _end(database: Database, now: datetime) -> None:
    with database.writing() as connection:
        outages.end(connection, now=now)


def _away_since(database: Database, now: datetime) -> datetime | None:
    with database.reading() as connection:
        return outages.away_since(connection, now)


def test_while_all_is_well_there_is_none(database: Database) -> None:
    assert _away_since(database, NOW) is None
    with database.reading() as connection:
        assert not outages.is_known(connection)
    _end(database, NOW)
    assert trail(database) == []


def test_it_lasts_from_the_first_time_that_it_was_met_until_a_mail_goes_out(database: Database) -> None:
    for minutes in range(0, 61, 2):
        _met(database, NOW + minutes * MINUTE)
    assert _away_since(database, NOW + 61 * MINUTE) == NOW
    with database.reading() as connection:
        assert outages.is_known(connection)
    _end(database, NOW + 61 * MINUTE)
    assert _away_since(database, NOW + 61 * MINUTE) is None
    assert trail(database, "action", "actor", "facts") == [
        ("mail.server_lost", "worker", '{"cause":"F-01","server":"mail.example.jp:25"}'),
        (
            "mail.server_back",
            "worker",
            '{"server":"mail.example.jp:25","since":"2026-11-24T03:00:00+00:00"}',
        ),
    ]


def test_one_that_no_worker_has_met_for_long_is_not_told(database: Database) -> None:
    _met(database, NOW)
    assert _away_since(database, NOW + 5 * MINUTE) is None
    # Met again, with no mail between: it has lasted all the time.
    _met(database, NOW + 60 * MINUTE)
    assert _away_since(database, NOW + 61 * MINUTE) == NOW
    assert trail(database) == [("mail.server_lost",)]


def test_after_hours_in_which_nobody_met_it_it_is_another_one(database: Database) -> None:
    _met(database, NOW)
    _met(database, NOW + 6 * 60 * MINUTE)
    assert _away_since(database, NOW + 6 * 60 * MINUTE) == NOW + 6 * 60 * MINUTE
    assert trail(database) == [("mail.server_lost",), ("mail.server_lost",)]
