"""A customer whose number changed, and one with a next holder: who may log in, what is seen, who is the owner."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from mypage.domain.batch import State
from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.services import batch_requests, preview, release, schedule, sessions, statements, successions
from mypage.services.batch_requests import Done
from mypage.services.publication import Refusal, Refused
from mypage.services.sessions import Lifetime, Session
from mypage.store import successions as store
from mypage.store.engine import Database
from mypage.store.publications import now_published
from mypage.store.schema import account_customer
from mypage.works.load.delivery import HandedFile
from tests.bills import STAMP, an_account
from tests.delivering import (
    CUSTOMER_HEADINGS,
    NOON,
    NUMBERS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    table,
)

LIFETIME = Lifetime(idle=timedelta(days=9), absolute=timedelta(days=9))
FIRST = BillingMonth(2020, 7)


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with three numbers of one person, and bills of the old ones."""
    operator = Delivering(database, tmp_path)
    operator.publish(
        customers=customers(*(customer(number) for number in ("70012", "70013", "80012"))),
        charges=charges(charge("70012", month="2026-09"), charge("70013", month="2026-09")),
    )
    return operator


def log_in(database: Database, account_id: str, now: datetime = NOON) -> str:
    with database.writing() as connection:
        return sessions.start(
            connection,
            account_id,
            stamp=STAMP,
            lifetime=LIFETIME,
            address="",
            browser="",
            replaces=None,
            now=now,
        )


def live(database: Database, secret: str, now: datetime = NOON) -> Session | None:
    return sessions.current(database.reader, secret, lifetime=LIFETIME, now=now)


