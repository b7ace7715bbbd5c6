"""Who checks a batch holds it, and a process that is killed holds nothing."""

import os
import signal
from pathlib import Path

from mypage.store.checking import held, holding
from mypage.store.engine import Database
from tests.holds import lose_holds
from tests.killing import KILLED, nursery
from tests.worker_command import until


def test_one_holds_it_and_everybody_sees_which(database: Database) -> None:
    assert held(database, []) == set()
    with holding(database) as one, holding(database) as other:
        assert one.take(7)
        assert one.take(7)
        assert not other.take(7)
        assert other.take(2**31 - 1)
        assert held(database, [6, 7, 8, 2**31 - 1]) == {7, 2**31 - 1}
    assert held(database, [7, 2**31 - 1]) == set()
    with holding(database) as later:
        assert later.take(7)


def test_another_database_has_batches_of_its_own(database: Database, bare_url: str) -> None:
    other = Database(bare_url)
    with holding(database) as one, holding(other) as another:
        assert one.take(1)
        assert held(other, [1]) == set()
        assert another.take(1)
    other.close()


def hold_and_die(url: str, batch_id: int) -> None:
    with holding(Database(url)) as hold:
        assert hold.take(batch_id)
        os.kill(os.getpid(), signal.SIGKILL)


def nothing() -> None:
    pass


def test_whoever_is_killed_holds_nothing(database: Database, engine_url: str) -> None:
    with nursery(nothing) as processes:
        assert processes.end(hold_and_die, engine_url, 7).status == KILLED
    until(lambda: not held(database, [7]), 5)
    with holding(database) as hold:
        assert hold.take(7)
        assert held(database, [7]) == {7}
    # Nothing is left beside the database either.
    if database.is_sqlite:
        assert not list(Path(database.name).parent.glob("*-checking-*"))


def test_a_hold_that_was_lost_ends_without_a_fuss(database: Database) -> None:
    with holding(database) as one:
        assert one.take(7)
        lose_holds(database)
        until(lambda: not held(database, [7]), 5)
        with holding(database) as other:
            assert other.take(7)
            one.let_go()
            assert held(database, [7]) == {7}
    assert held(database, [7]) == set()
