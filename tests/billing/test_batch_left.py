"""What a check leaves whose process is killed: ``list`` and ``show`` tell it, a repeat goes on, and it can be given up."""

import csv
import json
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mypage.adapters.clock import Clock
from mypage.cli import main
from mypage.config.load import load
from mypage.services import batches as deeds
from mypage.services import schedule, trail
from mypage.store.checking import holding
from mypage.store.engine import Database
from mypage.works.load import left
from mypage.works.scheduled import publish_due
from tests.batch_command import Batch, shell
from tests.delivering import NUMBERS, Delivering, charge, charges, customer, customers
from tests.killing import KILLED, Nursery, nursery
from tests.portal import environment, move_clock
from tests.smtp_server import MailServer
from tests.worker_command import until, worker_commands

Run = Callable[..., Result]
STATEMENTS = 3_000
RUNNING, STOPPED = "ただいま検査しています", "検査の途中で、プロセスが止まりました"
GIVEN_UP = "検査が途中で止まったままになったため、取りやめました。"


@pytest.fixture
def run(engine_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``mypage batch`` in the folder of the files, in this process."""
    monkeypatch.chdir(tmp_path)
    told = environment(engine_url, scratch=str(tmp_path / "scratch"))
    return lambda *words: CliRunner().invoke(main, ["batch", *words], env=told, catch_exceptions=False)


@pytest.fixture
def month(database: Database, tmp_path: Path) -> Delivering:
    """An operator with a month of bills in ``charges.csv``, not handed over yet."""
    numbers = [str(70_000 + place) for place in range(STATEMENTS)]
    delivering = Delivering(database, tmp_path)
    delivering.publish(customers=customers(*map(customer, numbers)))
    (tmp_path / "charges.csv").write_bytes(charges(*map(charge, numbers)))
    return delivering


def warm(url: str, folder: str) -> None:
    shell(url, folder, "list")


@pytest.fixture
def processes(engine_url: str, month: Delivering) -> Iterator[Nursery]:
    month.database.close()
    with nursery(warm, engine_url, str(month.folder)) as made:
        yield made


def rows_of(month: Delivering, batch_id: int) -> int:
    return int(str(month.rows(f"SELECT count(*) FROM statement WHERE batch_id = {batch_id}")[0][0]))  # noqa: S608


def state_of(month: Delivering, batch_id: int) -> str:
    return str(month.rows(f"SELECT state FROM batch WHERE id = {batch_id}")[0][0])  # noqa: S608


def told(run: Run, *words: str) -> dict[str, Any]:
    """The batch of ``charges.csv`` for machines."""
    found: list[dict[str, Any]] = json.loads(run(*words, "--json").stdout)["batches"]
    (one,) = [each for each in found if each["kind"] == "charges"]
    return one


def killed_when_all_is_staged(processes: Nursery, url: str, month: Delivering, *words: str) -> None:
    """A process is killed that has staged everything, and has not said so yet."""
    ended = processes.entering(deeds.finish_check, shell, url, str(month.folder), *words)
    assert ended.status == KILLED, ended.said
    assert (state_of(month, 2), rows_of(month, 2)) == ("checking", STATEMENTS)
    assert list((month.folder / "scratch").iterdir())


def test_a_check_that_runs_and_one_that_was_killed_are_told_apart_and_a_repeat_finishes(
    month: Delivering, run: Run, engine_url: str, tmp_path: Path
) -> None:
    batch = Batch(engine_url, tmp_path)
    numbers, months = range(70_000, 70_000 + STATEMENTS), [f"2026-{month:02}" for month in range(3, 11)]
    # Long enough to be stopped in the midst of it.
    content = charges(*(charge(str(number), month=month) for number in numbers for month in months))
    (tmp_path / "charges.csv").write_bytes(content)
    process = batch.start("publish", "charges.csv")
    while not month.rows("SELECT 1 FROM batch WHERE kind = 'charges'"):
        time.sleep(0.002)
    process.send_signal(signal.SIGSTOP)
    assert state_of(month, 2) == "checking", "it was too quick for us"
    for words in (("list",), ("show", "2")):
        said = run(*words).stdout
        assert RUNNING in said
        assert STOPPED not in said
        assert told(run, *words)["check"] == "running"
    # Nobody takes it out of its hands.
    for words in (("publish", "charges.csv"), ("take-back", "2")):
        refused = run(*words)
        assert refused.exit_code == 1, words
        assert "同じファイルを別のプロセスが取り込んでいます" in refused.stderr

    process.kill()
    process.communicate()
    until(lambda: told(run, "list")["check"] == "stopped", 10)
    for words in (("list",), ("show", "2")):
        said = run(*words).stdout
        assert RUNNING not in said
        assert "同じコマンドをもう一度実行すると、続きから行います" in said
        assert "`mypage batch take-back 2`" in said
        assert told(run, *words)["check"] == "stopped"

    status, said, _ = batch.run("publish", "charges.csv")
    assert (status, STOPPED in said) == (0, False)
    assert len(month.seen()) == STATEMENTS * len(months)
    assert batch.left() == []
    assert STOPPED not in run("list").stdout
    assert told(run, "list")["check"] is None


def test_a_repeat_by_the_number_finishes_too(
    month: Delivering, run: Run, engine_url: str, processes: Nursery
) -> None:
    killed_when_all_is_staged(processes, engine_url, month, "check", "charges.csv")
    done = run("publish", "2")
    assert (done.exit_code, "公開中" in done.stdout) == (0, True)
    assert len(month.seen()) == STATEMENTS


def test_what_was_staged_is_given_up_by_hand(
    month: Delivering, run: Run, engine_url: str, processes: Nursery, tmp_path: Path
) -> None:
    killed_when_all_is_staged(processes, engine_url, month, "publish", "charges.csv")
    done = run("take-back", "2")
    assert (done.exit_code, "却下" in done.stdout) == (0, True)
    assert (state_of(month, 2), rows_of(month, 2)) == ("refused", 0)
    assert GIVEN_UP in run("show", "2").stdout
    run("report", "2", "--csv", "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        (found,) = csv.DictReader(file)
    assert found["エラー内容"] == GIVEN_UP
    assert month.rows("SELECT count(*) FROM audit_event WHERE action = 'batch.given_up'") == [(1,)]
    # Given up once, it is no check any more that can be given up.
    assert run("take-back", "2").exit_code == 1
    # And whoever wants it after all hands it over.
    assert run("publish", "charges.csv").exit_code == 0
    assert len(month.seen()) == STATEMENTS
    with month.database.reading() as connection:
        assert trail.broken_at(connection) is None


def test_the_worker_gives_up_what_nobody_went_on_with(
    month: Delivering, engine_url: str, processes: Nursery
) -> None:
    killed_when_all_is_staged(processes, engine_url, month, "check", "charges.csv")
    scratch = month.folder / "scratch"
    with MailServer() as server, worker_commands(month.database, server.url(), scratch) as workers:
        move_clock(workers.clock_file, timedelta(days=3) - timedelta(minutes=1))
        assert workers.start("--once").wait(timeout=30) == 0
        # The files of the dead process are of use to nobody; its rows are, to whoever repeats.
        assert not list(scratch.glob("mypage-load-*"))
        assert (state_of(month, 2), rows_of(month, 2)) == ("checking", STATEMENTS)
        with holding(month.database) as hold:
            assert hold.take(2)
            move_clock(workers.clock_file, timedelta(days=3))
            assert workers.start("--once").wait(timeout=30) == 0
            # A check that takes so long is nobody's to give up.
            assert state_of(month, 2) == "checking"
        assert workers.start("--once").wait(timeout=30) == 0
    assert (state_of(month, 2), rows_of(month, 2)) == ("refused", 0)
    assert month.rows("SELECT actor FROM audit_event WHERE action = 'batch.given_up'") == [("worker",)]
    assert len(month.rows("SELECT 1 FROM customer_version")) == STATEMENTS


def test_what_is_to_be_published_at_a_time_is_checked_again_by_the_worker(
    month: Delivering, run: Run, engine_url: str, processes: Nursery
) -> None:
    outcome = month.hand(*month.files(charges=(month.folder / "charges.csv").read_bytes()))
    due = month.now()
    with month.database.writing() as connection:
        ids = [each.id for each in outcome.batches]
        schedule.schedule(connection, ids, at=due, actor="cli", now=month.now(), second_person=NUMBERS)
    month.publish(customers=customers(customer("80000")))
    ended = processes.entering(deeds.finish_check, work, engine_url, str(month.folder))
    assert ended.status == KILLED, ended.said
    assert state_of(month, 2) == "checking"
    until(lambda: told(run, "list")["check"] == "stopped", 10)
    assert "予約の日時に、workerがもう一度検査して公開します" in run("list").stdout
    # However long no worker comes by, nobody gives it up.
    left.clean_up(month.database, None, actor="worker", now=month.now() + timedelta(days=90))
    with holding(month.database) as hold:
        # While another worker is at it, this one leaves it alone.
        assert hold.take(2)
        assert work(engine_url, str(month.folder)) == 0
        assert month.rows("SELECT state, publish_at IS NULL FROM batch WHERE id = 2") == [("checking", False)]
    assert work(engine_url, str(month.folder)) == 1
    assert len(month.seen()) == STATEMENTS


def work(url: str, folder: str) -> int:
    """The worker publishes what is due."""
    database = Database(url)
    try:
        return publish_due(load(environment(url, scratch=f"{folder}/scratch")), database, Clock(None))
    finally:
        database.close()
