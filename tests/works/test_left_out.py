"""[エラーの請求を除いて公開]: whole statements are left out, with their reason, and listed; with files as bytes."""

from pathlib import Path

import pytest

from mypage.domain.batch import State
from mypage.services.publication import Published
from mypage.store.engine import Database
from mypage.works.load import stage as module
from mypage.works.load.delivery import check, check_again
from mypage.works.load.ready import CHUNK_ROWS
from tests.delivering import (
    CHARGE_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    payment,
    payments,
    table,
)
from tests.keeping import a_keeper

NUMBERS = [str(number) for number in range(70010, 70020)]


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(*(customer(number) for number in NUMBERS)))
    return operator


def a_mixed_file() -> bytes:
    """Two statements that are right, and one of every way to be wrong."""
    headings = (*CHARGE_HEADINGS, "処理区分", "お支払期日")
    return charges(
        [*charge("70010"), "", ""],
        [*charge("70011", "1", total="1000"), "", ""],
        [*charge("70011", "2", amount="五百", total="1000"), "", ""],
        [*charge("70012", total="501"), "", ""],
        [*charge("70013", "1", total="1000"), "", "2026-10-27"],
        [*charge("70013", "2", total="1000"), "", "2026-10-28"],
        [*charge("70014", "1", total="1000"), "", ""],
        [*charge("70014", "1", total="1000"), "", ""],
        [*charge("70099"), "", ""],
        [*charge("7001x"), "", ""],
        [*charge("70015", month="2026-13"), "", ""],
        [*charge("70016", total="百"), "取消", ""],
        [*charge("70017"), "", "", "extra"],
        [*charge("70018", "1", total="1000"), "", ""],
        [*charge("70018", "2", total="1000", month="#REF!"), "", ""],
        [*charge("70019"), "", ""],
        headings=headings,
    )


LEFT_OUT = [
    (4, "70011", 202610, 1, "not_a_number"),
    (5, "70012", 202610, 1, "total_differs"),
    (7, "70013", 202610, 1, "differs_in_statement"),
    (8, "70014", 202610, 1, "line_number_repeated"),
    (10, "70099", 202610, 1, "unknown_customer"),
    (11, "7001x", None, None, "not_a_customer_number"),
    (12, "70015", None, None, "no_such_month"),
    (13, "70016", 202610, 1, "not_a_number"),
    (14, "70017", None, None, "too_many_cells"),
    (15, "70018", 202610, 1, "total_differs"),
    (16, "70018", None, None, "excel_error"),
]


def test_whole_statements_are_left_out_with_their_reason_and_listed(delivering: Delivering) -> None:
    refused = delivering.check(charges=a_mixed_file()).batches[0]
    assert (refused.state, refused.counts["can_leave_out"]) == (State.REFUSED, True)
    assert delivering.rows("SELECT count(*) FROM statement") == [(0,)]
    (batch,) = delivering.publish(without_errors=True, charges=a_mixed_file())
    assert batch.id != refused.id
    assert delivering.seen() == {("70010", 202610, 1): 500, ("70019", 202610, 1): 500}
    assert delivering.left_out(batch) == LEFT_OUT
    counted = {name: batch.counts[name] for name in ("statements", "customers", "lines", "total", "left_out")}
    assert counted == {"statements": 2, "customers": 2, "lines": 2, "total": 1000, "left_out": 11}
    assert batch.errors == refused.errors
    told = "SELECT facts FROM audit_event WHERE action = 'batch.without_errors'"
    assert delivering.rows(told) == [('{"left_out":11}',)]


def test_delivering_them_later_is_no_correction(delivering: Delivering) -> None:
    delivering.publish(without_errors=True, charges=a_mixed_file())
    delivering.publish(charges=charges(charge("70012", amount="501", total="501")))
    assert delivering.seen()[("70012", 202610, 1)] == 501
    assert delivering.rows("SELECT count(*) FROM statement WHERE customer_key = '70012'") == [(1,)]


def test_what_stood_before_stands_where_its_correction_is_left_out(delivering: Delivering) -> None:
    delivering.publish(charges=charges(charge("70010"), charge("70012", amount="400", total="400")))
    (batch,) = delivering.publish(without_errors=True, charges=a_mixed_file())
    assert delivering.seen()[("70012", 202610, 1)] == 400
    delivering.take_back(batch)
    assert delivering.seen() == {("70010", 202610, 1): 500, ("70012", 202610, 1): 400}


def test_the_month_of_a_statement_that_is_left_out_moves_no_window(delivering: Delivering) -> None:
    (batch,) = delivering.publish(
        without_errors=True, charges=charges(charge("70010"), charge("70011", month="2031-01", total="1"))
    )
    assert (batch.newest_month, batch.counts["months"]) == (202610, [202610])


