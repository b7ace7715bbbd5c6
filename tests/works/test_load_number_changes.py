"""Loading number_changes.csv: who carries, what is an error, and that it needs a second person; with files as bytes."""

from pathlib import Path

import pytest

from mypage.domain.batch import State
from mypage.services import trail
from mypage.services.batch_requests import Asked, Done, Overtaken
from mypage.services.publication import Refusal, Refused
from mypage.store.engine import Database
from mypage.works.load.delivery import HandedFile
from tests.delivering import (
    CHARGE_HEADINGS,
    CUSTOMER_HEADINGS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    payment,
    payments,
    second,
    table,
)


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with some customers who are all the same person to the master."""
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(*(customer(number) for number in ("70012", "70013", "80012"))))
    return operator


def someone(number: str, kana: str, phone: str, holder_no: str = "", since: str = "") -> list[str]:
    """Another person's row of a customers file."""
    return [number, holder_no, since, "別　人", kana, phone, "契約中"]


def steps(delivering: Delivering) -> list[tuple[object, ...]]:
    """All rows of successions."""
    columns = "customer_key, other_key, kind, changed_on"
    rows = delivering.rows(f"SELECT {columns} FROM succession ORDER BY 1, 2")  # noqa: S608
    return [(*row[:3], row[3] and str(row[3])) for row in rows]


def test_a_change_is_kept_under_both_numbers_and_needs_a_second_person(delivering: Delivering) -> None:
    (batch,) = delivering.check(changes=number_changes(number_change("0070012", "80012"))).batches
    assert steps(delivering) == [
        ("70012", "80012", "renumbered", "2026-11-01"),
        ("80012", "70012", "carried_from", "2026-11-01"),
    ]
    assert (batch.state, batch.counts["lines"], batch.counts["carried"]) == (State.CHECKED, 1, 1)
    refused = Refused(Refusal.SECOND_PERSON, batch.id, State.CHECKED)
    assert delivering.flip(batch) == refused
    asked = delivering.ask(batch)
    assert isinstance(asked, Asked)
    assert delivering.flip(batch) == refused
    done = delivering.decide(asked.requests[0].id)
    assert isinstance(done, Done)
    assert [each.state for each in done.batches] == [State.PUBLISHED]
    assert delivering.ask(batch) == Refused(Refusal.STATE, batch.id, State.PUBLISHED)
    actions = delivering.rows("SELECT action, actor FROM audit_event ORDER BY seq DESC LIMIT 3")
    by = second(delivering.database).actor
    assert actions == [("batch.published", by), ("batch.approved", by), ("request.approved", by)]
    with delivering.database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_an_approval_is_for_what_was_checked_and_ends_with_a_new_check(delivering: Delivering) -> None:
    files = delivering.files(changes=number_changes(number_change("70012", "80012")))
    (batch,) = delivering.hand(*files).batches
    asked = delivering.ask(batch)
    assert isinstance(asked, Asked)
    delivering.publish(customers=customers(customer("70014")))
    assert delivering.decide(asked.requests[0].id) == Overtaken("batch_published_since_asked")
    assert delivering.ask(batch) == Refused(Refusal.CHECK_AGAIN, batch.id, State.CHECKED)
    (again,) = delivering.hand(*files).batches
    assert (again.id, again.state) == (batch.id, State.CHECKED)
    assert delivering.flip(again) == Refused(Refusal.SECOND_PERSON, batch.id, State.CHECKED)


def test_a_delivery_with_such_a_file_waits_as_a_whole_and_is_approved_as_one(delivering: Delivering) -> None:
    outcome = delivering.check(
        changes=number_changes(number_change("70012", "90012")), customers=customers(customer("90012"))
    )
    assert [batch.kind.value for batch in outcome.batches] == ["customers", "number_changes"]
    assert delivering.flip(outcome.batches[0]) == Refused(
        Refusal.SECOND_PERSON, outcome.batches[1].id, State.CHECKED
    )
    published = delivering.approve(outcome.batches[0])
    assert isinstance(published, Done)
    assert [batch.pub_seq for batch in published.batches] == [2, 3]


def test_it_carries_only_where_the_kana_meet_and_a_phone_is_shared(delivering: Delivering) -> None:
    delivering.publish(
        customers=customers(
            someone("80013", "ベツ　ジン", "0748-62-1234"),
            someone("80014", "アイコム　タロウ", "0748-62-9999"),
            someone("80015", "アイコム　タロウ", ""),
            someone("80016", "愛込　太郎", "0748-62-1234"),
            someone("80017", "タロウ　アイコム", "+81 748-62-1234"),
        )
    )
    rows = [
        number_change("70012", number, kind)
        for number in ("80013", "80014", "80015", "80016")
        for kind in ("変更", "統合")
    ]
    for row in rows:
        outcome = delivering.check(changes=number_changes(row))
        assert delivering.codes(outcome) == [("not_the_same_person", 2, "新お客様番号")], row
    assert steps(delivering) == []
    assert delivering.check(changes=number_changes(number_change("70012", "80017"))).is_well


