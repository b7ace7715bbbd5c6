"""Loading billing files: what is stored, what is told, and what is seen, with files as bytes on both databases."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from mypage.domain import statement
from mypage.domain.batch import Kind, State
from mypage.domain.row_error import RowError
from mypage.services.publication import Published, Refusal, Refused
from mypage.store.engine import Database
from mypage.works.load.delivery import HandedFile, check_again
from mypage.works.load.report import Report
from mypage.works.load.spool import Spool
from tests.delivering import (
    CHARGE_HEADINGS,
    CONTRACT_HEADINGS,
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
    table,
)
from tests.keeping import a_keeper
from tests.open_files import none_left_open

TWO = customers(customer("70012"), customer("0070013"))


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with an empty database."""
    return Delivering(database, tmp_path)


def test_nothing_is_seen_before_the_flip_and_all_of_it_after(delivering: Delivering) -> None:
    outcome = delivering.check(
        customers=TWO, charges=charges(charge("70012"), charge("70013", total="501", amount="501"))
    )
    assert [batch.state for batch in outcome.batches] == [State.CHECKED, State.CHECKED]
    assert delivering.rows("SELECT count(*) FROM statement") == [(2,)]
    assert delivering.seen() == {}
    delivering.flip(*outcome.batches)
    assert delivering.seen() == {("70012", 202610, 1): 500, ("70013", 202610, 1): 501}


def test_a_delivery_is_published_together_even_if_one_of_it_is_named(delivering: Delivering) -> None:
    outcome = delivering.check(customers=TWO, charges=charges(charge("70012")))
    published = delivering.flip(outcome.batches[1])
    assert isinstance(published, Published)
    assert [batch.kind for batch in published.batches] == [Kind.CUSTOMERS, Kind.CHARGES]
    assert [batch.pub_seq for batch in published.batches] == [1, 2]


def test_a_delivery_with_one_wrong_row_leaves_nothing_staged(delivering: Delivering) -> None:
    outcome = delivering.check(customers=TWO, charges=charges(charge("70012"), charge("70099")))
    assert [batch.state for batch in outcome.batches] == [State.REFUSED, State.REFUSED]
    assert not outcome.is_well
    assert delivering.codes(outcome) == [("unknown_customer", 3, "お客様番号")]
    for name in ("statement", "customer_version", "contract_set"):
        assert delivering.rows(f"SELECT count(*) FROM {name}") == [(0,)]  # noqa: S608 - three names
    refused = delivering.flip(*outcome.batches)
    assert refused == Refused(Refusal.STATE, outcome.batches[0].id, State.REFUSED)


