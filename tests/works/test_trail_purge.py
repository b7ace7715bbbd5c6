"""Details of the trail go after their time, in chunks and with an entry; the chain stays whole and nothing else goes."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.domain import trail as rules
from mypage.domain.trail import PurgeKind
from mypage.domain.trail_check import Fault
from mypage.domain.trail_purge import Keeping
from mypage.services import trail, trail_purge
from mypage.store import trail as store
from mypage.store.engine import Database
from mypage.store.schema.metadata import instant_text
from mypage.works.trail_check import Checked, Heads, check
from mypage.works.trail_purge import purge
from tests.portal import environment
from tests.tampering import NOW, record, tamper

_DAY = timedelta(days=1)
_KEEPING = Keeping(searches=90 * _DAY, others=1095 * _DAY)


def settings(**more: str) -> Settings:
    return load(environment("sqlite:///unused", **more))


def search(database: Database, now: datetime, times: int = 1) -> None:
    """Rows as the search of the console leaves them; only the word decides how long the detail is kept."""
    with database.writing() as connection:
        last, previous = store.last(connection, trail.CHAIN) or (0, rules.GENESIS)
        for seq in range(last + 1, last + times + 1):
            row: dict[str, object] = {
                "chain": trail.CHAIN,
                "seq": seq,
                "at": instant_text(now),
                "action": "staff.searched",
                "actor": "staff:1",
                "customer_key": None,
                "account_id": None,
                "batch_id": None,
                "facts": "{}",
                "detail_digest": rules.detail_digest("salt", '{"term":"x"}'),
                "previous_hash": previous,
            }
            previous = rules.row_hash(row)
            store.append(connection, [{**row, "hash": previous}])
            detail = {"chain": trail.CHAIN, "seq": seq, "salt": "salt", "detail": '{"term":"x"}'}
            store.keep_details(connection, [detail])


def kept(database: Database) -> list[int]:
    with database.reading() as connection:
        return list(connection.scalars(text("SELECT seq FROM audit_detail ORDER BY seq")))


def checked(database: Database) -> Checked:
    return check(database, Heads(), lambda done, whole: None)


def test_each_kind_goes_after_its_time_with_an_entry(database: Database) -> None:
    record(database, 2, now=NOW - 1096 * _DAY)
    search(database, NOW - 1096 * _DAY)
    record(database, 1, now=NOW - 1094 * _DAY)
    search(database, NOW - 91 * _DAY, 2)
    search(database, NOW - 89 * _DAY)
    assert purge(settings(), database, NOW) == 5
    assert kept(database) == [4, 7]
    assert purge(settings(), database, NOW) == 0
    result = checked(database)
    assert result.is_whole
    assert (result.details, result.purged) == (2, 5)
    with database.reading() as connection:
        entries = [dict(row) for row in store.rows(connection, trail.CHAIN)][7:]
    assert [(row["action"], row["actor"]) for row in entries] == [("trail.details_purged", "worker")] * 2
    assert [json.loads(row["facts"]) for row in entries] == [
        {"kind": "searches", "before": "2026-08-03T12:00:00.000000Z", "count": 3, "through": 6},
        {"kind": "others", "before": "2023-11-02T12:00:00.000000Z", "count": 2, "through": 2},
    ]
    # The settings decide: what was typed goes after a day where the operator wants it so.
    assert purge(settings(audit_search_days="1", audit_detail_days="90"), database, NOW) == 2
    assert checked(database).is_whole


def test_many_go_in_chunks_and_an_interrupted_purge_leaves_the_rest(database: Database) -> None:
    record(database, 1100, now=NOW - 2000 * _DAY)
    asked = iter([False, False, True])
    assert purge(settings(), database, NOW, lambda: next(asked, True)) == 1000
    assert kept(database) == list(range(1001, 1101))
    assert purge(settings(), database, NOW) == 100
    assert checked(database).is_whole
    assert kept(database) == []


def test_two_workers_purge_nothing_twice(database: Database) -> None:
    record(database, 3, now=NOW - 2000 * _DAY)
    with database.reading() as connection:
        seqs = trail_purge.due(connection, PurgeKind.OTHERS, _KEEPING, now=NOW)
    done = []
    for _ in range(2):
        with database.writing() as connection:
            done.append(
                trail_purge.purge(connection, PurgeKind.OTHERS, seqs, _KEEPING, actor="worker", now=NOW)
            )
    assert done == [3, 0]
    assert checked(database).rows == 4


def test_what_the_entry_does_not_cover_is_not_let_go(database: Database) -> None:
    record(database, 2, now=NOW - 2000 * _DAY)
    record(database, 1)
    refused = pytest.raises(DBAPIError, match="purged only under a row")
    with refused, database.writing() as connection:
        trail_purge.purge(connection, PurgeKind.OTHERS, [1, 3], _KEEPING, actor="worker", now=NOW)
    assert kept(database) == [1, 2, 3]
    # Nor afterwards, when the entry is no longer the newest row.
    assert purge(settings(), database, NOW) == 2
    record(database)
    with refused, database.writing() as connection:
        connection.execute(text("DELETE FROM audit_detail WHERE seq = 3"))


def test_a_detail_that_somebody_else_removed_is_told_from_a_purged_one(database: Database) -> None:
    record(database, 2, now=NOW - 2000 * _DAY)
    search(database, NOW - 100 * _DAY)
    record(database, 2)
    purge(settings(), database, NOW)
    assert checked(database).is_whole
    tamper(database, "DELETE FROM audit_detail WHERE seq = 5")
    (finding,) = checked(database).findings
    assert (finding.fault, finding.seq) == (Fault.DETAIL_REMOVED, 5)


def test_one_that_was_removed_before_it_was_due_is_counted(database: Database) -> None:
    record(database, 3, now=NOW - 1000 * _DAY)
    tamper(database, "DELETE FROM audit_detail WHERE seq = 2")
    purge(settings(), database, NOW + 200 * _DAY)
    (finding,) = checked(database).findings
    assert (finding.fault, finding.name) == (Fault.DETAIL_REMOVED, "1")