def test_the_kinds_are_written_in_both_languages(delivering: Delivering) -> None:
    kinds = {"変更": "renumbered", "統合": "merged", "分割": "split", "承継": "inherited"}
    for word, kind in kinds.items():
        for written in (word, kind, kind.capitalize()):
            (batch,) = delivering.publish(
                changes=number_changes(number_change("70012", "80012", written)).decode().encode("cp932")
            )
            query = f"SELECT kind FROM succession WHERE batch_id = {batch.id} AND customer_key = '70012'"  # noqa: S608
            assert delivering.rows(query) == [(kind,)]
            delivering.take_back(batch)
    wrong = delivering.check(changes=number_changes(number_change("70012", "80012", "移転")))
    assert delivering.codes(wrong) == [("unknown_word", 2, "区分")]


def test_a_second_reading_and_a_second_phone_identify_as_well(delivering: Delivering) -> None:
    headings = (*CUSTOMER_HEADINGS, "契約者名カナ2", "電話番号2")
    delivering.publish(
        customers=table(
            headings,
            [*someone("80018", "コンイン　タロウ", "090-1111-2222"), "アイコム　タロウ", "0748621234"],
        )
    )
    assert delivering.check(changes=number_changes(number_change("70012", "80018"))).is_well


def test_what_is_split_or_inherited_carries_nothing_whoever_they_are(delivering: Delivering) -> None:
    delivering.publish(customers=customers(someone("80013", "ベツ　ジン", "0748-62-9999")))
    (batch,) = delivering.publish(
        changes=number_changes(
            number_change("70012", "80012", "分割"),
            number_change("70012", "80013", "分割"),
            number_change("70013", "80013", "承継"),
        )
    )
    assert [step[:3] for step in steps(delivering)] == [
        ("70012", "80012", "split"),
        ("70012", "80013", "split"),
        ("70013", "80013", "inherited"),
    ]
    assert (batch.counts["lines"], batch.counts["carried"]) == (3, 0)


def test_what_cannot_be_is_an_error_with_its_row(delivering: Delivering) -> None:
    outcome = delivering.check(
        changes=number_changes(
            number_change("70099", "80012"),
            number_change("70012", "80099"),
            number_change("70013", "80012"),
            number_change("70013", "80012"),
            number_change("70013", "70012"),
        )
    )
    assert delivering.codes(outcome) == [
        ("unknown_customer", 2, "旧お客様番号"),
        ("unknown_customer", 3, "新お客様番号"),
        ("number_change_twice", 5, "新お客様番号"),
        ("number_goes_on_twice", 6, "旧お客様番号"),
    ]
    assert [error.facts for error in delivering.errors(outcome.batches[0])][2:] == [
        {"row": "4"},
        {"row": "4"},
    ]
    circular = delivering.check(
        changes=number_changes(number_change("70013", "70012"), number_change("70012", "70013", "統合"))
    )
    assert delivering.codes(circular) == [
        ("number_change_circular", 2, "旧お客様番号"),
        ("number_change_circular", 3, "旧お客様番号"),
    ]
    # The other way round nothing goes on, but what goes to whom?
    circular = delivering.check(
        changes=number_changes(number_change("70013", "70012", "分割"), number_change("70012", "70013"))
    )
    assert delivering.codes(circular) == [("number_change_circular", 2, "旧お客様番号")]
    both = delivering.check(
        changes=number_changes(number_change("70013", "70012", "分割"), number_change("70013", "80012"))
    )
    assert delivering.codes(both) == [("number_goes_on_twice", 3, "旧お客様番号")]


def test_rows_that_lead_in_a_circle_are_told_each(delivering: Delivering) -> None:
    numbers = ("10001", "80001", "70101", "9", "90002")
    delivering.publish(customers=customers(*map(customer, numbers)))
    outcome = delivering.check(
        changes=number_changes(
            number_change("90002", "9"),  # leads into it, and is no part of it
            number_change("10001", "80001"),
            number_change("80001", "70101", "統合"),
            number_change("70101", "9"),
            number_change("9", "10001"),
        )
    )
    assert delivering.codes(outcome) == [
        ("number_change_circular", row, "旧お客様番号") for row in (3, 4, 5, 6)
    ]
    told = delivering.errors(outcome.batches[0])
    assert [error.customer_number for error in told] == ["10001", "80001", "70101", "9"]
    assert not outcome.is_well
    # What carries nothing closes no circle.
    assert delivering.check(
        changes=number_changes(
            number_change("10001", "80001"),
            number_change("80001", "70101", "統合"),
            number_change("70101", "10001", "承継"),
        )
    ).is_well


