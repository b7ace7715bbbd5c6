"""The database refuses to change the trail, whoever asks; who takes its guards away is found out."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mypage.domain.trail import GENESIS, Action
from mypage.services import trail
from mypage.store import trail as store
from mypage.store import trail_guards
from mypage.store.engine import Database
from mypage.works.trail_check import Heads, check
from tests.cli.test_db import mypage
from tests.tampering import NOW, record

_FORGED = (
    "(chain, seq, at, action, actor, facts, previous_hash, hash)"
    " VALUES ('main', {seq}, 'x', 'login.done', 'nobody', '{{}}', '{previous}', 'x')"
)
_ANY = "SELECT * FROM audit_event WHERE seq = 2"


def refused(database: Database, statement: str, words: str) -> None:
    with pytest.raises(DBAPIError, match=words), database.writing() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("UPDATE audit_event SET actor = 'x'", "append-only"),
        ("DELETE FROM audit_event", "append-only"),
        ("DELETE FROM audit_event WHERE seq = 2", "append-only"),
        ("UPDATE audit_detail SET detail = '{}' WHERE seq = 2", "never changed"),
        ("DELETE FROM audit_detail WHERE seq = 2", "purged only under a row"),
        ("DELETE FROM audit_detail", "purged only under a row"),
        ("INSERT INTO audit_detail VALUES ('main', 9, 'salt', '{}')", "belongs to a row"),
        # Beside the last row, in a gap, as a second beginning, not on the last row's hash.
        (f"INSERT INTO audit_event {_FORGED.format(seq=3, previous=GENESIS)}", "follows the last one"),
        (f"INSERT INTO audit_event {_FORGED.format(seq=0, previous=GENESIS)}", "follows the last one"),
        (f"INSERT INTO audit_event {_FORGED.format(seq=4, previous=GENESIS)}", "follows the last one"),
        (f"INSERT INTO audit_event {_FORGED.format(seq=9, previous=GENESIS)}", "follows the last one"),
    ],
)
def test_rows_and_details_stay_as_they_are(database: Database, deed: str, words: str) -> None:
    record(database, 3)
    refused(database, deed, words)
    with database.reading() as connection:
        assert trail.broken_at(connection) is None
        assert store.last(connection, trail.CHAIN) is not None


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("TRUNCATE audit_event", "append-only"),
        ("TRUNCATE audit_event, audit_detail", "append-only|never changed"),
        ("TRUNCATE audit_detail", "never changed"),
        (
            "INSERT INTO audit_event SELECT * FROM audit_event WHERE seq = 2"
            " ON CONFLICT (chain, seq) DO UPDATE SET actor = 'x'",
            "follows the last one|append-only",
        ),
    ],
)
def test_what_only_postgresql_can_is_refused_there(database: Database, deed: str, words: str) -> None:
    if not database.is_sqlite:
        record(database, 3)
        refused(database, deed, words)


@pytest.mark.parametrize("recursive", [False, True])
@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (
            "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 2",
            "follows the last one",
        ),
        (f"REPLACE INTO audit_event {_FORGED.format(seq=3, previous=GENESIS)}", "follows the last one"),
        ("INSERT OR IGNORE INTO audit_event SELECT * FROM audit_event WHERE seq = 2", "follows the last one"),
        ("UPDATE OR REPLACE audit_event SET seq = 1 WHERE seq = 2", "append-only"),
        ("UPDATE OR IGNORE audit_event SET actor = 'x'", "append-only"),
        ("INSERT OR REPLACE INTO audit_detail VALUES ('main', 2, 'salt', '{}')", "belongs to a row"),
        ("UPDATE OR REPLACE audit_detail SET seq = 1 WHERE seq = 2", "never changed"),
    ],
)
def test_sqlite_replaces_nothing(database: Database, deed: str, words: str, *, recursive: bool) -> None:
    if not database.is_sqlite:
        return
    record(database, 3)
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA recursive_triggers = {int(recursive)}")
        with pytest.raises(DBAPIError, match=words):
            connection.exec_driver_sql(deed)
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_a_forged_detail_does_not_come_back_after_a_purge(database: Database) -> None:
    """PostgreSQL compares the digest itself; on SQLite the check finds it."""
    record(database, 2)
    with database.writing() as connection:
        trail.record(
            connection,
            Action.TRAIL_DETAILS_PURGED,
            actor="worker",
            now=NOW,
            kind="others",
            before="2026-12-01T00:00:00.000000Z",
            count=1,
            through=1,
        )
        connection.execute(text("DELETE FROM audit_detail WHERE seq = 1"))
    forged = "INSERT INTO audit_detail VALUES ('main', 1, 'salt', '{}')"
    if not database.is_sqlite:
        refused(database, forged, "belongs to a row")
        return
    with database.writing() as connection:
        connection.exec_driver_sql(forged)
    with database.reading() as connection:
        assert trail.broken_at(connection) == 1


def _drop(database: Database, name: str) -> str:
    if database.is_sqlite:
        return f"DROP TRIGGER {name}"
    return f"DROP TRIGGER {name} ON {'audit_detail' if 'detail' in name else 'audit_event'}"


def _exchanged(database: Database) -> list[str]:
    if database.is_sqlite:
        return [
            "DROP TRIGGER audit_event_no_update",
            "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END",
        ]
    return [
        "CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RETURN NULL; END'"
    ]


@pytest.mark.parametrize(
    "deeds",
    [
        lambda database: [
            _drop(database, "audit_event_no_delete" if database.is_sqlite else "audit_event_append_only")
        ],
        lambda database: [_drop(database, "audit_event_follows"), _drop(database, "audit_detail_purged")],
        _exchanged,
        lambda database: (
            ["DROP TRIGGER audit_detail_no_update"]
            if database.is_sqlite
            else ["ALTER TABLE audit_detail DISABLE TRIGGER audit_detail_kept"]
        ),
    ],
)
def test_a_guard_that_was_taken_away_is_found_and_put_up_again(
    database: Database, engine_url: str, deeds: Callable[[Database], list[str]]
) -> None:
    with database.reading() as connection:
        assert trail_guards.missing(connection) == trail_guards.strangers(connection) == []
    with database.writing() as connection:
        for deed in deeds(database):
            connection.exec_driver_sql(deed)
        missing = trail_guards.missing(connection)
    assert len(missing) == len([each for each in deeds(database) if not each.startswith("CREATE TRIGGER")])
    findings = check(database, Heads(), lambda done, whole: None).findings
    assert [each.name for each in findings] == missing
    assert {each.fault.value for each in findings} == {"guard_missing"}
    with database.writing() as connection:
        assert trail_guards.put_up(connection) == missing
        assert trail_guards.missing(connection) == []
        assert trail_guards.put_up(connection) == []


def test_a_trigger_that_swallows_rows_stops_the_deed_and_is_found(database: Database) -> None:
    with database.writing() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql(
                "CREATE TRIGGER quiet BEFORE INSERT ON audit_event BEGIN SELECT RAISE(IGNORE); END"
            )
        else:
            connection.exec_driver_sql(
                "CREATE FUNCTION quiet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER quiet BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION quiet()"
            )
    # Of several rows PostgreSQL misses the first before the second.
    for times in (1, 3) if database.is_sqlite else (1,):
        with pytest.raises(store.NotWrittenError):
            record(database, times)
    findings = check(database, Heads(), lambda done, whole: None).findings
    assert [(each.fault.value, each.name) for each in findings] == [("guard_strange", "quiet")]


def test_the_commands_say_what_is_wrong_and_mend_it(database: Database, engine_url: str) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(_drop(database, "audit_event_follows"))
    verified = mypage(engine_url, "audit", "verify")
    assert verified.returncode == 1
    assert "NG 書き換えを止めるトリガー audit_event_follows がないか" in verified.stdout
    assert "`mypage db upgrade` を実行してください" in verified.stdout
    examined = mypage(engine_url, "doctor")
    assert "NG 操作履歴のトリガー: audit_event_follows がないか" in examined.stdout
    assert "注意 操作履歴の控え: MYPAGE_AUDIT_HEAD_FILE がありません" in examined.stdout
    upgraded = mypage(engine_url, "db", "upgrade")
    assert "トリガー audit_event_follows がなかったため、作り直しました" in upgraded.stdout
    with database.reading() as connection:
        assert trail_guards.missing(connection) == []
        # That it was away stands in the trail.
        assert [row["action"] for row in store.rows(connection, trail.CHAIN)] == ["trail.guarded"]


def test_copied_rows_are_refused_as_well(database: Database) -> None:
    record(database, 2)
    refused(database, f"INSERT INTO audit_event {_ANY}", "follows the last one")
