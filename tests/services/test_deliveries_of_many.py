"""What becomes of many mails at once: recorded in one pass, each once, and the trail stays whole."""

from datetime import UTC, datetime, timedelta

import pytest

from mypage.services import deliveries, trail
from mypage.services.deliveries import Handed
from mypage.services.outbox import OutboxMessage
from mypage.store import outbox as store
from mypage.store.engine import Database
from mypage.store.outbox import count_before
from tests.mail import enqueue_notice, mails_in
from tests.signing_up import trail as rows_of_trail

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _taken(database: Database, many: int = 3, worker: str = "w1") -> list[OutboxMessage]:
    for number in range(many):
        enqueue_notice(database, NOW, recipient=f"a{number}@example.jp", customer_key=f"7001{number}")
    with database.writing() as connection:
        return deliveries.take(connection, worker=worker, now=NOW, limit=many)


def _hand_over(database: Database, mails: list[OutboxMessage], now: datetime = NOW) -> int:
    handed = [
        Handed(mail, now + number * SECOND, f"250 queued as {number}") for number, mail in enumerate(mails)
    ]
    with database.writing() as connection:
        return deliveries.hand_over_all(connection, handed, server="mail:25")


def test_each_keeps_its_own_moment_and_answer(database: Database) -> None:
    mails = _taken(database)
    assert _hand_over(database, mails) == 3
    written = [
        (row["state"], row["handed_over_at"], row["server"], row["reply"]) for row in mails_in(database)
    ]
    assert written == [
        ("handed_over", NOW + number * SECOND, "mail:25", f"250 queued as {number}") for number in range(3)
    ]
    assert {row["leased_by"] for row in mails_in(database)} == {None}
    assert rows_of_trail(database, "action", "customer_key", "at") == [
        ("mail.handed_over", f"7001{number}", f"2026-11-24T03:00:0{number}.000000Z") for number in range(3)
    ]
    with database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_what_was_recorded_before_is_not_recorded_again(database: Database) -> None:
    first, *others = _taken(database)
    with database.writing() as connection:
        deliveries.refuse(connection, first, server="mail:25", reply="550 no", now=NOW)
    assert _hand_over(database, [first, *others]) == 2
    assert _hand_over(database, [first, *others], NOW + SECOND) == 0
    assert [row["state"] for row in mails_in(database)] == ["refused", "handed_over", "handed_over"]
    assert len(rows_of_trail(database)) == 3


def test_nothing_to_record(database: Database) -> None:
    assert _hand_over(database, []) == 0
    assert rows_of_trail(database) == []


def test_which_mails_are_still_ours(database: Database) -> None:
    mails = _taken(database)

    def held(worker: str = "w1", now: datetime = NOW) -> set[int]:
        with database.reading() as connection:
            return deliveries.still_held(connection, mails, worker=worker, now=now)

    ids = {mail.id for mail in mails}
    assert held() == ids
    assert held("w2") == set()
    assert held(now=NOW + deliveries.LEASE) == set()
    _hand_over(database, mails[:1])
    assert held() == ids - {mails[0].id}


def test_the_dead_let_go_of_what_they_had(database: Database) -> None:
    dead, alive = _taken(database, 3, "dead"), _taken(database, 2, "alive")
    _hand_over(database, dead[:1])
    with database.writing() as connection:
        assert deliveries.free(connection, worker="dead") == 2
    assert [row["leased_by"] for row in mails_in(database)] == [None] * 3 + ["alive"] * 2
    with database.writing() as connection:
        free = deliveries.take(connection, worker="another", now=NOW, limit=9)
    assert [mail.id for mail in free] == [mail.id for mail in dead[1:]]
    assert alive


@pytest.mark.parametrize("living", [True, False])
def test_whoever_lives_keeps_what_is_theirs_when_a_clock_jumps(database: Database, living: bool) -> None:
    mails = _taken(database)
    later = NOW + deliveries.LEASE
    names = ["w1"] if living else []
    with database.writing() as connection:
        assert deliveries.is_due(connection, worker="w2", now=later, living=names) is not living
        taken = deliveries.take(connection, worker="w2", now=later, limit=9, living=names)
    assert len(taken) == (0 if living else len(mails))


def test_mails_by_their_ids_in_whatever_state(database: Database) -> None:
    mails = _taken(database)
    _hand_over(database, mails[:1])
    with database.reading() as connection:
        found = deliveries.named(connection, [mails[0].id, mails[2].id, 999])
    assert sorted(mail.message_id for mail in found) == sorted([mails[0].message_id, mails[2].message_id])


def test_nobody_counts_further_than_asked(database: Database) -> None:
    _taken(database, 5)
    last = mails_in(database)[-1]
    with database.reading() as connection:
        assert count_before(connection, last, NOW, 100) == 4
        assert count_before(connection, last, NOW, 3) == 3
    assert last["state"] == store.WAITING
