"""The audit trail is a chain, however many write to it at once; what was done to it: tests/works/test_trail_check.py."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.trail import Event
from mypage.store import trail as store
from mypage.store.engine import Database
from tests.crowd import Together, crowd
from tests.tampering import NOW, record
from tests.visitor import Visitor


def test_rows_are_chained_and_details_are_kept_apart(database: Database) -> None:
    record(database, 3)
    with database.reading() as connection:
        rows = list(store.rows(connection, trail.CHAIN))
        assert trail.broken_at(connection) is None
        assert [row["seq"] for row in store.rows(connection, "main") if row["customer_key"] == "70012"] == [
            1,
            2,
            3,
        ]
        details = connection.execute(text("SELECT detail FROM audit_detail")).scalars().all()
    assert [row["seq"] for row in rows] == [1, 2, 3]
    assert "203.0.113.9" not in str(rows)
    assert details == ['{"address":"203.0.113.9"}'] * 3


def test_many_rows_at_once_are_chained_like_one_by_one(database: Database) -> None:
    record(database)
    events = [
        Event(
            action=Action.LOGIN_DONE,
            actor=f"account:{number}",
            at=NOW,
            detail={"address": "203.0.113.9"} if number % 2 else None,
            facts={},
        )
        for number in range(5)
    ]
    with database.writing() as connection:
        trail.record_all(connection, events)
        trail.record_all(connection, [])
    record(database)
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
        rows = list(store.rows(connection, trail.CHAIN))
        details = connection.execute(text("SELECT seq FROM audit_detail ORDER BY seq")).scalars().all()
    assert [row["actor"] for row in rows] == ["visitor", *[f"account:{n}" for n in range(5)], "visitor"]
    assert details == [1, 3, 5, 7]


def test_one_event_with_wrong_facts_keeps_all_of_them_out(database: Database) -> None:
    good = Event(action=Action.LOGIN_DONE, actor="visitor", at=NOW, facts={})
    wrong = Event(action=Action.LOGIN_DONE, actor="visitor", at=NOW, facts={"more": 1})
    with pytest.raises(ValueError, match=r"login\.done carries"), database.writing() as connection:
        trail.record_all(connection, [good, wrong])
    with database.reading() as connection:
        assert list(store.rows(connection, trail.CHAIN)) == []


def test_a_row_without_detail_has_no_digest(database: Database) -> None:
    with database.writing() as connection:
        trail.record(connection, Action.LOGIN_DONE, actor="account:1", now=NOW, account_id="1")
    with database.reading() as connection:
        assert [row["detail_digest"] for row in store.rows(connection, trail.CHAIN)] == [None]


def _append_and_roll_back(database: Database, times: int) -> int:
    """Deeds of one writer, every third of which fails after its row; how many stayed."""
    stayed = 0
    for number in range(times):
        with contextlib.suppress(_Failed), database.writing() as connection:
            for _ in range(1 + number % 2):
                trail.record(connection, Action.LOGIN_DONE, actor="visitor", now=NOW, detail={"n": number})
            if number % 3 == 2:
                raise _Failed
            stayed += 1 + number % 2
    return stayed


class _Failed(Exception):
    """Something goes wrong after the row was written."""


def _write(visitor: Visitor, url: str, together: Together) -> int:
    """In a process of its own, with threads in it."""
    database = Database(url)
    together()
    with ThreadPoolExecutor(2) as pool:
        stayed = sum(pool.map(lambda _: _append_and_roll_back(database, 9), range(2)))
    database.close()
    return stayed


def test_writers_in_threads_and_processes_leave_no_gap_and_no_fork(
    database: Database, engine_url: str
) -> None:
    with crowd(4, engine_url) as people:
        stayed = sum(people.do(_write, [engine_url] * 4))
    assert stayed == 4 * 2 * 9  # of 13 rows in nine deeds nine stay
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
        assert [row["seq"] for row in store.rows(connection, trail.CHAIN)] == list(range(1, stayed + 1))
        details = connection.execute(text("SELECT seq FROM audit_detail ORDER BY seq")).scalars().all()
    assert list(details) == list(range(1, stayed + 1))


def _add_one(database: Database) -> None:
    with database.writing() as connection:
        trail.record(connection, Action.LOGIN_DONE, actor="visitor", now=NOW)


def test_a_writer_that_waited_follows_whoever_came_first(database: Database) -> None:
    """One holds the end of the chain and goes back; the other, who read before it may, follows what stayed."""
    _add_one(database)
    with ThreadPoolExecutor(1) as pool:
        with contextlib.suppress(_Failed), database.writing() as connection:
            trail.record(connection, Action.LOGOUT_DONE, actor="visitor", now=NOW)
            waits = pool.submit(_add_one, database)
            time.sleep(0.2)
            assert not waits.done()
            raise _Failed
        waits.result(20)
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
        assert [row["action"] for row in store.rows(connection, trail.CHAIN)] == ["login.done"] * 2


def test_an_action_with_the_wrong_facts_fails_at_the_call(database: Database) -> None:
    with pytest.raises(ValueError, match=r"identity\.missed carries"), database.writing() as connection:
        trail.record(connection, Action.IDENTITY_MISSED, actor="visitor", now=NOW, missed="phone")
