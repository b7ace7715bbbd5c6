"""Loading payments.csv: whose statement a row means, what is stored, what is told; with files as bytes."""

from pathlib import Path

import pytest

from mypage.domain.batch import State
from mypage.store.engine import Database
from tests.delivering import (
    CHARGE_HEADINGS,
    PAYMENT_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    payment,
    payments,
)

TWO = customers(customer("70012"), customer("70013"))
HELD = (*CHARGE_HEADINGS, "名義番号")


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with two customers, each with a bill of October."""
    operator = Delivering(database, tmp_path)
    operator.publish(customers=TWO, charges=charges(charge("70012"), charge("70013")))
    return operator


def stored(delivering: Delivering) -> list[tuple[object, ...]]:
    """All rows of payments, days as text."""
    columns = "customer_key, billing_month, number, state, paid_on, paid_amount, retry_on"
    found = delivering.rows(f"SELECT {columns} FROM payment ORDER BY batch_id, customer_key")  # noqa: S608
    return [(*row[:4], row[4] and str(row[4]), row[5], row[6] and str(row[6])) for row in found]


def test_a_file_of_payments_is_stored_as_its_own_versions(delivering: Delivering) -> None:
    (batch,) = delivering.publish(
        payments=payments(
            payment("0070013", "一部入金", paid_on="2026-11-05", amount="3,000"),
            payment("70012", "振替不能", retry_on="令和8年11月10日"),
        )
    )
    assert stored(delivering) == [
        ("70012", 202610, 1, "failed", None, None, "2026-11-10"),
        ("70013", 202610, 1, "partly_paid", "2026-11-05", 3000, None),
    ]
    names = ("months", "statements", "customers", "lines", "total", "states")
    assert {name: batch.counts[name] for name in names} == {
        "months": [202610],
        "statements": 2,
        "customers": 2,
        "lines": 2,
        "total": 3000,
        "states": {"failed": 1, "partly_paid": 1},
    }
    assert batch.newest_month is None, "payments do not move the window"
    (again,) = delivering.publish(payments=payments(payment("70012", "振替不能", retry_on="2026-11-10")))
    assert len(stored(delivering)) == 3, "what changes nothing is stored: the file below may be taken back"
    assert again.counts["statements"] == 1


def test_without_a_holder_it_is_the_one_holder_who_has_that_statement(delivering: Delivering) -> None:
    delivering.publish(
        customers=customers(customer("70014", "1", "2019-04-01"), customer("70014", "2", "2026-10-05")),
        charges=charges(
            [*charge("70014"), "1"],
            [*charge("70014", month="2026-11"), "2"],
            [*charge("70014", month="2026-12"), "1"],
            [*charge("70014", month="2026-12"), "2"],
            headings=HELD,
        ),
    )
    delivering.publish(
        payments=payments(payment("70014"), payment("70014", month="2026-11"), payment("70012"))
    )
    assert [row[:2] for row in stored(delivering)] == [
        ("70012", 202610),
        ("70014", 202610),
        ("70014-2", 202611),
    ]
    outcome = delivering.check(
        payments=payments(
            payment("70014", month="2026-12"),
            payment("70014", month="2026-12", holder_no="1"),
            payment("70014", month="2026-12", holder_no="2"),
            payment("70014", month="2026-09"),
        )
    )
    assert delivering.codes(outcome) == [
        ("statement_not_certain", 2, "お客様番号"),
        ("statement_not_certain", 5, "お客様番号"),
    ]
    both = [payment("70014", month="2026-12", holder_no=number) for number in ("1", "2")]
    delivering.publish(payments=payments(*both))
    assert [row[0] for row in stored(delivering)][3:] == ["70014", "70014-2"]


def test_a_statement_that_nobody_has_is_an_error_and_with_its_holder_a_warning(
    delivering: Delivering,
) -> None:
    outcome = delivering.check(payments=payments(payment("70012", month="2025-10"), payment("70099")))
    assert delivering.codes(outcome) == [
        ("statement_not_certain", 2, "お客様番号"),
        ("unknown_customer", 3, "お客様番号"),
    ]
    assert stored(delivering) == []
    (batch,) = delivering.publish(payments=payments(payment("70012", month="2025-10", holder_no="1")))
    (warning,) = delivering.errors(batch)
    assert (warning.code, warning.warning) == ("unknown_statement", True)
    assert stored(delivering) == [("70012", 202510, 1, "paid", None, None, None)]
    wrong = delivering.check(payments=payments(payment("70012", holder_no="2")))
    assert delivering.codes(wrong) == [("unknown_holder", 2, "名義番号")]


def test_what_stays_hidden_is_nobody_s_to_pay(delivering: Delivering) -> None:
    delivering.publish(
        customers=customers(customer("70014", "1", "2026-11-01")), charges=charges(charge("70014"))
    )
    outcome = delivering.check(payments=payments(payment("70014")))
    assert delivering.codes(outcome) == [("statement_not_certain", 2, "お客様番号")]


def test_payments_are_checked_against_the_charges_of_the_same_delivery(delivering: Delivering) -> None:
    batches = delivering.publish(
        payments=payments(payment("70014", holder_no=""), payment("70012", month="2026-11")),
        charges=charges(charge("70012", month="2026-11"), charge("70014"), charge("70013", month="2026-11")),
        customers=customers(customer("70014")),
    )
    assert [batch.kind.value for batch in batches] == ["customers", "charges", "payments"]
    assert [row[:2] for row in stored(delivering)] == [("70012", 202611), ("70014", 202610)]
    assert not batches[2].warnings


def test_two_rows_of_one_statement_are_an_error_wherever_they_stand(delivering: Delivering) -> None:
    rows = [payment("70012"), payment("70013"), payment("0070012", "未確認"), payment("70012", holder_no="1")]
    outcome = delivering.check(payments=payments(*rows))
    assert delivering.codes(outcome) == [
        ("payment_twice", 4, "お客様番号"),
        ("payment_twice", 5, "お客様番号"),
    ]
    (error, _) = delivering.errors(outcome.batches[0])
    assert error.facts == {"row": "2"}


def test_an_absent_column_never_erases_and_an_empty_cell_does(delivering: Delivering) -> None:
    delivering.publish(
        payments=payments(
            payment("70012", "一部入金", paid_on="2026-11-05", amount="300"),
            payment("70013", "振替不能", retry_on="2026-11-10"),
        )
    )
    least = ("お客様番号", "請求年月", "支払状態", "入金日")
    delivering.publish(
        payments=payments(["70012", "2026-10", "支払済", ""], ["70013", "2026-10", "支払済", "2026-11-10"], headings=least)
    )  # fmt: skip
    assert stored(delivering)[2:] == [
        ("70012", 202610, 1, "paid", None, 300, None),
        ("70013", 202610, 1, "paid", "2026-11-10", None, "2026-11-10"),
    ]


def test_rows_in_any_order_and_many_of_them_mean_the_same(delivering: Delivering) -> None:
    numbers = [str(number) for number in range(71000, 72200)]
    delivering.publish(
        customers=customers(*(customer(number) for number in numbers)),
        charges=charges(*(charge(number) for number in numbers)),
    )
    (batch,) = delivering.publish(
        payments=payments(*(payment(numbers[place * 7 % 1200]) for place in range(1200)))
    )
    assert (batch.counts["statements"], batch.counts["customers"]) == (1200, 1200)
    assert delivering.rows("SELECT count(DISTINCT customer_key) FROM payment") == [(1200,)]


def test_a_number_of_several_bills_a_month(delivering: Delivering) -> None:
    delivering.publish(charges=charges([*charge("70012"), "7"], headings=(*CHARGE_HEADINGS, "請求番号")))
    headings = (*PAYMENT_HEADINGS, "請求番号")
    delivering.publish(payments=payments([*payment("70012", "未確認"), "7"], headings=headings))
    assert [row[:4] for row in stored(delivering)] == [("70012", 202610, 7, "unconfirmed")]


def test_every_state_in_both_languages(delivering: Delivering) -> None:
    words = {
        "請求済": "billed",
        "支払済": "paid",
        "一部入金": "partly_paid",
        "未確認": "unconfirmed",
        "振替不能": "failed",
        "返金済": "refunded",
    }
    for word, state in words.items():
        for written in (word, state, state.upper()):
            delivering.publish(payments=payments(payment("70012", written)).decode().encode("cp932"))
            assert stored(delivering)[-1][3] == state
    wrong = delivering.check(payments=payments(payment("70012", "入金")))
    assert delivering.codes(wrong) == [("unknown_word", 2, "支払状態")]


def test_a_refused_file_leaves_nothing(delivering: Delivering) -> None:
    outcome = delivering.check(payments=payments(payment("70012"), payment("70013", "払った")))
    assert outcome.batches[0].state is State.REFUSED
    assert outcome.batches[0].counts["can_leave_out"] is True
    assert stored(delivering) == []
