"""The audit trail is a chain: every row that is changed, removed or moved is found."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.trail import Event
from mypage.store import trail as store
from mypage.store.engine import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def record(database: Database, times: int = 1) -> None:
    for _ in range(times):
        with database.writing() as connection:
            trail.record(
                connection,
                Action.IDENTITY_MISSED,
                actor="visitor",
                now=NOW,
                customer_key="70012",
                detail={"address": "203.0.113.9"},
                missed="phone",
                cause="A-03",
            )


def tamper(database: Database, statement: str) -> None:
    """Change rows as somebody with all rights could: with the triggers out of the way."""
    with database.writing() as connection:
        if database.is_sqlite:
            for deed in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_event_no_{deed}"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
        connection.execute(text(statement))


def test_rows_are_chained_and_details_are_kept_apart(database: Database) -> None:
    record(database, 3)
    with database.reading() as connection:
        rows = list(store.rows(connection, trail.CHAIN))
        assert trail.broken_at(connection) is None
        assert [row["seq"] for row in store.of_customer(connection, "70012")] == [1, 2, 3]
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


@pytest.mark.parametrize(
    ("deed", "seq"),
    [
        ("UPDATE audit_event SET actor = 'nobody' WHERE seq = 2", 2),
        ("DELETE FROM audit_event WHERE seq = 2", 2),
        ("UPDATE audit_event SET seq = CASE seq WHEN 2 THEN 9 ELSE seq END", 2),
        ("UPDATE audit_event SET previous_hash = hash WHERE seq = 3", 3),
    ],
)
def test_what_was_changed_is_found(database: Database, deed: str, seq: int) -> None:
    record(database, 4)
    tamper(database, deed)
    with database.reading() as connection:
        assert trail.broken_at(connection) == seq


def test_purging_a_detail_keeps_the_chain_whole(database: Database) -> None:
    record(database, 2)
    with database.writing() as connection:
        connection.execute(text("DELETE FROM audit_detail"))
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_a_row_without_detail_has_no_digest(database: Database) -> None:
    with database.writing() as connection:
        trail.record(connection, Action.LOGIN_DONE, actor="account:1", now=NOW, account_id="1")
    with database.reading() as connection:
        assert [row["detail_digest"] for row in store.rows(connection, trail.CHAIN)] == [None]


def test_concurrent_writers_leave_no_gap_and_no_fork(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: record(database, 5), range(8)))
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
        assert [row["seq"] for row in store.rows(connection, trail.CHAIN)] == list(range(1, 41))


def test_an_action_with_the_wrong_facts_fails_at_the_call(database: Database) -> None:
    with pytest.raises(ValueError, match=r"identity\.missed carries"), database.writing() as connection:
        trail.record(connection, Action.IDENTITY_MISSED, actor="visitor", now=NOW, missed="phone")
