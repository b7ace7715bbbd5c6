"""A second person for batches, and checks anew: what is refused, what ends a request, and who is told."""

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
from mypage.services.approvals import Settled
from mypage.services.batch_deeds import Did, Wanted
from mypage.services.batch_requests import Asked, Done, Overtaken
from mypage.services.publication import Published, Refusal, Refused
from mypage.services.rechecks import Wish
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.store.schema import outbox, staff
from mypage.works.keeping import Keeper
from mypage.works.load.task import LoadRules
from mypage.works.load.waiting import check_all_received
from mypage.works.scheduled import publish_due
from tests.delivering import A_DAY, Delivering, charge, charges, customer, customers, second
from tests.signing_up import settings
from tests.staffing import Member, a_member

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
        charges=charges(charge("70012"), charge("99999")), more=charges(charge("70013"))
    )
    wrong, other = outcome.batches
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
