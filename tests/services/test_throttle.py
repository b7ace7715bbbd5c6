"""Tries are counted before they are made: four free, then 1, 2, 4 … 30 minutes; given back when they were right."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from mypage.services import throttle
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store.engine import Database
from mypage.store.schema import throttle as table
from tests.signing_up import NOON

SECRET = "sign-with-this-key-in-tests-only-0123456789"
NUMBER = Counter("number", "12345678")


def _try(database: Database, now: datetime, *counters: Counter) -> Reserved | Waiting:
    with database.writing() as connection:
        return throttle.reserve(connection, counters or (NUMBER,), secret=SECRET, now=now)


def _rows(database: Database) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(table)).all())


def _give_back(database: Database, reserved: object) -> None:
    assert isinstance(reserved, Reserved)
    with database.writing() as connection:
        throttle.give_back(connection, reserved, secret=SECRET)


def test_four_tries_are_free_then_the_waits_grow_to_half_an_hour(database: Database) -> None:
    now, waits = NOON, []
    for _ in range(3):
        assert isinstance(_try(database, now), Reserved)
    for _ in range(7):
        assert isinstance(_try(database, now), Reserved)
        waiting = _try(database, now)
        assert isinstance(waiting, Waiting)
        assert waiting.until == now + timedelta(minutes=waiting.minutes)
        waits.append(waiting.minutes)
        # A moment before the end it still waits, and the try does not count.
        assert isinstance(_try(database, waiting.until - timedelta(seconds=1)), Waiting)
        now = waiting.until
    assert waits == [1, 2, 4, 8, 16, 30, 30]


def test_a_client_address_has_ten_times_as_many(database: Database) -> None:
    counter = throttle.per_address("address", "192.0.2.1")
    for expected in range(1, 41):
        reserved = _try(database, NOON, counter)
        assert isinstance(reserved, Reserved)
        assert reserved.misses == expected
    waiting = _try(database, NOON, counter)
    assert isinstance(waiting, Waiting)
    assert waiting.minutes == 1
    assert isinstance(_try(database, waiting.until, counter), Reserved)


def test_a_right_try_is_given_back(database: Database) -> None:
    for _ in range(20):
        _give_back(database, _try(database, NOON))
    for _ in range(3):
        _try(database, NOON)
    _give_back(database, _try(database, NOON))
    fourth = _try(database, NOON)
    assert isinstance(fourth, Reserved)
    assert fourth.misses == 4


def test_giving_back_leaves_the_wait_that_others_caused(database: Database) -> None:
    mine = [_try(database, NOON) for _ in range(3)][-1]
    _try(database, NOON)
    assert isinstance(_try(database, NOON), Waiting)
    _give_back(database, mine)
    assert isinstance(_try(database, NOON), Waiting)


def test_where_one_counter_waits_the_others_are_not_counted(database: Database) -> None:
    free = Counter("phone", "0748621234")
    for _ in range(4):
        _try(database, NOON)
    for _ in range(10):
        waiting = _try(database, NOON, NUMBER, free)
        assert isinstance(waiting, Waiting)
        assert waiting.scope == "number"
    reserved = _try(database, NOON, free)
    assert isinstance(reserved, Reserved)
    assert reserved.misses == 1


def test_a_try_that_is_refused_for_another_s_wait_leaves_no_row(database: Database) -> None:
    for _ in range(4):
        _try(database, NOON)
    before = _rows(database)
    for number in range(6):
        assert isinstance(_try(database, NOON, NUMBER, Counter("phone", str(number))), Waiting)
    assert _rows(database) == before + 1  # how often the wait was told
    assert isinstance(_try(database, NOON, Counter("phone", "1")), Reserved)


def test_who_goes_on_during_a_wait_is_news_only_now_and_then(database: Database) -> None:
    for _ in range(4):
        _try(database, NOON)
    told = [_try(database, NOON) for _ in range(40)]
    assert [each.is_news for each in told if isinstance(each, Waiting)] == [True] * 4 + [False] * 36
    now, news = NOON, 0
    for _ in range(24 * 60):
        now += timedelta(minutes=1)
        news += getattr(_try(database, now), "is_news", False)
    assert news < 60


def test_of_two_waits_the_longer_is_told(database: Database) -> None:
    other = Counter("phone", "0748621234")
    for _ in range(4):
        _try(database, NOON)
    for now in (NOON, NOON, NOON, NOON, NOON + timedelta(minutes=1)):
        _try(database, now, other)
    waiting = _try(database, NOON + timedelta(seconds=59), NUMBER, other)
    assert isinstance(waiting, Waiting)
    assert waiting.scope == "phone"


def test_misses_are_forgotten_a_day_after_the_last_one(database: Database) -> None:
    for _ in range(3):
        _try(database, NOON)
    later = NOON + timedelta(hours=23)
    fourth = _try(database, later)
    assert isinstance(fourth, Reserved)
    assert fourth.misses == 4
    still = _try(database, later + timedelta(hours=23, minutes=59))
    assert isinstance(still, Reserved)
    assert still.misses == 5
    fresh = _try(database, later + timedelta(days=3))
    assert isinstance(fresh, Reserved)
    assert fresh.misses == 1


def test_an_address_that_many_share_forgets_a_day_after_the_first_miss(database: Database) -> None:
    counter = throttle.per_address("address", "192.0.2.1")
    for hours in range(24):
        _try(database, NOON + timedelta(hours=hours), counter)
    fresh = _try(database, NOON + timedelta(hours=24), counter)
    assert isinstance(fresh, Reserved)
    assert fresh.misses == 1


def test_a_wait_can_be_lifted(database: Database) -> None:
    for _ in range(9):
        _try(database, NOON)
    with database.writing() as connection:
        throttle.lift(connection, NUMBER, secret=SECRET)
    assert _rows(database) == 0
    for _ in range(4):
        assert isinstance(_try(database, NOON), Reserved)
    again = _try(database, NOON)
    assert isinstance(again, Waiting)
    assert again.is_news, "a new wait is told anew"


def test_a_clock_that_jumped_back_makes_nobody_wait_longer_than_the_wait_itself(database: Database) -> None:
    for _ in range(4):
        _try(database, NOON)
    waiting = _try(database, NOON - timedelta(hours=5))
    assert isinstance(waiting, Waiting)
    assert waiting.minutes == 1


def test_neither_number_nor_address_is_stored(database: Database) -> None:
    _try(database, NOON, NUMBER, throttle.per_address("address", "192.0.2.1"))
    with database.reading() as connection:
        rows = connection.execute(select(table)).all()
    assert len(rows) == 2
    assert not any("12345678" in str(row) or "192.0.2.1" in str(row) for row in rows)


@pytest.mark.parametrize("key", ["", "\ud800", "0" * 5000])
def test_any_text_can_be_a_key(database: Database, key: str) -> None:
    assert isinstance(_try(database, NOON, Counter("number", key)), Reserved)


def test_parallel_guesses_do_not_share_a_try(database: Database) -> None:
    outcomes: list[object] = []

    def guess() -> None:
        outcomes.append(_try(database, NOON))

    threads = [threading.Thread(target=guess) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Reserved) for outcome in outcomes) == 4
