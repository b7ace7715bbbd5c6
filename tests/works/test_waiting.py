"""What is handed over becomes batches at once, and the worker checks them in their turn, whoever is killed meanwhile."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from mypage.domain.batch import Kind, SecondPerson, State
from mypage.domain.kept_file import Refused, Why
from mypage.services import batch_progress, batches, publication
from mypage.services.publication import Published
from mypage.shown import batch_progress as shown
from mypage.store import batch_progress as progress_store
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.store.schema.metadata import instant_text
from mypage.works.kept_files import purge
from mypage.works.load import waiting
from mypage.works.load.delivery import check_again
from mypage.works.load.take_in import HowHanded, TakenIn
from mypage.works.load.task import LoadRules
from tests.delivering import charge, charges, customer, customers
from tests.keeping import OWNER, Receiving
from tests.s3_server import s3_server

MASTER = customers(customer("70012"), customer("70013"))
BILLS = charges(charge("70012"))


@pytest.fixture
def receiving(database: Database, tmp_path: Path) -> Receiving:
    return Receiving(database, tmp_path, file_keys="k" * 40)


def turns(receiving: Receiving, *ids: int) -> dict[int, batch_progress.Turn]:
    with receiving.database.reading() as connection:
        return batch_progress.of(connection, ids)


def publish(receiving: Receiving, *ids: int) -> None:
    with receiving.database.writing() as connection:
        done = publication.publish(
            connection,
            ids,
            actor="cli",
            now=receiving.clock.now(),
            second_person=SecondPerson.NUMBER_CHANGES,
        )
    assert isinstance(done, Published), done


def test_a_delivery_is_in_its_turn_and_then_checked_as_the_command_line_does(receiving: Receiving) -> None:
    taken = receiving.take_in(BILLS, MASTER)
    assert [(each.kind, each.state, each.actor) for each in taken.batches] == [
        (Kind.CUSTOMERS, State.RECEIVED, OWNER),
        (Kind.CHARGES, State.RECEIVED, OWNER),
    ]
    assert len({each.delivery for each in taken.batches}) == 1
    second = receiving.take_in(customers(customer("70099")))
    ids = [each.id for each in (*taken.batches, *second.batches)]
    assert [turns(receiving, *ids)[each].before for each in ids] == [0, 0, 1]
    assert "順番" in shown.of(turns(receiving, ids[2])[ids[2]]).text
    assert receiving.work() == 2
    for each in ids:
        assert receiving.batch(each).state is State.CHECKED
        assert receiving.codes(each) == []
    assert receiving.batch(ids[1]).counts["statements"] == 1
    assert turns(receiving, *ids) == {}
    assert receiving.left() == []


def test_the_same_again_does_nothing_and_in_force_is_said(receiving: Receiving) -> None:
    first = receiving.take_in(MASTER)
    again = receiving.take_in(MASTER)
    assert [each.id for each in again.batches] == [each.id for each in first.batches]
    assert again.batches == first.batches
    receiving.work()
    checked = receiving.take_in(MASTER)
    assert [each.state for each in checked.batches] == [State.CHECKED]
    assert receiving.work() == 0
    # Together with another file it is another delivery, to be checked anew.
    more = receiving.take_in(MASTER, BILLS)
    assert [each.state for each in more.batches] == [State.RECEIVED, State.RECEIVED]
    assert more.batches[0].id == first.batches[0].id
    receiving.work()
    publish(receiving, *(each.id for each in more.batches))
    in_force = receiving.take_in(MASTER, BILLS)
    assert (in_force.batches, [each.id for each in in_force.in_force]) == (
        (),
        [each.id for each in more.batches],
    )


def test_what_cannot_be_read_is_refused_and_nothing_is_made(receiving: Receiving) -> None:
    taken = receiving.take_in(MASTER, b"")
    assert [(each.filename, each.error.code) for each in taken.refused_files] == [("file.csv", "file_empty")]
    assert taken.batches == ()
    assert [each.error.code for each in receiving.take_in(b"a,b\n1,2\n").refused_files] == ["kind_unknown"]
    assert [each.error.code for each in receiving.take_in(MASTER, MASTER).refused_files] == ["file_twice"]
    not_allowed = receiving.hand_over(receiving.keep(MASTER), kinds={Kind.CHARGES})
    assert isinstance(not_allowed, TakenIn)
    assert [each.error.code for each in not_allowed.refused_files] == ["kind_not_allowed"]
    foreign = receiving.keep(MASTER, owner="staff:two")
    assert receiving.hand_over(foreign) == Refused(Why.UNKNOWN)
    gone = receiving.keep(MASTER)
    receiving.later(timedelta(hours=25))
    assert receiving.hand_over(gone) == Refused(Why.EXPIRED)
    with receiving.database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM batch")).scalar_one() == 0
    assert receiving.work() == 0
    assert receiving.left() == []


def test_options_go_with_a_file(receiving: Receiving) -> None:
    receiving.take_in(MASTER)
    receiving.work()
    publish(receiving, 1)
    snapshot = customers(customer("70099"))
    file_id = receiving.keep(snapshot)
    taken = receiving.hand_over(file_id, how=HowHanded(snapshot=True))
    assert isinstance(taken, TakenIn)
    receiving.work()
    refused = taken.batches[0].id
    assert (receiving.batch(refused).state, receiving.codes(refused)) == (
        State.REFUSED,
        ["snapshot_ends_many"],
    )
    # Confirmed, the same kept file is the same batch again.
    again = receiving.hand_over(file_id, how=HowHanded(snapshot=True, confirmed=True))
    assert isinstance(again, TakenIn)
    receiving.work()
    assert again.batches[0].id == refused
    assert receiving.batch(refused).state is State.CHECKED


def test_who_hands_over_what_is_checked_at_this_moment_is_told_to_wait(receiving: Receiving) -> None:
    taken = receiving.take_in(MASTER)
    with holding(receiving.database) as hold:
        assert hold.take(taken.batches[0].id)
        assert receiving.take_in(MASTER, BILLS).loaded_elsewhere
        # Another worker is at it: this one passes by.
        assert receiving.work() == 0
    assert receiving.work() == 1


def test_what_ends_its_worker_again_and_again_is_given_up(receiving: Receiving) -> None:
    (batch,) = receiving.take_in(MASTER).batches
    for _ in range(waiting.MOST_TRIES):
        # As a worker that is killed by it: it has begun, and its hold is free.
        with receiving.database.writing() as connection:
            assert batches.begin_check(connection, [batch], now=receiving.clock.now())
    assert turns(receiving, batch.id)[batch.id].before == 0
    assert receiving.work() == 1
    assert (receiving.batch(batch.id).state, receiving.codes(batch.id)) == (State.REFUSED, ["check_failed"])
    # Handed over again it has all its tries.
    receiving.take_in(MASTER)
    assert receiving.work() == 1
    assert receiving.batch(batch.id).state is State.CHECKED
    with receiving.database.writing() as connection:
        assert not batches.begin_check(connection, [batch], now=receiving.clock.now())


def test_a_store_that_is_away_is_waited_for_and_others_pass(database: Database, tmp_path: Path) -> None:
    with s3_server() as server:
        away = Receiving(database, tmp_path, files="s3", files_bucket=server.url)
        (first,) = away.take_in(MASTER).batches
        here = Receiving(database, tmp_path, files_bucket=server.url)
        (second,) = here.take_in(customers(customer("70099"))).batches
        server.fails_with = 403
        assert away.work() == 1
        assert away.batch(second.id).state is State.CHECKED
        assert (away.batch(first.id).state, away.codes(first.id)) == (State.CHECKING, [])
        turn = turns(away, first.id)[first.id]
        assert turn.progress is not None
        assert (turn.progress.waits_for, turn.progress.tries) == ("store_away", 0)
        assert "つながらない" in shown.of(turn).text
        assert isinstance(away.hand_over(away.file_of(first)), Refused)
        server.fails_with = None
        # Not at once again: a store that comes back is not flooded.
        assert away.work() == 0
        away.later(timedelta(minutes=1))
        assert away.work() == 1
        assert away.batch(first.id).state is State.CHECKED


def test_a_kept_file_goes_after_its_days_but_never_under_a_batch_that_needs_it(receiving: Receiving) -> None:
    (batch,) = receiving.take_in(MASTER).batches
    file_id = receiving.file_of(batch)
    receiving.later(timedelta(days=91))
    assert purge(receiving.keeper, receiving.clock.now()) == 0
    receiving.work()
    with receiving.database.writing() as connection:
        at = {
            "at": instant_text(receiving.clock.now())
            if receiving.database.is_sqlite
            else receiving.clock.now()
        }
        connection.execute(text("UPDATE batch SET state = 'scheduled', publish_at = :at"), at)
    assert purge(receiving.keeper, receiving.clock.now()) == 0
    with receiving.database.writing() as connection:
        connection.execute(text("UPDATE batch SET state = 'checked', publish_at = NULL"))
    assert purge(receiving.keeper, receiving.clock.now()) == 1
    assert receiving.file(file_id).gone_why == "aged"
    with receiving.database.reading() as connection:
        last = connection.execute(
            text("SELECT action, facts FROM audit_event ORDER BY seq DESC LIMIT 1")
        ).one()
        assert connection.execute(text("SELECT count(*) FROM kept_bytes")).scalar_one() == 0
    assert last.action == "file.deleted"
    assert file_id in last.facts
    # Whoever wants it checked again learns why that cannot be.
    again = check_again(
        receiving.database,
        [receiving.batch(batch.id)],
        keeper=receiving.keeper,
        rules=LoadRules(),
        scratch=None,
        actor="cli",
        clock=receiving.clock.now,
    )
    assert [each.error.code for each in again.refused_files] == ["kept_file_deleted"]
    assert receiving.hand_over(file_id) == Refused(Why.GONE)
    with receiving.database.writing() as connection:
        connection.execute(text("UPDATE batch SET state = 'received'"))
        connection.execute(text("UPDATE batch SET source = 'kept:' || :id"), {"id": "0" * 32})
    assert receiving.work() == 1
    assert receiving.codes(batch.id) == ["kept_file_deleted"]


def test_a_file_that_is_lost_or_not_what_it_was_is_said(receiving: Receiving) -> None:
    (batch,) = receiving.take_in(MASTER).batches
    other = receiving.keep(customers(customer("70099")))
    with receiving.database.writing() as connection:
        connection.execute(text("UPDATE batch SET source = 'kept:' || :id"), {"id": other})
    receiving.work()
    assert receiving.codes(batch.id) == ["file_changed"]
    again = check_again(
        receiving.database,
        [receiving.batch(batch.id)],
        keeper=receiving.keeper,
        rules=LoadRules(),
        scratch=None,
        actor="cli",
        clock=receiving.clock.now,
    )
    assert [each.error.code for each in again.refused_files] == ["file_changed"]
    (lost,) = receiving.take_in(BILLS).batches
    with receiving.database.writing() as connection:
        connection.execute(text("DELETE FROM kept_bytes"))
    receiving.work()
    assert receiving.codes(lost.id) == ["kept_file_lost"]
    assert receiving.batch(lost.id).state is State.REFUSED


def test_a_kept_file_is_checked_again_from_scratch_which_is_left_empty(receiving: Receiving) -> None:
    (batch,) = receiving.take_in(MASTER).batches
    receiving.work()
    again = check_again(
        receiving.database,
        [receiving.batch(batch.id)],
        keeper=receiving.keeper,
        rules=LoadRules(),
        scratch=receiving.scratch,
        actor="cli",
        clock=receiving.clock.now,
    )
    assert [(each.id, each.state, each.source) for each in again.batches] == [
        (batch.id, State.CHECKED, batch.source)
    ]
    assert receiving.left() == []


def test_progress_is_told_at_each_step_and_not_more_often(receiving: Receiving) -> None:
    (batch,) = receiving.take_in(MASTER).batches
    with receiving.database.writing() as connection:
        assert batches.begin_check(connection, [batch], now=receiving.clock.now())
    told = waiting._Told(receiving.database, batch.id, receiving.clock)
    told("check", 50, 200, 10)
    told("check", 60, 200, 20)
    first = turns(receiving, batch.id)[batch.id].progress
    assert first is not None
    assert (first.step, first.done, first.whole, first.rows, first.tries) == ("check", 50, 200, 10, 1)
    told("stage", 1, 4, 1)
    then = turns(receiving, batch.id)[batch.id].progress
    assert then is not None
    assert (then.step, then.done, then.since > first.since) == ("stage", 1, True)
    assert "25%" in shown.of(turns(receiving, batch.id)[batch.id]).text
    assert "自動で" in shown.of(turns(receiving, batch.id)[batch.id], is_stopped=True).text
    with receiving.database.writing() as connection:
        progress_store.forget(connection, batch.id)
    told("check", 1, 1, 1)  # over already: nothing comes back
    assert turns(receiving, batch.id)[batch.id].progress is None
