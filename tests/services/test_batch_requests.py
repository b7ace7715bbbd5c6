"""A second person for batches, and checks anew: what is refused, what ends a request, and who is told."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from mypage.adapters.clock import Clock
from mypage.domain.batch import SecondPerson, State
from mypage.domain.batch_deed import BatchDeed
from mypage.domain.staff import Role
from mypage.services import batch_deeds, batch_requests, publication, rechecks, schedule
from mypage.services.approvals import Settled, StaffRequest, Unfit
from mypage.services.batch_deeds import Did, Wanted
from mypage.services.batch_requests import Asked, Done, Overtaken
from mypage.services.publication import Published, Refusal, Refused
from mypage.services.rechecks import Wish
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import outbox, staff
from mypage.works.keeping import Keeper
from mypage.works.load import left
from mypage.works.load.task import LoadRules
from mypage.works.load.waiting import check_all_received
from mypage.works.scheduled import publish_due
from tests.delivering import A_DAY, NOON, Delivering, charge, charges, customer, customers, second
from tests.signing_up import settings
from tests.staffing import Member, a_member
from tests.together import at_the_same_time, until_waiting

ALL = SecondPerson.ALL


@pytest.fixture
def delivering(database: Database, tmp_path: Path) -> Delivering:
    """An operator with two customers, where all publishing needs a second person from then on."""
    operator = Delivering(database, tmp_path)
    operator.publish(customers=customers(customer("70012"), customer("70013")))
    operator.rules = LoadRules(second_person=ALL)
    return operator


def october(delivering: Delivering) -> Batch:
    (batch,) = delivering.check(charges=charges(charge("70012"))).batches
    return batch


def now_of(delivering: Delivering, batch: Batch) -> Batch:
    with delivering.database.reading() as connection:
        found = store.get(connection, batch.id)
    assert found is not None
    return found


def work(delivering: Delivering, rule: SecondPerson = ALL) -> None:
    """What the worker does at its next look, with the clock of the machine."""
    used = settings(second_person=rule.value, scratch=str(delivering.folder / "scratch"))
    database = delivering.database
    check_all_received(used, database, Keeper(used, database), Clock())
    publish_due(used, database, Clock())


def mailed(database: Database) -> list[tuple[str, str]]:
    """What was mailed to staff about batches: what, to whom."""
    query = select(outbox.c.facts, outbox.c.recipient).where(outbox.c.kind == "staff_batch")
    with database.reading() as connection:
        return [(row.facts["what"], row.facts["name"]) for row in connection.execute(query)]


def ask(delivering: Delivering, batch: Batch, who: Member, at: datetime | None = None) -> str:
    """Somebody of the billing staff asks; the id of the request."""
    with delivering.database.writing() as connection:
        asked = batch_requests.ask(
            connection,
            [batch.id],
            first=who.id,
            by=who.actor,
            at=at,
            second_person=ALL,
            life=A_DAY,
            now=delivering.now(),
        )
    assert isinstance(asked, Asked)
    return asked.requests[0].id


def test_only_what_waits_is_checked_anew_left_out_or_discarded(delivering: Delivering) -> None:
    batch = october(delivering)
    with delivering.database.writing() as connection:
        who: dict[str, Any] = {"actor": "staff:one", "now": delivering.now()}
        for deed in (rechecks.check_again, rechecks.without_errors, rechecks.discard):
            assert deed(connection, 99, **who) == Refused(Refusal.UNKNOWN, 99)
        assert rechecks.check_again(connection, 1, **who) == Refused(Refusal.NOT_TO_CHECK, 1, State.PUBLISHED)
        assert rechecks.without_errors(connection, batch.id, **who) == Refused(
            Refusal.NOT_TO_CHECK, batch.id, State.CHECKED
        )
        assert rechecks.discard(connection, 1, **who) == Refused(Refusal.NOT_TO_DISCARD, 1, State.PUBLISHED)
        assert rechecks.renew(connection, "nothing", **who) is None
        wanted = Wanted(BatchDeed.PUBLISH, 99, "one", "")
        done = batch_deeds.do(connection, wanted, second_person=ALL, life=A_DAY, now=delivering.now())
        assert done == Refused(Refusal.UNKNOWN, 99)


def test_one_of_a_delivery_is_taken_back_and_checked_anew_alone(delivering: Delivering) -> None:
    outcome = delivering.check(
        customers=customers(customer("70014")), charges=charges(charge("70012"), charge("70014"))
    )
    published = delivering.approve(*outcome.batches)
    assert isinstance(published, Done)
    of_bills = outcome.batches[1]
    delivering.take_back(of_bills)
    with delivering.database.writing() as connection:
        again = rechecks.check_again(connection, of_bills.id, actor="staff:one", now=delivering.now())
    assert not isinstance(again, Refused)
    assert [each.id for each in again] == [of_bills.id]
    work(delivering)
    first, alone = (now_of(delivering, each) for each in outcome.batches)
    assert (first.state, alone.state, first.delivery != alone.delivery) == (
        State.PUBLISHED,
        State.CHECKED,
        True,
    )


def test_a_wish_goes_through_the_check_and_is_asked_for_by_itself(delivering: Delivering) -> None:
    one = a_member(delivering.database, Role.BILLING)
    batch = october(delivering)
    at = datetime.now(UTC) + timedelta(days=2)
    with delivering.database.writing() as connection:
        wish = Wish(one.actor, at, notices=False)
        rechecks.check_again(connection, batch.id, wish=wish, actor=one.actor, now=delivering.now())
    work(delivering)
    checked = now_of(delivering, batch)
    assert (checked.state, checked.publish_at) == (State.CHECKED, None)
    with delivering.database.reading() as connection:
        asked = batch_requests.of_delivery(connection, checked.delivery, now=datetime.now(UTC))
    assert asked is not None
    assert (asked.asked_by, batch_requests.wanted_at(asked), asked.facts["notices"]) == (one.id, at, False)
    # Called off while the check goes on, nothing comes of it.
    with delivering.database.writing() as connection:
        rechecks.check_again(
            connection, batch.id, wish=Wish(one.actor), actor=one.actor, now=delivering.now()
        )
        called_off = schedule.call_off(connection, batch.id, actor=one.actor, now=delivering.now())
    assert not isinstance(called_off, Refused)
    assert [each.state for each in called_off] == [State.RECEIVED]
    work(delivering)
    with delivering.database.reading() as connection:
        checked = now_of(delivering, batch)
        assert batch_requests.of_delivery(connection, checked.delivery, now=datetime.now(UTC)) is None


def test_whoever_handed_a_file_over_stays_so_whoever_has_it_checked_again(delivering: Delivering) -> None:
    database = delivering.database
    one, other, third = (
        a_member(database, Role.BILLING, name, invited_by="admin", role_given_by="admin")
        for name in ("高橋", "鈴木", "中村")
    )

    def waiting(batch: Batch) -> StaffRequest:
        with database.reading() as connection:
            delivery = now_of(delivering, batch).delivery
            found = batch_requests.of_delivery(connection, delivery, now=delivering.now())
        assert found is not None
        return found

    # Approved for a time, overtaken, and checked again by the worker.
    delivering.actor = one.actor
    batch = october(delivering)
    request = ask(delivering, batch, other, at=delivering.now() + timedelta(hours=1))
    assert isinstance(delivering.decide(request, third), Done)
    delivering.actor = "cli"
    delivering.publish(customers=customers(customer("80000")))
    work(delivering)
    assert now_of(delivering, batch).actor == one.actor
    again = waiting(batch)
    assert (again.asked_by, again.facts["handed_by"]) == (other.id, [one.id])
    assert delivering.decide(again.id, one) == Unfit("approver_is_asker")
    assert isinstance(delivering.decide(again.id, third), Done)
    # What is wrong was left out by somebody else: that is another batch, of the same file.
    delivering.actor = one.actor
    (wrong,) = delivering.check(
        charges=charges(charge("70012", month="2026-11"), charge("70013", month="2026-11", total="1"))
    ).batches
    assert wrong.state is State.REFUSED
    with database.writing() as connection:
        left_out = rechecks.without_errors(connection, wrong.id, actor=other.actor, now=delivering.now())
    assert not isinstance(left_out, Refused)
    work(delivering)
    request = ask(delivering, left_out[0], other)
    assert set(waiting(left_out[0]).facts["handed_by"]) == {one.id, other.id}
    assert delivering.decide(request, one) == Unfit("approver_is_asker")
    assert isinstance(delivering.decide(request, third), Done)


def test_what_nobody_can_ask_for_again_is_told_to_the_others(delivering: Delivering) -> None:
    database = delivering.database
    one, approver = a_member(database, Role.BILLING), second(database)
    batch = october(delivering)
    request = ask(delivering, batch, one, at=delivering.now() + timedelta(days=1))
    assert isinstance(delivering.decide(request, approver), Done)
    with database.writing() as connection:
        connection.execute(update(staff).where(staff.c.id == one.id).values(state="suspended"))
    delivering.publish(customers=customers(customer("80000")))
    work(delivering)
    assert (now_of(delivering, batch).state, now_of(delivering, batch).publish_at) == (State.CHECKED, None)
    assert ("to_ask", approver.name) in mailed(database)
    with database.reading() as connection:
        waits = batch_requests.of_delivery(
            connection, now_of(delivering, batch).delivery, now=datetime.now(UTC)
        )
    assert waits is None


def test_a_stricter_setting_holds_for_what_is_scheduled_already(delivering: Delivering) -> None:
    batch = october(delivering)
    with delivering.database.writing() as connection:
        done = schedule.schedule(
            connection,
            [batch.id],
            at=delivering.now(),
            actor="cli",
            now=delivering.now(),
            second_person=SecondPerson.NUMBER_CHANGES,
        )
    assert not isinstance(done, Refused)
    work(delivering)
    assert now_of(delivering, batch).state is State.CHECKED
    work(delivering)
    with delivering.database.reading() as connection:
        asked = batch_requests.of_delivery(connection, batch.delivery, now=datetime.now(UTC))
    assert asked is not None
    assert asked.asked_by == "cli"


def test_nothing_is_approved_that_is_not_what_was_asked(delivering: Delivering) -> None:
    batch = october(delivering)
    asked = delivering.ask(batch)
    assert isinstance(asked, Asked)
    request = asked.requests[0]
    with delivering.database.writing() as connection:
        store.change(connection, batch.id, state=State.CHECKING.value)
    assert delivering.decide(request.id) == Overtaken("batch_changed_since_asked")
    assert delivering.decide("nothing") == Settled(None)
    with delivering.database.writing() as connection:
        store.change(connection, batch.id, state=State.CHECKED.value)
        assert rechecks.renew(connection, request.id, actor="worker", now=delivering.now()) is None
    again = delivering.ask(batch)
    assert isinstance(again, Asked)
    with delivering.database.writing() as connection:
        # Still about what it was: nothing is checked anew.
        assert rechecks.renew(connection, again.requests[0].id, actor="worker", now=delivering.now()) is None
        store.change(connection, batch.id, report="another check")
    assert delivering.decide(again.requests[0].id) == Overtaken("batch_changed_since_asked")
    # Another's request that nobody could approve any more keeps nobody from asking.
    one = a_member(delivering.database, Role.BILLING)
    first = ask(delivering, batch, one)
    with delivering.database.writing() as connection:
        store.change(connection, batch.id, report="yet another check")
    other = delivering.ask(batch)
    assert isinstance(other, Asked)
    assert other.requests[0].id != first
    assert ask(delivering, batch, one) == other.requests[0].id, "somebody asked already"


def test_a_wish_for_what_is_wrong_is_told_to_whom_it_concerns(delivering: Delivering) -> None:
    one = a_member(delivering.database, Role.BILLING)
    batch = october(delivering)
    with delivering.database.writing() as connection:
        wish = Wish(one.actor, datetime.now(UTC) + timedelta(days=1))
        rechecks.check_again(connection, batch.id, wish=wish, actor=one.actor, now=delivering.now())
    Path(batch.source).unlink()
    work(delivering)
    assert (now_of(delivering, batch).state, now_of(delivering, batch).failure) == (
        State.REFUSED,
        "file_not_found",
    )
    assert mailed(delivering.database) == [("failed", one.name)]


def test_what_does_not_fit_a_delivery_is_said_and_not_done(delivering: Delivering) -> None:
    """A deed that its page offered and another of the delivery forbids."""
    outcome = delivering.check(
        customers=customers(customer("70013")),
        charges=charges(charge("70012"), charge("99999")),
        more=charges(charge("70013")),
    )
    master, wrong, other = outcome.batches
    with delivering.database.writing() as connection:
        store.change(connection, other.id, state=State.TAKEN_BACK.value)
        now = delivering.now()
        stands = batch_deeds.standing(connection, wrong.id, second_person=ALL, now=now)
        assert stands is not None
        assert BatchDeed.LEAVE_OUT in stands.fits
        wanted = Wanted(BatchDeed.LEAVE_OUT, wrong.id, "one", stands.mark)
        done = batch_deeds.do(connection, wanted, second_person=ALL, life=A_DAY, now=now)
        assert done == Refused(Refusal.NOT_TO_CHECK, other.id, State.TAKEN_BACK)
        store.change(connection, other.id, state=State.REFUSED.value)
        stands = batch_deeds.standing(connection, wrong.id, second_person=ALL, now=now)
        assert stands is not None
        wanted = Wanted(BatchDeed.LEAVE_OUT, wrong.id, "one", stands.mark)
        done = batch_deeds.do(connection, wanted, second_person=ALL, life=A_DAY, now=now)
        assert isinstance(done, Did)
        assert (done.batch.sha256, done.batch.id != wrong.id) == (wrong.sha256, True)
        with_it = {each.id for each in store.of_delivery(connection, done.batch.delivery)}
        assert master.id in with_it, "of a master nothing is left out: it is the same batch"
        assert batch_deeds.standing(connection, 99, second_person=ALL, now=now) is None


def test_what_a_person_publishes_before_its_time_is_not_late(delivering: Delivering) -> None:
    batch = october(delivering)
    numbers = SecondPerson.NUMBER_CHANGES
    with delivering.database.writing() as connection:
        now = delivering.now()
        schedule.schedule(connection, [batch.id], at=now + A_DAY, actor="cli", now=now, second_person=numbers)
        done = publication.publish(
            connection, [batch.id], actor="staff:one", now=now, second_person=numbers, notices=False
        )
    assert isinstance(done, Published)
    (published,) = done.batches
    assert (published.due_at, published.late, published.asked_by, published.notices) == (
        None,
        None,
        "staff:one",
        False,
    )


def test_the_rows_of_what_was_discarded_go_and_come_again_with_a_check(delivering: Delivering) -> None:
    batch = october(delivering)
    staged = "SELECT count(*) FROM statement"
    with delivering.database.writing() as connection:
        rechecks.discard(connection, batch.id, actor="staff:one", now=delivering.now())
    assert delivering.rows(staged) == [(1,)]
    for _ in range(2):
        left.clean_up(delivering.database, None, actor="worker", now=delivering.now())
        assert delivering.rows(staged) == [(0,)]
    assert now_of(delivering, batch).checkpoint is None
    with delivering.database.writing() as connection:
        rechecks.check_again(connection, batch.id, actor="staff:one", now=delivering.now())
    work(delivering)
    left.clean_up(delivering.database, None, actor="worker", now=delivering.now())
    assert (now_of(delivering, batch).state, delivering.rows(staged)) == (State.CHECKED, [(1,)])


def test_of_an_approval_and_another_publication_at_once_one_is_done(delivering: Delivering) -> None:
    batch = october(delivering)
    (other,) = delivering.check(customers=customers(customer("80000"))).batches
    asked, approver = delivering.ask(batch), second(delivering.database)
    assert isinstance(asked, Asked)

    def publish() -> object:
        with delivering.database.writing() as connection:
            return publication.publish(
                connection,
                [other.id],
                actor="cli",
                now=NOON,
                second_person=SecondPerson.NUMBER_CHANGES,
            )

    deeds: list[Callable[[], object]] = [
        lambda: delivering.decide(asked.requests[0].id, approver),
        publish,
    ]
    approved, published = at_the_same_time(deeds)
    if isinstance(approved, Done):
        assert published == Refused(Refusal.CHECK_AGAIN, other.id, State.CHECKED)
    else:
        assert approved == Overtaken("batch_published_since_asked")
        assert isinstance(published, Published)
    assert delivering.rows("SELECT count(*) FROM batch WHERE pub_seq IS NOT NULL") == [(2,)]


def test_a_check_that_ends_and_a_deed_on_its_delivery_do_not_wait_for_each_other(
    database: Database, tmp_path: Path
) -> None:
    """Found by reading: the check took the batches in the order of loading, the deed in that of their ids."""
    delivering = Delivering(database, tmp_path)
    (older,) = delivering.check(charges=charges(charge("70012"))).batches
    holds = threading.Event()

    def deed() -> int:
        with database.writing() as connection:
            store.locked_publication(connection)
            found = store.locked(connection, older.id)
            assert found is not None
            members = store.of_delivery(connection, found.delivery)
            holds.set()
            until_waiting(database, 1)
            return len([store.locked(connection, each.id) for each in members])

    class AtItsEnd(Delivering):
        deed: Future[int] | None = None

        def now(self) -> datetime:
            is_staged = self.rows("SELECT 1 FROM statement")
            if is_staged and self.deed is None:
                self.deed = pool.submit(deed)
                assert holds.wait(60)
            return NOON

    with ThreadPoolExecutor(1) as pool:
        ending = AtItsEnd(database, tmp_path)
        again = ending.check(charges=charges(charge("70012")), customers=customers(customer("70012")))
        assert [batch.id for batch in again.batches] == [older.id + 1, older.id]
        assert ending.deed is not None
        assert ending.deed.result(60) == 2
    assert again.is_well
