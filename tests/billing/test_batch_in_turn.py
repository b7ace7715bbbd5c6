"""What ``mypage batch`` tells of what was handed over through a browser, and what the worker's one round makes of it."""

from pathlib import Path

from mypage.domain.batch import State
from mypage.services import batches
from mypage.store.engine import Database
from tests.batch_command import Batch
from tests.delivering import customer, customers
from tests.keeping import Receiving
from tests.worker_command import worker_commands


def test_list_and_show_tell_whose_turn_it_is_and_the_worker_does_it(
    database: Database, tmp_path: Path
) -> None:
    url = database.url.render_as_string(hide_password=False)
    receiving, command = Receiving(database, tmp_path), Batch(url, tmp_path)
    (first,) = receiving.take_in(customers(customer("70012"))).batches
    (second,) = receiving.take_in(customers(customer("70013"))).batches
    with database.writing() as connection:
        # A worker began with the first one, and was killed.
        assert batches.begin_check(connection, [first], now=receiving.clock.now())
    status, out, _ = command.run("list")
    assert status == 0
    assert "受付" in out
    assert "順番を待っています（前に1件）" in out
    assert "ワーカーが動きだすと、自動で検査し直します" in out
    assert "同じコマンドをもう一度" not in out
    with worker_commands(database, "smtp://127.0.0.1:9", tmp_path) as workers:
        assert workers.start("--once").wait(120) is not None
    assert [receiving.batch(each.id).state for each in (first, second)] == [State.CHECKED] * 2
    # Put in its turn again by somebody, a batch is read from the same kept file.
    status, out, _ = command.run("show", str(second.id))
    assert (status, "順番" in out) == (0, False)
