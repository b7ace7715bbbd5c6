"""The flip and the deeds before it: what is refused, and that nothing was changed then."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from mypage.domain.batch import Kind, State
from mypage.domain.row_error import RowError
from mypage.services import batches as deeds
from mypage.services import publication, schedule, trail
from mypage.services.publication import Published, Refusal, Refused, TakenBack
from mypage.store import batches as store
from mypage.store.batches import Publication
from mypage.store.engine import Database
from tests.delivering import NUMBERS

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def received(
    connection: Connection, sha256: str = "a" * 64, kind: Kind = Kind.CHARGES, delivery: str = "one"
) -> int:
    """A batch that is being checked."""
    handed = deeds.Handed(kind, sha256, {}, "file.csv", "/files/file.csv", 100, "UTF-8")
    taken = deeds.receive(connection, [handed], delivery=delivery, actor="cli", now=NOW)
    assert taken.to_check
    assert taken.batches[0] is not None
    return taken.batches[0].id


def checked(
    connection: Connection, batch_id: int, errors: int = 0, months: tuple[int, ...] = (202610,)
) -> None:
    """The check of a batch ends."""
    epoch = store.publication_now(connection).epoch
    first = [RowError("unknown_customer", 2, "お客様番号", "70012", "70012")] * errors
    found = deeds.Found({"months": list(months)}, errors, 0, first, "report", max(months), epoch)
    assert deeds.finish_check(connection, batch_id, found, refused=False, actor="cli", now=NOW)


def publish(connection: Connection, *ids: int) -> Published | Refused:
    """The flip."""
    return publication.publish(connection, ids, actor="cli", now=NOW, second_person=NUMBERS)


def test_a_batch_lives_from_receiving_to_taking_back(database: Database) -> None:
    with database.writing() as connection:
        batch_id = received(connection)
        checked(connection, batch_id)
        published = publish(connection, batch_id)
        assert isinstance(published, Published)
        assert [(each.state, each.pub_seq, each.published_at) for each in published.batches] == [
            (State.PUBLISHED, 1, NOW)
        ]
        taken_back = publication.take_back(connection, batch_id, reason="wrong month", actor="cli", now=NOW)
        assert isinstance(taken_back, TakenBack)
        assert (taken_back.batch.state, taken_back.batch.pub_seq, taken_back.epoch) == (
            State.TAKEN_BACK,
            None,
            2,
        )
        assert store.publication_now(connection) == Publication(epoch=2, pub_seq=1)
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_a_batch_that_nobody_knows_is_neither_published_nor_taken_back(database: Database) -> None:
    with database.writing() as connection:
        assert publish(connection, 7) == Refused(Refusal.UNKNOWN, 7)
        assert publication.take_back(connection, 7, reason="", actor="cli", now=NOW) == Refused(
            Refusal.UNKNOWN, 7
        )
        assert store.publication_now(connection) == Publication(epoch=0, pub_seq=0)


def test_what_was_not_checked_or_has_errors_is_not_published(database: Database) -> None:
    with database.writing() as connection:
        batch_id = received(connection)
        assert publish(connection, batch_id) == Refused(Refusal.STATE, batch_id, State.CHECKING)
        checked(connection, batch_id, errors=2)
        assert publish(connection, batch_id) == Refused(Refusal.ERRORS, batch_id, State.CHECKED)
        assert len(store.errors_of(connection, batch_id)) == 2
        assert store.publication_now(connection) == Publication(epoch=0, pub_seq=0)


def test_what_was_checked_before_another_flip_is_checked_again(database: Database) -> None:
    with database.writing() as connection:
        first, second = received(connection), received(connection, "b" * 64, delivery="two")
        checked(connection, first)
        checked(connection, second)
        publish(connection, first)
        assert publish(connection, second) == Refused(Refusal.CHECK_AGAIN, second, State.CHECKED)


def test_a_check_that_was_overtaken_is_not_finished(database: Database) -> None:
    found = deeds.Found({}, 0, 0, [], "report", None, 0)
    with database.writing() as connection:
        batch_id = received(connection)
        checked(connection, batch_id)
        assert not deeds.finish_check(connection, batch_id, found, refused=False, actor="cli", now=NOW)
        assert not deeds.finish_check(connection, 99, found, refused=True, actor="cli", now=NOW)


def test_one_published_file_in_a_delivery_is_left_out_and_the_other_taken_in(database: Database) -> None:
    handed = [
        deeds.Handed(kind, sha * 64, {}, "file.csv", "/files/file.csv", 100, "UTF-8")
        for kind, sha in ((Kind.CUSTOMERS, "a"), (Kind.CHARGES, "b"))
    ]
    with database.writing() as connection:
        batch_id = received(connection, "a" * 64, Kind.CUSTOMERS)
        checked(connection, batch_id)
        publish(connection, batch_id)
        taken = deeds.receive(connection, handed, delivery="two", actor="cli", now=NOW)
        assert [batch and batch.kind for batch in taken.batches] == [None, Kind.CHARGES]
        assert [batch.id for batch in taken.in_force] == [batch_id]
        assert taken.batches[1] is not None
        checked(connection, taken.batches[1].id)
        again = deeds.receive(connection, handed, delivery="three", actor="cli", now=NOW)
        assert [batch and batch.delivery for batch in again.batches] == [None, "two"]
        assert not again.to_check


@pytest.mark.parametrize(
    ("kind", "months", "superseded"),
    [
        (Kind.CHARGES, (202610,), True),
        (Kind.CHARGES, (202609, 202610), True),
        (Kind.CHARGES, (202609,), False),
        (Kind.CUSTOMERS, (), True),
    ],
)
def test_the_same_bytes_are_a_new_batch_once_a_later_one_may_lie_above(
    database: Database, kind: Kind, months: tuple[int, ...], superseded: bool
) -> None:
    with database.writing() as connection:
        for place, sha in enumerate("ab"):
            batch_id = received(connection, sha * 64, kind, delivery=sha)
            checked(connection, batch_id, months=months if place and months else (202610,))
            publish(connection, batch_id)
        handed = deeds.Handed(kind, "a" * 64, {}, "file.csv", "/files/file.csv", 100, "UTF-8")
        taken = deeds.receive(connection, [handed], delivery="c", actor="cli", now=NOW)
        assert taken.to_check is superseded
        assert bool(taken.in_force) is not superseded
        assert len(store.latest(connection, 10)) == (3 if superseded else 2)


def test_only_what_could_be_published_is_scheduled_and_only_what_is_scheduled_called_off(
    database: Database,
) -> None:
    tomorrow = NOW + timedelta(days=1)
    with database.writing() as connection:
        batch_id = received(connection)
        refused = schedule.schedule(
            connection, [batch_id], at=tomorrow, actor="cli", now=NOW, second_person=NUMBERS
        )
        assert refused == Refused(Refusal.STATE, batch_id, State.CHECKING)
        checked(connection, batch_id)
        for unknown, answer in (
            (7, Refused(Refusal.UNKNOWN, 7)),
            (batch_id, Refused(Refusal.NOT_SCHEDULED, batch_id, State.CHECKED)),
        ):
            assert schedule.call_off(connection, unknown, actor="cli", now=NOW) == answer
        schedule.schedule(connection, [batch_id], at=tomorrow, actor="cli", now=NOW, second_person=NUMBERS)
        assert store.due(connection, NOW) == []
        assert [each.id for each in store.due(connection, tomorrow)] == [batch_id]
        schedule.fail(connection, [batch_id, 7], reason="file_not_found", actor="worker", now=NOW)
        failed = store.get(connection, batch_id)
        assert failed is not None
        assert (failed.state, failed.publish_at) == (State.REFUSED, None)