def test_no_file_of_a_delivery_stays_open(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "handed over"
    folder.mkdir()
    delivering = Delivering(database, folder)
    many = [str(number) for number in range(70012, 70012 + 3_000)]
    of_all: dict[str, Any] = {
        "customers": customers(*map(customer, many)),
        "contracts": table(CONTRACT_HEADINGS, ["70013", "1", "ネット", "光1ギガ", "利用中"]),
        "charges": charges(charge("70012"), charge("70013")),
        "payments": payments(payment("70012")),
        "changes": number_changes(number_change("70012", "70014", "分割")),
    }
    with none_left_open(folder):
        assert delivering.check(**of_all).is_well
    with none_left_open(folder):
        assert not delivering.check(charges=charges(charge("1")), payments=payments(payment("70013"))).is_well
    with none_left_open(folder):
        assert delivering.check(nothing=b"", strange=b"a,b\n1,2\n" * 100_000).refused_files


def test_what_was_staged_goes_when_a_later_check_refuses(delivering: Delivering, tmp_path: Path) -> None:
    delivering.publish(customers=customers(customer("70012")))
    first = delivering.check(charges=charges(charge("70012")))
    path = Path(first.batches[0].source)
    assert delivering.rows("SELECT count(*) FROM statement") == [(1,)]
    wrong = delivering.files(charges=charges(charge("70099")))
    outcome = delivering.hand(HandedFile(path), *wrong)
    assert [batch.state for batch in outcome.batches] == [State.REFUSED, State.REFUSED]
    assert delivering.rows("SELECT count(*) FROM statement") == [(0,)]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_same_file_again_does_nothing_while_it_is_in_force(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    files = delivering.files(charges=charges(charge("70012")))
    first = delivering.hand(*files)
    delivering.flip(*first.batches)
    before = delivering.rows("SELECT * FROM batch"), delivering.rows("SELECT epoch FROM publication")
    again = delivering.hand(*files)
    assert again.is_well
    assert again.batches == ()
    assert [batch.id for batch in again.in_force] == [first.batches[0].id]
    assert (
        delivering.rows("SELECT * FROM batch"),
        delivering.rows("SELECT epoch FROM publication"),
    ) == before


def test_checked_files_are_not_checked_again(delivering: Delivering) -> None:
    files = delivering.files(customers=TWO, charges=charges(charge("70012")))
    first = delivering.hand(*files)
    again = delivering.hand(*files)
    assert [(each.id, each.checked_at) for each in again.batches] == [
        (each.id, each.checked_at) for each in first.batches
    ]


def test_a_file_checked_alone_no_longer_stands_with_its_old_delivery(delivering: Delivering) -> None:
    files = delivering.files(customers=TWO, charges=charges(charge("70012")))
    first = delivering.hand(*files)
    delivering.hand(files[0])
    # The charges were checked against customers that now go their own way.
    assert delivering.flip(first.batches[1]) == Refused(
        Refusal.CHECK_AGAIN, first.batches[1].id, State.CHECKED
    )


def test_a_then_b_then_a_shows_a_again(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    a, b = charges(charge("70012")), charges(charge("70012", amount="700", total="700"))
    delivering.publish(a=a)
    delivering.publish(b=b)
    assert delivering.seen() == {("70012", 202610, 1): 700}
    delivering.publish(a=a)
    assert delivering.seen() == {("70012", 202610, 1): 500}


def test_batches_are_taken_back_in_any_order(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    (first,) = delivering.publish(a=charges(charge("70012"), charge("70013")))
    (second,) = delivering.publish(b=charges(charge("70012", amount="700", total="700")))
    delivering.take_back(first)
    assert delivering.seen() == {("70012", 202610, 1): 700}
    delivering.take_back(second)
    assert delivering.seen() == {}
    assert delivering.take_back(second) == Refused(Refusal.NOT_PUBLISHED, second.id, State.TAKEN_BACK)


def test_a_batch_taken_back_is_published_again_as_the_newest(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    files = delivering.files(a=charges(charge("70012")))
    first = delivering.hand(*files).batches[0]
    delivering.flip(first)
    delivering.take_back(first)
    delivering.publish(b=charges(charge("70012", amount="700", total="700")))
    again = delivering.hand(*files).batches[0]
    assert again.id == first.id
    delivering.flip(again)
    assert delivering.seen() == {("70012", 202610, 1): 500}


def test_a_check_from_before_another_publication_runs_again(delivering: Delivering) -> None:
    delivering.publish(customers=customers(customer("70012")))
    waiting = delivering.check(charges=charges(charge("70012"))).batches[0]
    delivering.publish(customers=customers(customer("70014")))
    assert delivering.flip(waiting) == Refused(Refusal.CHECK_AGAIN, waiting.id, State.CHECKED)
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
    assert again.batches[0].id == waiting.id
    assert isinstance(delivering.flip(*again.batches), Published)
    assert delivering.seen() == {("70012", 202610, 1): 500}


@pytest.mark.parametrize("deed", ["change", "remove"])
def test_a_file_that_changed_since_is_not_checked_again_under_its_name(
    delivering: Delivering, deed: str
) -> None:
    waiting = delivering.check(customers=TWO).batches[0]
    path = Path(waiting.source)
    path.write_bytes(b"else") if deed == "change" else path.unlink()
    again = check_again(
        delivering.database,
        [waiting],
        keeper=a_keeper(delivering.database),
        rules=delivering.rules,
        scratch=None,
        actor="cli",
        clock=delivering.now,
    )
    assert [refused.error.code for refused in again.refused_files] == [
        "file_changed" if deed == "change" else "file_not_found"
    ]


def test_publishing_writes_as_few_rows_for_many_statements_as_for_few(delivering: Delivering) -> None:
    def flipped(month: str, statements: int) -> list[str]:
        rows = [charge(str(70000 + place), month=month) for place in range(statements)]
        batch = delivering.check(charges=charges(*rows)).batches[0]
        assert batch.counts["statements"] == statements
        written: list[str] = []

        def note(_c: object, cursor: object, text: str, *_rest: object) -> None:
            if text.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                written.append(f"{text.split()[0]} {max(getattr(cursor, 'rowcount', 0), 1)}")

        event.listen(delivering.database.engine, "after_cursor_execute", note)
        assert isinstance(delivering.flip(batch), Published)
        event.remove(delivering.database.engine, "after_cursor_execute", note)
        return written

    delivering.publish(customers=customers(*(customer(str(70000 + place)) for place in range(10_000))))
    few, many = flipped("2026-10", 10), flipped("2026-11", 10_000)
    assert few == many
    # The publication, the batch, what is to be told of it, the trail.
    assert few == ["UPDATE 1", "UPDATE 1", "INSERT 1", "INSERT 1"]
    assert len(delivering.seen()) == 10_010


def test_two_batches_of_the_trail_and_the_flip_in_one_transaction(delivering: Delivering) -> None:
    delivering.publish(customers=TWO, charges=charges(charge("70012")))
    actions = [row[0] for row in delivering.rows("SELECT action FROM audit_event ORDER BY seq")]
    assert actions == ["batch.received"] * 2 + ["batch.checked"] * 2 + ["batch.published"] * 2


# -- what a charges file means ----------------------------------------------------------------------------------


def test_rows_in_any_order_make_the_same_statements(delivering: Delivering) -> None:
    delivering.publish(customers=customers(*(customer(str(70000 + place)) for place in range(40))))
    rows = [
        charge(str(70000 + place), line=str(number), amount=str(100 * number), total="600")
        for place in range(40)
        for number in (1, 2, 3)
    ]
    delivering.publish(charges=charges(*rows))
    in_order = delivering.rows("SELECT customer_key, total, document FROM statement ORDER BY customer_key")
    delivering.publish(charges=charges(*(rows[place * 37 % 120] for place in range(120))))
    newest = delivering.rows(
        "SELECT customer_key, total, document FROM statement WHERE batch_id = (SELECT max(id) FROM batch)"
        " ORDER BY customer_key"
    )
    assert newest == in_order
    assert len(newest) == 40
    assert [line.number for line in statement.read(str(newest[0][2])).lines] == [1, 2, 3]


def test_a_line_number_twice_is_an_error_wherever_it_stands(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    outcome = delivering.check(
        charges=charges(
            charge("70012", line="1", total="1000"),
            charge("70013"),
            charge("0070012", line="1", total="1000"),
        )
    )
    assert delivering.codes(outcome) == [("line_number_repeated", 2, "明細番号")]


def test_a_total_that_differs_is_told_once_for_the_statement(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    outcome = delivering.check(
        charges=charges(charge("70012", line="1", total="1001"), charge("70012", line="2", total="1001"))
    )
    (error,) = delivering.errors(outcome.batches[0])
    assert (error.code, error.row, error.column) == ("total_differs", 2, "請求金額合計")
    assert error.facts == {"sum": "1000", "total": "1001", "difference": "-1"}


def test_a_wrong_cell_is_told_without_the_total_that_follows_from_it(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    outcome = delivering.check(
        charges=charges(
            charge("70012", line="1", total="1000"),
            charge("70012", line="2", amount="五百", total="1000"),
            charge("70013", line="x", amount="", total="#N/A"),
        )
    )
    assert delivering.codes(outcome) == [
        ("not_a_number", 3, "金額"),
        ("excel_error", 4, "請求金額合計"),
        ("empty", 4, "金額"),
        ("not_a_count", 4, "明細番号"),
    ]


def test_what_must_stand_alike_on_all_rows_of_a_statement(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    headings = (*CHARGE_HEADINGS, "お支払期日", "処理区分", "消費税8%")
    outcome = delivering.check(
        charges=charges(
            [*charge("70012", "1", total="1000"), "2026-10-27", "", ""],
            [*charge("70012", "2", total="1000"), "2026-10-28", "", ""],
            [*charge("70013", "1", total="1000"), "", "", ""],
            [*charge("70013", "2", total="1000"), "", "取消", ""],
            headings=headings,
        )
    )
    assert delivering.codes(outcome) == [
        ("differs_in_statement", 3, "お支払期日"),
        ("differs_in_statement", 5, "処理区分"),
    ]


def test_withdrawing_needs_the_key_only(delivering: Delivering) -> None:
    delivering.publish(customers=TWO, charges=charges(charge("70012"), charge("70013")))
    headings = (*CHARGE_HEADINGS, "処理区分")
    (batch,) = delivering.publish(
        charges=charges(["70012", "2026-10", "", "", "", "", "", "取消"], headings=headings)
    )
    assert delivering.seen() == {("70013", 202610, 1): 500}
    assert batch.counts["withdrawn"] == 1
    delivering.take_back(batch)
    assert len(delivering.seen()) == 2


def test_a_withdrawal_finds_the_holder_who_has_the_statement(delivering: Delivering) -> None:
    headings = (*CHARGE_HEADINGS, "名義番号", "処理区分")
    delivering.publish(
        customers=customers(customer("70012", "1", "2019-04-01"), customer("70012", "2", "2026-10-05")),
        charges=charges(
            [*charge("70012"), "1", ""], [*charge("70012", month="2026-11"), "2", ""], headings=headings
        ),
    )
    withdrawals = [
        ["70012", month, "", "", "", "", "", "", "取消"] for month in ("2026-10", "2026-11", "2026-12")
    ]
    (batch,) = delivering.publish(charges=charges(*withdrawals, headings=headings))
    assert delivering.seen() == {}
    assert batch.counts["customers"] == 2
    withdrawn = f"SELECT customer_key, billing_month FROM statement WHERE batch_id = {batch.id} ORDER BY 2"  # noqa: S608
    # Nobody has one of December: by its month it would be the second holder's.
    assert delivering.rows(withdrawn) == [("70012", 202610), ("70012-2", 202611), ("70012-2", 202612)]


def test_a_correction_without_a_column_keeps_what_is_seen_of_it(delivering: Delivering) -> None:
    headings = (*CHARGE_HEADINGS, "お支払方法", "お支払期日", "支払状態")
    delivering.publish(
        customers=customers(customer("70012"), customer("70013"), customer("70014")),
        charges=charges(
            [*charge("70012"), "口座振替", "2026-10-27", "支払済"],
            [*charge("70013"), "", "", ""],
            headings=headings,
        ),
    )
    correction = charges(
        [*charge("70012", amount="600", total="600"), "クレジットカード"],
        [*charge("70012", month="2026-11"), ""],
        [*charge("70013", amount="600", total="600"), ""],
        [*charge("70014", amount="600", total="600"), "請求書"],
        headings=(*CHARGE_HEADINGS, "お支払方法"),
    )
    (batch,) = delivering.publish(charges=correction)
    columns = "customer_key, billing_month, payment_method, due_on, payment_state"
    rows = delivering.rows(f"SELECT {columns} FROM statement WHERE batch_id = {batch.id} ORDER BY 1, 2")  # noqa: S608
    assert [(*row[:3], row[3] and str(row[3]), row[4]) for row in rows] == [
        ("70012", 202610, "クレジットカード", "2026-10-27", "paid"),
        ("70012", 202611, None, None, None),
        ("70013", 202610, None, None, None),
        ("70014", 202610, "請求書", None, None),
    ]


def test_several_bills_a_month_have_their_own_numbers(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    headings = (*CHARGE_HEADINGS, "請求番号")
    delivering.publish(
        charges=charges(
            [*charge("70012"), ""],
            [*charge("70012", amount="300", total="300"), "202610001234"],
            headings=headings,
        )
    )
    assert delivering.seen() == {("70012", 202610, 1): 500, ("70012", 202610, 202610001234): 300}


def test_charges_go_to_the_holder_at_the_end_of_their_usage_month(delivering: Delivering) -> None:
    headings = (*CHARGE_HEADINGS, "ご利用月", "名義番号")
    delivering.publish(
        customers=customers(
            customer("70012", "1", "2019-04-01"),
            customer("70012", "2", "2026-09-15"),
            customer("70013", "1", "2026-09-01"),
        )
    )
    (batch,) = delivering.publish(
        charges=charges(
            [*charge("70012", month="2026-09"), "2026-08", ""],
            [*charge("70012", month="2026-10"), "2026-09", ""],
            [*charge("70012", month="2026-11"), "2026-09", "1"],
            [*charge("70013", month="2026-09"), "2026-08", ""],
            headings=headings,
        )
    )
    assert delivering.seen() == {
        ("70012", 202609, 1): 500,
        ("70012-2", 202610, 1): 500,
        ("70012", 202611, 1): 500,
    }
    assert [(each.code, each.row, each.warning) for each in delivering.errors(batch)] == [
        ("holder_not_certain", 5, True)
    ]
    assert (batch.counts["hidden"], batch.counts["customers"]) == (1, 3)
    assert delivering.rows("SELECT customer_key FROM statement WHERE hidden") == [("70013",)]


def test_a_holder_who_is_not_in_the_master_is_an_error(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    outcome = delivering.check(
        charges=charges([*charge("70012"), "2"], headings=(*CHARGE_HEADINGS, "名義番号")),
    )
    assert delivering.codes(outcome) == [("unknown_holder", 2, "名義番号")]


def test_charges_are_checked_against_the_customers_of_the_same_delivery_in_order(
    delivering: Delivering,
) -> None:
    delivering.publish(customers=customers(*(customer(str(number)) for number in (5, 70, 700))))
    outcome = delivering.check(
        charges=charges(*(charge(str(number)) for number in (5, 6, 70, 71, 700, 9))),
        customers=customers(*(customer(str(number)) for number in (6, 71, 700))),
    )
    assert delivering.codes(outcome) == [("unknown_customer", 7, "お客様番号")]


def test_two_charges_files_of_a_delivery_correct_one_another_in_their_order(delivering: Delivering) -> None:
    delivering.publish(
        customers=TWO,
        first=charges(charge("70012")),
        second=charges(charge("70012", amount="600", total="600")),
    )
    assert delivering.seen() == {("70012", 202610, 1): 600}


# -- what a customers file means --------------------------------------------------------------------------------


def test_only_changed_customers_are_stored(delivering: Delivering) -> None:
    delivering.publish(customers=TWO)
    (batch,) = delivering.publish(
        customers=customers(customer("70012"), customer("0070013", name="愛込　花子"), customer("70014"))
    )
    counts = {name: batch.counts[name] for name in ("customers", "new", "changed", "unchanged", "ended")}
    assert counts == {"customers": 3, "new": 1, "changed": 1, "unchanged": 1, "ended": 0}
    stored = f"SELECT customer_key, name FROM customer_version WHERE batch_id = {batch.id} ORDER BY 1"  # noqa: S608
    assert delivering.rows(stored) == [("70013", "愛込　花子"), ("70014", "愛込　太郎")]


def test_an_absent_column_never_erases_and_an_empty_cell_does(delivering: Delivering) -> None:
    headings = (*CUSTOMER_HEADINGS, "住所", "Web登録")
    delivering.publish(
        customers=table(
            headings,
            [*customer("70012"), "朝凪県澄野市\n川端1丁目", "不可"],
            [*customer("70013"), "朝凪県", "可"],
        )
    )
    delivering.publish(
        customers=table(
            (*CUSTOMER_HEADINGS, "住所"),
            [*customer("70012", name="改姓　太郎"), "朝凪県澄野市\n川端1丁目"],
            [*customer("70013"), ""],
        )
    )
    newest = "SELECT address, web_registration FROM customer_version ORDER BY customer_key, batch_id"
    rows = [(address, bool(web)) for address, web in delivering.rows(newest)]
    address = "朝凪県澄野市 川端1丁目"
    assert rows == [(address, False), (address, False), ("朝凪県", True), (None, True)]


def test_a_snapshot_ends_whom_it_does_not_name_by_a_tombstone(delivering: Delivering) -> None:
    delivering.publish(customers=customers(*(customer(str(number)) for number in range(100, 140))))
    files = delivering.files(customers=customers(*(customer(str(number)) for number in range(101, 141))))
    outcome = delivering.hand(HandedFile(files[0].path, snapshot=True))
    assert outcome.batches[0].counts["ended"] == 1
    delivering.flip(*outcome.batches)
    ended = delivering.rows("SELECT customer_key, status, ended_on FROM customer_version WHERE tombstone")
    assert [(key, status, str(day)) for key, status, day in ended] == [("100", "ended", "2026-11-24")]
    # Handed over without --snapshot, the same bytes mean something else.
    again = delivering.hand(*files)
    assert again.batches[0].id != outcome.batches[0].id
    assert again.batches[0].counts["unchanged"] == 40


def test_a_snapshot_that_would_end_many_must_be_confirmed(delivering: Delivering) -> None:
    delivering.publish(customers=customers(*(customer(str(number)) for number in range(100, 120))))
    (file,) = delivering.files(customers=customers(customer("100"), customer("101")))
    outcome = delivering.hand(HandedFile(file.path, snapshot=True))
    assert delivering.codes(outcome) == [("snapshot_ends_many", 0, "")]
    confirmed = delivering.hand(HandedFile(file.path, snapshot=True, confirmed=True))
    assert confirmed.is_well
    assert confirmed.batches[0].counts["ended"] == 18


def test_a_customer_after_a_tombstone_begins_anew(delivering: Delivering) -> None:
    headings = (*CUSTOMER_HEADINGS, "住所")
    delivering.publish(
        customers=table(headings, *([*customer(str(number)), "朝凪県"] for number in range(100, 140)))
    )
    (file,) = delivering.files(customers=customers(*(customer(str(number)) for number in range(101, 140))))
    delivering.flip(*delivering.hand(HandedFile(file.path, snapshot=True)).batches)
    delivering.publish(customers=customers(customer("100")))
    rows = delivering.rows(
        "SELECT address, status FROM customer_version WHERE customer_key = '100' ORDER BY batch_id"
    )
    assert rows == [("朝凪県", "active"), ("朝凪県", "ended"), (None, "active")]


def test_a_customer_twice_is_an_error_also_where_only_zeros_differ(delivering: Delivering) -> None:
    outcome = delivering.check(
        customers=customers(customer("70012"), customer("70013"), customer("70012"), customer("0070013"))
    )
    assert delivering.codes(outcome) == [
        ("customer_twice", 4, "お客様番号"),
        ("customer_twice_but_zeros", 5, "お客様番号"),
    ]


def test_a_kana_that_changes_without_a_new_holder_is_a_warning_with_both_names(
    delivering: Delivering,
) -> None:
    delivering.publish(customers=TWO)
    row = list(customer("70012"))
    row[4] = "タナカ　タロウ"
    (batch,) = delivering.publish(customers=customers(row))
    (warning,) = delivering.errors(batch)
    assert (warning.code, warning.warning) == ("kana_changed", True)
    assert warning.facts == {"before": "アイコム　タロウ", "after": "タナカ　タロウ"}


def test_a_row_that_nobody_could_register_with_loads_with_a_warning(delivering: Delivering) -> None:
    row = list(customer("70012"))
    row[4], row[5] = "愛込　太郎", "0000000000"
    (batch,) = delivering.publish(customers=customers(row))
    told = [(error.code, error.row, error.column, error.warning) for error in delivering.errors(batch)]
    assert told == [("kana_kanji", 2, "契約者名カナ", True), ("phone_dummy", 2, "電話番号", True)]
    assert delivering.rows("SELECT defects, phone_keys FROM customer_version") == [
        ('["kana_kanji","phone_dummy"]', "[]")
    ]


# -- what a contracts file means --------------------------------------------------------------------------------


def _contract(number: str, contract: str = "K1", course: str = "光ネット") -> list[str]:
    return [number, contract, "インターネット", course, "契約中"]


def test_contracts_replace_all_contracts_of_the_customers_named(delivering: Delivering) -> None:
    delivering.publish(
        customers=customers(customer("70012"), customer("70012", "2", "2026-01-01"), customer("70013")),
        contracts=table(
            CONTRACT_HEADINGS, _contract("70013"), _contract("70012", "K2"), _contract("0070012", "K3")
        ),
    )
    stored = delivering.rows("SELECT customer_key, contracts FROM contract_set ORDER BY 1")
    assert [key for key, _ in stored] == ["70012-2", "70013"]
    assert '"contract_number":"K2"' in str(stored[0][1])
    assert '"contract_number":"K3"' in str(stored[0][1])
    (batch,) = delivering.publish(
        contracts=table(CONTRACT_HEADINGS, _contract("70012", "K2"), _contract("70013"))
    )
    assert batch.counts["unchanged"] == 1
    newest = delivering.rows(f"SELECT customer_key FROM contract_set WHERE batch_id = {batch.id}")  # noqa: S608
    assert newest == [("70012-2",)]


def test_contracts_of_nobody_and_contracts_twice_are_errors(delivering: Delivering) -> None:
    outcome = delivering.check(
        customers=TWO,
        contracts=table(
            CONTRACT_HEADINGS,
            _contract("70012"),
            _contract("70099"),
            _contract("70012"),
            _contract("70013", ""),
        ),
    )
    assert delivering.codes(outcome) == [
        ("unknown_customer", 3, "お客様番号"),
        ("contract_twice", 4, "契約番号"),
        ("empty", 5, "契約番号"),
    ]


# -- the file as a whole ----------------------------------------------------------------------------------------


def test_a_missing_column_refuses_the_file_and_an_extra_one_is_named(delivering: Delivering) -> None:
    outcome = delivering.check(customers=table(CUSTOMER_HEADINGS[:-1], customer("70012")[:-1]))
    assert delivering.codes(outcome) == [("column_missing", 1, "")]
    assert outcome.refused_files[0].error.facts == {"columns": "契約状態", "kind": "customers"}
    assert outcome.batches == ()
    headings = (*CUSTOMER_HEADINGS, "備考", "担当")
    batches = delivering.publish(customers=table(headings, [*customer("70012"), "x", "y"]))
    (warning,) = delivering.errors(batches[0])
    assert (warning.code, warning.row, warning.facts) == ("column_unknown", 1, {"columns": "備考、担当"})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\xef\xbb\xbf", "file_empty"),
        (b"\r\n,,\r\n", "file_empty"),
        (b"a,b\n1,2\n", "kind_unknown"),
        (table(CUSTOMER_HEADINGS), "no_rows"),
        (table((*CUSTOMER_HEADINGS, "customer_number"), [*customer("1"), "2"]), "column_twice"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_reason(
    delivering: Delivering, content: bytes, code: str
) -> None:
    outcome = delivering.check(file=content)
    assert [told[0] for told in delivering.codes(outcome)] == [code]
    assert not outcome.is_well


def test_the_same_bytes_twice_in_one_delivery_are_refused(delivering: Delivering) -> None:
    outcome = delivering.check(one=TWO, two=TWO)
    assert delivering.codes(outcome) == [("file_twice", 0, "")]


def test_errors_are_told_by_excels_rows_and_only_the_first_thousand_are_kept(delivering: Delivering) -> None:
    rows = [charge("70099") for _ in range(1500)]
    rows[0] = ["70099", "2026-13", "1", "二行の\n項目名", "500", "10", "500"]
    outcome = delivering.check(customers=TWO, charges=charges(*rows[:1], [], *rows[1:]))
    batch = outcome.batches[1]
    told = delivering.errors(batch)
    assert [(error.code, error.row) for error in told[:1]] == [("no_such_month", 2)]
    # The rows of 70099 are one statement, so it is told once, at its first row.
    assert [(error.code, error.row) for error in told[1:]] == [("unknown_customer", 4)]
    many = delivering.check(charges=charges(*(charge(str(80_000 + place)) for place in range(1500))))
    assert many.batches[0].errors == 1500
    kept = delivering.errors(many.batches[0])
    assert [error.row for error in kept] == list(range(2, 1002))
    assert many.batches[0].counts["causes"] == [
        {"code": "unknown_customer", "column": "お客様番号", "warning": False, "count": 1500}
    ]


def test_some_of_every_cause_are_kept(tmp_path: Path) -> None:
    report = Report(tmp_path / "report")
    for row in range(2, 2000):
        report.tell(RowError("empty", row, "金額", "", ""))
        report.tell(RowError("kana_empty", row, "契約者名カナ", "", "", warning=True))
    for row in range(5000, 5010):
        report.tell(RowError("gaiji", row, "項目名", "", ""))
    assert (report.errors, report.warnings) == (2008, 1998)
    first = report.first()
    assert [error.row for error in first] == sorted(error.row for error in first)
    assert [error.row for error in first if error.code == "gaiji"] == [5000, 5001, 5002, 5003, 5004]
    assert sum(error.code == "empty" for error in first) == 1000
    assert sum(error.code == "kana_empty" for error in first) == 5
    assert [(cause["code"], cause["count"]) for cause in report.grouped()] == [
        ("empty", 1998),
        ("gaiji", 10),
        ("kana_empty", 1998),
    ]


def test_a_spool_gives_lines_back_in_order_however_they_came(tmp_path: Path) -> None:
    lines = [f"{place * 7919 % 5003:05}\tx\n".encode() for place in range(5003)]
    for piece in (64, 1000, 1 << 20):
        spool = Spool(tmp_path / str(piece), piece)
        for line in lines:
            spool.add(line)
        assert list(spool.in_order()) == sorted(lines)


def test_a_spool_of_ordered_lines_is_one_run(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 64)
    lines = [f"{place:05}\n".encode() for place in range(500)]
    for line in lines:
        spool.add(line)
    assert list(spool.in_order()) == lines
    assert len(list((tmp_path / "spool").iterdir())) == 1