@pytest.mark.parametrize(
    "content",
    [
        charges(charge("70010")) + b'70011,2026-10,1,"' + b"x" * 40_000 + b"\n70012,2026-10,1,a,5,10,5\n",
        charges(charge("70010")) + b"x" * 2_100_000,
        charges(charge("70010", total="1"), charge("70011", total="1")),
        customers(customer("70010"), customer("70010")),
    ],
    ids=[
        "a quotation mark that is never closed",
        "a line without end",
        "nothing is right",
        "not of statements",
    ],
)
def test_what_is_wrong_with_the_file_as_a_whole_is_never_left_out(
    delivering: Delivering, content: bytes
) -> None:
    outcome = delivering.check(without_errors=True, content=content)
    assert [batch.state for batch in outcome.batches] == [State.REFUSED]
    assert delivering.rows("SELECT count(*) FROM left_out") == [(0,)]
    assert delivering.rows("SELECT count(*) FROM statement") == [(0,)]


def test_a_file_without_errors_is_the_same_with_the_choice_and_without(delivering: Delivering) -> None:
    content = charges(charge("70010"))
    (whole,) = delivering.publish(charges=content)
    again = delivering.check(without_errors=True, charges=content)
    assert [batch.id for batch in again.in_force] == [whole.id]
    assert again.batches == ()
    delivering.take_back(whole)
    (chosen,) = delivering.publish(without_errors=True, charges=content)
    assert (chosen.errors, chosen.counts["left_out"], delivering.left_out(chosen)) == (0, 0, [])


def test_one_published_without_errors_does_nothing_when_it_is_sent_again(delivering: Delivering) -> None:
    (batch,) = delivering.publish(without_errors=True, charges=a_mixed_file())
    again = delivering.check(without_errors=True, charges=a_mixed_file())
    assert [each.id for each in again.in_force] == [batch.id]


def test_whoever_sees_the_refusal_chooses_by_its_batch(delivering: Delivering) -> None:
    refused = delivering.check(charges=a_mixed_file()).batches[0]
    again = check_again(
        delivering.database,
        [refused],
        keeper=a_keeper(delivering.database),
        rules=delivering.rules,
        scratch=None,
        actor="staff:one",
        clock=delivering.now,
        without_errors=True,
    )
    assert again.is_well
    assert isinstance(delivering.flip(*again.batches), Published)
    assert len(delivering.left_out(again.batches[0])) == 11


def test_the_choice_stays_when_something_was_published_since(delivering: Delivering) -> None:
    waiting = delivering.check(without_errors=True, charges=a_mixed_file()).batches[0]
    delivering.publish(customers=customers(customer("70099")))
    again = check_again(
        delivering.database,
        [waiting],
        keeper=a_keeper(delivering.database),
        rules=delivering.rules,
        scratch=None,
        actor="cli",
        clock=delivering.now,
    )
    assert again.is_well
    assert ("70099" in {number for _, number, *_ in delivering.left_out(again.batches[0])}) is False
    assert len(delivering.left_out(again.batches[0])) == 10


def test_the_rows_of_payments_that_are_wrong_are_left_out_too(delivering: Delivering) -> None:
    delivering.publish(charges=charges(*(charge(number) for number in NUMBERS)))
    (batch,) = delivering.publish(
        without_errors=True,
        payments=payments(
            payment("70010"),
            payment("70011", "払った"),
            payment("70012", month="2025-01"),
            payment("70013"),
            payment("70013", "未確認"),
            payment("70013", "返金済"),
            payment("70099"),
            payment("70014", holder_no="2"),
            payment("7001x", month="x"),
        ),
    )
    assert delivering.rows("SELECT customer_key, state FROM payment") == [("70010", "paid")]
    assert delivering.left_out(batch) == [
        (3, "70011", 202610, 1, "unknown_word"),
        (4, "70012", 202501, 1, "statement_not_certain"),
        (6, "70013", 202610, 1, "payment_twice"),
        (8, "70099", 202610, 1, "unknown_customer"),
        (9, "70014", 202610, 1, "unknown_holder"),
        (10, "7001x", None, 1, "not_a_customer_number"),
    ]


def test_a_repeat_after_a_crash_stages_what_is_missing_in_both_tables(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CHUNKS_ON_POSTGRESQL", 1)
    count = CHUNK_ROWS + 5
    delivering.publish(customers=customers(*(customer(str(10_000 + place)) for place in range(2 * count))))
    rows = [charge(str(10_000 + place), total="500" if place % 2 else "1") for place in range(2 * count)]
    file = delivering.files(without_errors=True, charges=charges(*rows))[0]
    for rows_told in (CHUNK_ROWS, count, count + CHUNK_ROWS):

        def progress(step: str, done: int, _whole: int, _rows: int, until: int = rows_told) -> None:
            if step == "stage" and done >= until:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            check(
                delivering.database,
                [file],
                rules=delivering.rules,
                scratch=delivering.folder,
                actor="cli",
                clock=delivering.now,
                progress=progress,
            )
    (batch,) = delivering.hand(file).batches
    assert delivering.rows("SELECT count(*) FROM statement") == [(count,)]
    assert delivering.rows("SELECT count(*), min(seq), max(seq) FROM left_out") == [(count, 1, count)]
    assert batch.checkpoint is not None
    assert batch.checkpoint["rows"] == 2 * count
    # Refused together with a wrong file, nothing of it stays in any table.
    delivering.hand(file, *delivering.files(more=table(CHARGE_HEADINGS, charge("99"))))
    assert delivering.rows("SELECT count(*) FROM statement") == [(0,)]
    assert delivering.rows("SELECT count(*) FROM left_out") == [(0,)]