def test_it_is_the_newest_holder_s_number_that_changes(delivering: Delivering) -> None:
    delivering.publish(
        customers=customers(
            someone("70014", "マエ　ノヒト", "0748-62-8888"),
            customer("70014", "2", "2026-10-05"),
            someone("80014", "マエ　ノヒト", "0748-62-8888"),
            customer("80014", "2", "2026-10-05"),
        )
    )
    delivering.publish(changes=number_changes(number_change("70014", "80014")))
    assert [step[:3] for step in steps(delivering)] == [
        ("70014-2", "80014-2", "renumbered"),
        ("80014-2", "70014-2", "carried_from"),
    ]


def test_a_snapshot_that_no_longer_names_the_old_number_goes_with_its_change(delivering: Delivering) -> None:
    handed = delivering.files(
        customers=customers(*(customer(number) for number in ("70013", "80012", "90012")))
    )
    changes = delivering.files(changes=number_changes(number_change("70012", "90012")))
    snapshot = HandedFile(handed[0].path, snapshot=True, confirmed=True)
    outcome = delivering.hand(snapshot, *changes)
    assert outcome.is_well, delivering.codes(outcome)
    assert [step[2] for step in steps(delivering)] == ["renumbered", "carried_from"]


def test_a_correction_and_a_withdrawal_under_the_new_number_find_the_old_bill(delivering: Delivering) -> None:
    headings = (*CHARGE_HEADINGS, "処理区分", "お支払期日")
    delivering.publish(
        charges=charges([*charge("70012"), "", "2026-10-27"], [*charge("70012", month="2026-09"), "", ""], headings=headings)
    )  # fmt: skip
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    (batch,) = delivering.publish(
        charges=charges(
            [*charge("80012", amount="600", total="600"), ""],
            [*charge("80012", month="2026-09"), "取消"],
            [*charge("80012", month="2026-11"), ""],
            headings=headings[:-1],
        )
    )
    assert delivering.seen() == {("70012", 202610, 1): 600, ("80012", 202611, 1): 500}
    assert batch.counts["customers"] == 2
    due = f"SELECT due_on FROM statement WHERE batch_id = {batch.id} AND billing_month = 202610"  # noqa: S608
    assert [str(row[0]) for row in delivering.rows(due)] == ["2026-10-27"], "an absent column never erases"
    twice = delivering.check(charges=charges(charge("80012"), charge("70012")))
    assert delivering.codes(twice) == [("under_two_numbers", 2, "お客様番号")]
    delivering.take_back(batch)
    assert delivering.seen() == {("70012", 202609, 1): 500, ("70012", 202610, 1): 500}


def test_a_correction_of_which_nobody_knows_whose_is_an_error(delivering: Delivering) -> None:
    delivering.publish(charges=charges(charge("70012"), charge("70013")))
    delivering.publish(
        changes=number_changes(
            number_change("70012", "80012", "統合"), number_change("70013", "80012", "統合")
        )
    )
    outcome = delivering.check(charges=charges(charge("80012"), charge("80012", month="2026-11")))
    assert delivering.codes(outcome) == [("statement_of_several", 2, "お客様番号")]
    (batch,) = delivering.publish(
        without_errors=True, charges=charges(charge("80012"), charge("80012", month="2026-11"))
    )
    assert delivering.left_out(batch) == [(2, "80012", 202610, 1, "statement_of_several")]
    for holder_no in ("", "1"):
        paid = delivering.check(payments=payments(payment("80012", holder_no=holder_no)))
        assert delivering.codes(paid) == [("statement_not_certain", 2, "お客様番号")]


def test_a_payment_under_the_new_number_finds_the_old_bill_also_in_one_delivery(
    delivering: Delivering,
) -> None:
    delivering.publish(charges=charges(charge("70012"), charge("70013")))
    batches = delivering.publish(
        payments=payments(payment("80012"), payment("80012", month="2026-11")),
        charges=charges(charge("80012", month="2026-11")),
        changes=number_changes(number_change("70012", "80012")),
    )
    assert [batch.kind.value for batch in batches] == ["number_changes", "charges", "payments"]
    keys = "SELECT customer_key, billing_month FROM payment ORDER BY 2"
    assert delivering.rows(keys) == [("70012", 202610), ("80012", 202611)]
    delivering.publish(payments=payments(payment("80012", "返金済")))
    twice = delivering.check(payments=payments(payment("80012"), payment("70012")))
    assert delivering.codes(twice) == [("under_two_numbers", 2, "お客様番号")]
