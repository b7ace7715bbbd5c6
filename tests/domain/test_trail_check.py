"""The check of rows, where making such rows in a database would take long; and the head's line."""

import json
from dataclasses import asdict

from mypage.domain.trail import GENESIS, Action, row_hash
from mypage.domain.trail_check import CheckedRow, Checker, Fault
from mypage.domain.trail_head import Head, read
from mypage.domain.trail_search import Asked, instant


def rows(count: int, **changed: object) -> list[CheckedRow]:
    """A whole chain, but for what is changed in each of its rows afterwards."""
    made, previous = [], GENESIS
    for seq in range(1, count + 1):
        row: dict[str, object] = {
            "chain": "main",
            "seq": seq,
            "at": f"2026-11-01T00:00:00.{seq:06}Z",
            "action": Action.LOGIN_DONE.word,
            "actor": "visitor",
            "customer_key": None,
            "account_id": None,
            "batch_id": None,
            "facts": "{}",
            "detail_digest": None,
            "previous_hash": previous,
        }
        previous = row_hash(row)
        made.append(CheckedRow(**{**row, "hash": previous, **changed}))  # type: ignore[arg-type]
    return made


def test_a_chain_that_was_changed_throughout_is_one_place() -> None:
    checker = Checker()
    checker.take_all(rows(120, actor="nobody"))
    assert [(each.fault, each.seq, each.last) for each in checker.findings()] == [(Fault.CHANGED, 1, 120)]
    assert checker.more() == {}


def test_an_entry_of_a_purge_that_nobody_wrote_covers_nothing() -> None:
    for facts in ("[]", "{", '{"kind":"others"}', '{"kind":"others","before":"x","count":"many"}'):
        checker = Checker()
        checker.take_all(rows(2, action=Action.TRAIL_DETAILS_PURGED.word, facts=facts))
        assert {each.fault for each in checker.findings()} == {Fault.CHANGED}


def test_a_head_is_read_as_it_was_written_and_nothing_else_is_one() -> None:
    head = Head("main", 7, "a" * 64, "2026-11-01T00:00:00.000000Z", "key", "signature")
    assert read(json.dumps(head.as_json)) == head
    assert read(json.dumps({"event": "audit head", "head": head.as_json})) == head
    for line in ("", "7", "[]", "null", '{"head": 7}', '{"chain": "main"}'):
        assert read(line) is None
    for wrong in ({"seq": "7"}, {"seq": True}, {"hash": 7}, {"signature": None}):
        assert read(json.dumps({**asdict(head), **wrong})) is None


def test_a_day_and_a_time_in_japan() -> None:
    begin, end = instant("2026-11-01", ""), instant("2026-11-01", "", ends=True)
    assert begin is not None
    assert end is not None
    assert (begin.isoformat(), end.isoformat()) == ("2026-11-01T00:00:00+09:00", "2026-11-02T00:00:00+09:00")
    minute = instant(" 2026-11-01 ", "09:30", ends=True)
    assert minute is not None
    assert minute.isoformat() == "2026-11-01T09:31:00+09:00"
    for day, time in (
        ("2026-11-31", ""),
        ("", "09:00"),
        ("2026-11-01", "9"),
        ("2026-11-01", "09:00+09:00"),
        ("0001-01-01", ""),
    ):
        assert instant(day, time) is None


def test_an_administrator_asks_for_staff_only() -> None:
    assert Asked(actor="visitor").only_staff() == Asked(actor="staff")
    assert Asked(actor="staff:1", action="x").only_staff() == Asked(actor="staff:1", action="x")