def shown(database: Database, secret: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """The customers that a session shows."""
    session = live(database, secret)
    return [] if session is None else [tuple(each) for each in session.customers]  # type: ignore[misc]


def months(database: Database, secret: str) -> list[MonthOfBills]:
    """What the list of the session's only customer shows."""
    session = live(database, secret)
    assert session is not None
    (only,) = session.customers
    return list(
        statements.months(
            database.reader,
            only.keys,
            publications=session.publications,
            first_month=FIRST,
            length=15,
        )
    )


def owner(database: Database, key: str) -> str | None:
    with database.reading() as connection:
        row = successions.owner_of(connection, key)
    return None if row is None else str(row["id"])


def test_login_and_months_go_along_and_come_back(delivering: Delivering) -> None:
    database = delivering.database
    tarou = log_in(database, an_account(database, "70012"))
    assert shown(database, tarou) == [("70012", "70012", ("70012",))]
    (change,) = delivering.publish(changes=number_changes(number_change("70012", "80012")))
    assert shown(database, tarou) == [("80012", "80012", ("70012", "80012"))]
    delivering.publish(charges=charges(charge("80012"), charge("70013")))
    assert [(each.month, each.total) for each in months(database, tarou)] == [(202610, 500), (202609, 500)]
    delivering.take_back(change)
    assert shown(database, tarou) == [("70012", "70012", ("70012",))]
    assert [each.month for each in months(database, tarou)] == [202609]


def test_what_is_split_or_inherited_is_proven_anew(delivering: Delivering) -> None:
    database = delivering.database
    tarou = log_in(database, an_account(database, "70012"))
    for kind in ("分割", "承継"):
        delivering.publish(changes=number_changes(number_change("70012", "80012", kind)))
        assert shown(database, tarou) == [("70012", "70012", ("70012",))]
        assert owner(database, "80012") is None


def test_merged_numbers_are_one_customer_also_in_one_login(delivering: Delivering) -> None:
    database = delivering.database
    both = log_in(database, an_account(database, "70012", "70013"))
    assert len(shown(database, both)) == 2
    delivering.publish(
        changes=number_changes(
            number_change("70012", "80012", "統合"), number_change("70013", "80012", "統合")
        )
    )
    assert shown(database, both) == [("80012", "80012", ("70012", "70013", "80012"))]
    (september,) = months(database, both)
    assert [bill.version.customer_key for bill in september.bills] == ["70012", "70013"]
    assert (september.standing, september.total) == (2, 1000)


def test_a_bill_of_each_number_with_its_lines_and_its_mark(delivering: Delivering) -> None:
    database = delivering.database
    secret = log_in(database, an_account(database, "70012"))
    delivering.publish(charges=charges(charge("80012", month="2026-09", amount="300", total="300")))
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    session = live(database, secret)
    assert session is not None
    found = statements.for_month(
        database.reader,
        session.customers[0].keys,
        BillingMonth(2026, 9),
        publications=session.publications,
        first_month=FIRST,
        length=15,
    )
    assert found is not None
    assert [each.statement.sum_of_lines for each in found.bills] == [500, 300]
    unmarked = statements.unmarked(database.reader, session, session.customers[0].keys, [found.month])
    with database.writing() as connection:
        statements.mark(connection, session, unmarked, whole_list=False, now=NOON)
    assert delivering.rows("SELECT customer_key, billing_month FROM statement_view ORDER BY 1") == [
        ("70012", 202609),
        ("80012", 202609),
    ]
    assert statements.unmarked(database.reader, session, session.customers[0].keys, [found.month]) == ()


def test_who_owns_one_of_the_numbers_owns_the_customer(delivering: Delivering) -> None:
    database = delivering.database
    tarou = an_account(database, "70012")
    assert owner(database, "80012") is None
    (change,) = delivering.publish(changes=number_changes(number_change("70012", "80012")))
    assert (owner(database, "70012"), owner(database, "80012")) == (tarou, tarou)
    assert owner(database, "70013") is None
    an_account(database, "80012", login_id="second-2026", created_at=NOON)
    assert owner(database, "80012") is not None, "two logins that were carried together are no error"
    delivering.take_back(change)
    assert owner(database, "80012") == "account-of-second-2026"


@pytest.mark.parametrize("kept", ["70012", "80012"])
def test_who_is_kept_from_the_web_is_not_carried_past_it(delivering: Delivering, kept: str) -> None:
    database = delivering.database
    tarou = log_in(database, an_account(database, "70012"))
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    headings = (*CUSTOMER_HEADINGS, "Web登録")
    (batch,) = delivering.publish(customers=table(headings, [*customer(kept), "不可"]))
    assert shown(database, tarou) == []
    delivering.take_back(batch)
    assert shown(database, tarou) == [("80012", "80012", ("70012", "80012"))]


def test_the_months_of_a_number_kept_from_the_web_are_not_carried(delivering: Delivering) -> None:
    database = delivering.database
    tarou = log_in(database, an_account(database, "70012"))
    changes = [number_change(old, "80012", "統合") for old in ("70012", "70013")]
    delivering.publish(changes=number_changes(*changes))
    delivering.publish(customers=table((*CUSTOMER_HEADINGS, "Web登録"), [*customer("70013"), "不可"]))
    assert shown(database, tarou) == [("80012", "80012", ("70012", "80012"))]


def test_a_change_to_a_number_that_left_the_master_again_leaves_the_login_where_it_was(
    delivering: Delivering,
) -> None:
    database = delivering.database
    tarou = log_in(database, an_account(database, "70012"))
    new, change = delivering.publish(
        customers=customers(customer("90012")), changes=number_changes(number_change("70012", "90012"))
    )
    assert shown(database, tarou) == [("90012", "90012", ("70012", "90012"))]
    delivering.take_back(new)
    assert shown(database, tarou) == [("70012", "70012", ("70012",))]
    assert change.pub_seq is not None


def test_a_chain_is_looked_up_once_an_epoch(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    database = delivering.database
    tarou = log_in(database, an_account(database, "70012"))
    delivering.publish(customers=customers(customer("90012")))
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    delivering.publish(changes=number_changes(number_change("80012", "90012")))
    for _ in range(3):
        assert shown(database, tarou) == [("90012", "90012", ("70012", "80012", "90012"))]
    with database.reading() as connection:
        epoch = now_published(connection).epoch
        kept = store.at_epoch(connection, "70012", epoch)
        assert store.at_epoch(connection, "70012", epoch) is kept
        assert store.at_epoch(connection, "70012", epoch + 1) is not kept, "after a flip it is asked anew"
        monkeypatch.setattr(store, "_MOST_KEPT", 1)
        kept = store.at_epoch(connection, "70012", epoch)
        store.at_epoch(connection, "70013", epoch)
        assert store.at_epoch(connection, "70012", epoch) is not kept, "as many are kept as memory allows"


# -- the next holder of a number ------------------------------------------------------------------------------


def test_a_new_holder_ends_the_former_one_s_sessions_who_may_log_in_anew(delivering: Delivering) -> None:
    database = delivering.database
    account_id = an_account(database, "70012", "70013")
    before = log_in(database, account_id)
    assert [each[0] for each in shown(database, before)] == ["70012", "70013"]
    (batch,) = delivering.publish(customers=customers(customer("70012", "2", "2026-10-05")))
    assert [each[0] for each in shown(database, before)] == ["70013"], "for this number only"
    delivering.publish(customers=customers(customer("70013", "2", "2026-10-05")))
    assert live(database, before) is None
    after = log_in(database, account_id, delivering.now())
    assert [each[0] for each in shown(database, after)] == ["70012", "70013"], "and still reads the bills"
    assert owner(database, "70012-2") is None, "the number is free for its new holder"
    delivering.publish(customers=customers(customer("70012", "2", "2026-10-05", name="改姓　太郎")))
    assert [each[0] for each in shown(database, after)] == ["70012", "70013"], "a correction is no new holder"
    delivering.take_back(batch)
    assert [each[0] for each in shown(database, before)] == ["70012"]


def test_the_new_holder_keeps_the_session_and_sees_no_bill_of_the_former_one(delivering: Delivering) -> None:
    database = delivering.database
    delivering.publish(customers=customers(customer("70012", "2", "2026-10-05")))
    secret = log_in(database, an_account(database, "70012-2"))
    delivering.publish(
        charges=charges(charge("70013", month="2026-10")), customers=customers(customer("70014"))
    )
    assert shown(database, secret) == [("70012-2", "70012", ("70012-2",))]
    assert months(database, secret) == []


def test_a_new_holder_of_the_number_that_a_customer_has_today(delivering: Delivering) -> None:
    database = delivering.database
    secret = log_in(database, an_account(database, "70012"))
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    delivering.publish(customers=customers(customer("70012", "2", "2026-11-01")))
    assert shown(database, secret) == [("80012", "80012", ("70012", "80012"))], (
        "the old number is another's now"
    )
    delivering.publish(customers=customers(customer("80012", "2", "2026-12-01")))
    assert live(database, secret) is None


# -- together with letters, releases and publishing at a time ---------------------------------------------------


def test_merged_numbers_are_open_if_one_of_them_is(delivering: Delivering) -> None:
    database = delivering.database
    secret = log_in(database, an_account(database, "70012", "80012"))
    delivering.publish(changes=number_changes(number_change("70012", "80012", "統合")))
    mine = account_customer.c.customer_key
    with database.writing() as connection:
        connection.execute(update(account_customer).where(mine == "80012").values(awaits_letter=True))
    assert shown(database, secret) == [("80012", "80012", ("70012", "80012"))]
    session = live(database, secret)
    assert session is not None
    assert session.closed == ()
    with database.writing() as connection:
        connection.execute(update(account_customer).where(mine == "70012").values(awaits_letter=True))
    session = live(database, secret)
    assert session is not None
    assert (session.customers, [each.key for each in session.closed]) == ((), ["80012"])


def test_what_is_released_under_one_number_is_released_under_all(delivering: Delivering) -> None:
    database = delivering.database
    former = an_account(database, "70012")
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    with database.writing() as connection:
        done = release.release_account(
            connection, customer_key="80012", account_id=former, acting_staff="s", reason="r", now=NOON
        )
        assert done == release.Released(former, has_ended=True)
        assert successions.owner_of(connection, "80012") is None
    following = an_account(database, "80012", login_id="hanako-2026")
    with database.writing() as connection:
        begins = release.close_if_released(connection, "80012", now=NOON)
        assert begins == NOON + timedelta(hours=72)
        assert release.close_if_released(connection, "70012", now=NOON) is None, "it is taken once"
    session = live(database, log_in(database, following))
    assert session is not None
    assert (session.customers, [each.key for each in session.closed]) == ((), ["80012"])
    with database.writing() as connection:
        objected = release.object_to_release(
            connection, customer_key="70012", acting_staff="s", reason="r", now=NOON
        )
        assert objected == release.Objected()
        settled = release.settle_objection(
            connection, customer_key="70012", acting_staff="s", reason="r", now=NOON
        )
        assert settled == release.Settled(begins)


def test_numbers_change_at_a_time_only_once_approved_and_as_they_were_checked(delivering: Delivering) -> None:
    (batch,) = delivering.check(changes=number_changes(number_change("70012", "80012"))).batches

    tomorrow = NOON + timedelta(days=1)
    with delivering.database.writing() as connection:
        alone = schedule.schedule(
            connection, [batch.id], at=tomorrow, actor="staff:1", now=NOON, second_person=NUMBERS
        )
    assert alone == Refused(Refusal.SECOND_PERSON, batch.id, State.CHECKED)
    assert isinstance(delivering.approve(batch, at=tomorrow), Done)
    assert delivering.flip(batch) == Refused(Refusal.SECOND_PERSON, batch.id, State.SCHEDULED), "not before"
    delivering.publish(customers=customers(customer("70099")))
    assert delivering.flip(batch) == Refused(Refusal.CHECK_AGAIN, batch.id, State.SCHEDULED)
    again = delivering.hand(HandedFile(Path(batch.source))).batches[0]
    assert (again.id, again.state, again.publish_at) == (batch.id, State.CHECKED, None)
    assert delivering.flip(again) == Refused(Refusal.SECOND_PERSON, batch.id, State.CHECKED)
    with delivering.database.reading() as connection:
        asked_again = batch_requests.of_delivery(connection, again.delivery, now=NOON)
    assert asked_again is not None, "by itself, for the same time"
    assert batch_requests.wanted_at(asked_again) == tomorrow
    done = delivering.decide(asked_again.id)
    assert isinstance(done, Done)
    assert (done.at, done.batches[0].state) == (tomorrow, State.SCHEDULED)


def test_the_preview_knows_statements_under_an_earlier_number(delivering: Delivering) -> None:
    delivering.publish(changes=number_changes(number_change("70012", "80012")))
    rows = (charge("70013", month="2026-09", amount="700", total="700"), charge("80012", month="2026-09"))
    (batch,) = delivering.check(charges=charges(*rows)).batches
    told = batch.counts["preview"]
    assert (told["corrects"], told["months"]["202609"]["total"]) == (2, 1200)
    with delivering.database.reading() as connection:
        as_if = preview.supposed(connection, [batch], NOON)
        seen = preview.sample(
            connection, "80012", BillingMonth(2026, 9), as_if=as_if, first_month=FIRST, length=15
        )
    assert seen is not None
    assert [each.bill.version.batch_id for each in seen.bills] == [batch.id]
