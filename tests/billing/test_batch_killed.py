"""A process of the batch side is killed at any point: the old state or the new one, and a repeat finishes the job."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.domain.staff import COMMAND_LINE
from mypage.services import batch_requests, schedule, trail
from mypage.services.batch_requests import Asked
from mypage.store import batches as store
from mypage.store.engine import Database
from mypage.store.staging import TABLES
from mypage.works.load import left
from mypage.works.load.delivery import check
from mypage.works.load.scratch import sweep
from mypage.works.scheduled import publish_due
from tests import postgres as programs
from tests.batch_command import shell
from tests.delivering import (
    A_DAY,
    CONTRACT_HEADINGS,
    NOON,
    NUMBERS,
    Delivering,
    charge,
    charges,
    customer,
    customers,
    number_change,
    number_changes,
    payment,
    payments,
    second,
    table,
)
from tests.killing import KILLED, Nursery, Point, nursery, spread
from tests.portal import environment

DISTINCT = {"sqlite": 72, "postgresql": 45}
LONG = 10_000
TOLD_EVERY = 500
CHECKED, CORRECTION = 4, 5
Row = tuple[object, ...]
SEEN = (
    "SELECT s.customer_key, s.billing_month, s.number, s.total, b.pub_seq FROM statement s JOIN batch b"
    " ON b.id = s.batch_id WHERE b.pub_seq IS NOT NULL ORDER BY 1, 2, 3, 5",
    "SELECT c.customer_key, c.name, b.pub_seq FROM customer_version c JOIN batch b ON b.id = c.batch_id"
    " WHERE b.pub_seq IS NOT NULL ORDER BY 1, 3",
    "SELECT c.customer_key, b.pub_seq FROM contract_set c JOIN batch b ON b.id = c.batch_id"
    " WHERE b.pub_seq IS NOT NULL ORDER BY 1, 2",
    "SELECT p.customer_key, p.billing_month, p.state, b.pub_seq FROM payment p JOIN batch b"
    " ON b.id = p.batch_id WHERE b.pub_seq IS NOT NULL ORDER BY 1, 2, 4",
    "SELECT s.customer_key, s.other_key, s.kind, b.pub_seq FROM succession s JOIN batch b"
    " ON b.id = s.batch_id WHERE b.pub_seq IS NOT NULL ORDER BY 1, 2",
    "SELECT l.customer_number, l.code, b.pub_seq FROM left_out l JOIN batch b"
    " ON b.id = l.batch_id WHERE b.pub_seq IS NOT NULL ORDER BY 1, 2",
    "SELECT epoch, pub_seq FROM publication",
    "SELECT kind, state FROM batch WHERE state IN ('published', 'taken_back') ORDER BY id",
)
STAGED = tuple(
    f"SELECT count(*) FROM {table} r JOIN batch b ON b.id = r.batch_id WHERE b.state = 'refused'"  # noqa: S608
    for table in {each.name for tables in TABLES.values() for each in tables}
)


@dataclass
class Scene:
    """Files in a folder, and a database to begin with: ``copy`` makes one and gives its address."""

    folder: str
    copy: Callable[[], str]


def publish_delivery(url: str, folder: str) -> None:
    """New customers, contracts, a new month, and a correction of the month before."""
    shell(url, folder, "publish", "customers.csv", "contracts.csv", "november.csv")


def take_back(url: str, folder: str) -> None:
    """October's correction is taken back."""
    shell(url, folder, "take-back", str(CORRECTION), "--reason", "wrong")


def refuse(url: str, folder: str) -> None:
    """A delivery with errors, handed over again after its first file had been checked alone."""
    shell(url, folder, "check", "customers.csv", "wrong.csv")


def publish_on_time(url: str, folder: str) -> None:
    """The worker publishes what is due, after another check because something was published since."""
    settings = load(environment(url, scratch=f"{folder}/scratch"))
    database = Database(url)
    publish_due(settings, database, Clock(None))
    database.close()


def schedule_and_work(url: str, folder: str) -> None:
    """A file is checked, to be published at a time; then the worker comes by, long after it."""
    shell(url, folder, "publish", "november.csv", "--at", "2999-01-01T09:00")
    database = Database(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE batch SET publish_at = received_at WHERE publish_at IS NOT NULL")
    database.close()
    publish_on_time(url, folder)


def publish_without_errors(url: str, folder: str) -> None:
    """What is right of a month and of payments is published, the rest is listed."""
    shell(url, folder, "publish", "wrong.csv", "payments.csv", "--without-errors")


def change_numbers(url: str, folder: str) -> None:
    """Numbers change: checked, approved by a second person, published."""
    shell(url, folder, "check", "changes.csv", "customers.csv")
    database = Database(url)
    with database.reading() as connection:
        newest = store.latest(connection, 1)[0].id
    now = datetime.now(UTC)
    with database.writing() as connection:
        asked = batch_requests.ask(
            connection, [newest], first=COMMAND_LINE, by="cli", second_person=NUMBERS, life=A_DAY, now=now
        )
    for request in asked.requests if isinstance(asked, Asked) else ():
        with database.writing() as connection:
            batch_requests.approve(
                connection, request.id, staff_id="billing-second", second_person=NUMBERS, now=now
            )
    database.close()


def publish_by_id(url: str, folder: str) -> None:
    """What was checked is published by its number, after another check because something was published since."""
    shell(url, folder, "publish", str(CHECKED))


def give_up(url: str, folder: str) -> None:
    """What a crash left a month ago is cleaned."""
    database = Database(url)
    left.clean_up(database, Path(folder, "scratch"), actor="worker", now=NOON + timedelta(days=30))
    database.close()


DEEDS = (
    publish_delivery,
    publish_by_id,
    publish_on_time,
    schedule_and_work,
    publish_without_errors,
    change_numbers,
    take_back,
    refuse,
    give_up,
)
# What nobody sees anything of.
BEHIND: Final = (refuse, give_up)
# Deliveries that are due are published one after the other, each at its own instant: what the first of them brings
# alone may be seen.
BETWEEN: Final[Mapping[Callable[[str, str], None], Callable[[str, str], None]]] = {
    schedule_and_work: publish_on_time
}


@pytest.fixture
def scene(database: Database, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    """September and October published, October corrected, files of the next delivery in the folder.

    December is due and February is checked, both from before the correction; a check of January broke off.
    """
    on_postgresql = request.config.getoption("--database") == "postgresql"
    delivering = Delivering(database, tmp_path)
    second(database)
    numbers = [str(70_000 + place) for place in range(12)]
    delivering.publish(
        customers=customers(*map(customer, numbers)),
        october=charges(*(charge(number) for number in numbers)),
    )
    december = delivering.check(charges=charges(*(charge(number, month="2026-12") for number in numbers)))
    with database.writing() as connection:
        ids = [batch.id for batch in december.batches]
        schedule.schedule(
            connection, ids, at=NOON - timedelta(days=3650), actor="cli", now=NOON, second_person=NUMBERS
        )
    (february,) = delivering.check(
        charges=charges(*(charge(number, month="2027-02") for number in numbers))
    ).batches
    (correction,) = delivering.publish(correction=charges(charge("70003", amount="900", total="900")))
    assert (february.id, correction.id) == (CHECKED, CORRECTION)
    crash_in_staging(
        delivering, charges(*(charge(number, month="2027-01", amount="1", total="1") for number in numbers))
    )
    (tmp_path / "customers.csv").write_bytes(
        customers(
            customer("70001", name="改姓　花子"), *(customer(str(80_000 + place)) for place in range(5))
        )
    )
    (tmp_path / "contracts.csv").write_bytes(
        table(CONTRACT_HEADINGS, *([number, "1", "インターネット", "光", "契約中"] for number in numbers))
    )
    (tmp_path / "november.csv").write_bytes(
        charges(
            *(charge(number, month="2026-11") for number in numbers), charge("70002", amount="7", total="7")
        )
    )
    (tmp_path / "wrong.csv").write_bytes(charges(charge("70001", month="2026-11"), charge("99999")))
    (tmp_path / "payments.csv").write_bytes(payments(payment("70003"), payment("99999"), payment("70004")))
    (tmp_path / "changes.csv").write_bytes(
        number_changes(number_change("70005", "80001"), number_change("70006", "80002", "承継"))
    )
    count = itertools.count()
    if on_postgresql:
        server: programs.Cluster = request.getfixturevalue("postgres")
        database.close()
        template = database.url.database or ""
        made: list[str] = []

        def copied() -> str:
            made.append(f"killed_{os.getpid()}_{next(count)}")
            if len(made) > 2:
                server.drop(made[-3])
            return server.fresh(made[-1], template)

        yield Scene(str(tmp_path), copied)
        for name in made[-2:]:
            server.drop(name)
    else:
        database.close()
        original = Path(database.url.database or "")

        def copied() -> str:
            copy = shutil.copy(original, tmp_path / f"copy-{next(count) % 3}.sqlite")
            for journal in ("-wal", "-shm"):
                Path(f"{copy}{journal}").unlink(missing_ok=True)
            return f"sqlite:///{copy}"

        yield Scene(str(tmp_path), copied)


class Crash(Exception):
    """The process ends here."""


def crash_in_staging(delivering: Delivering, content: bytes) -> None:
    """A check that breaks off when something is staged."""

    def progress(step: str, done: int, _whole: int, _rows: int) -> None:
        if step == "stage" and done:
            raise Crash

    with pytest.raises(Crash):
        check(
            delivering.database,
            delivering.files(content=content),
            rules=delivering.rules,
            scratch=delivering.folder / "scratch",
            actor="cli",
            clock=delivering.now,
            progress=progress,
        )


class Looked(NamedTuple):
    """What subscribers, staff and the trail could see; how each batch stands; rows of batches that are refused."""

    seen: list[list[Row]]
    batches: list[Row]
    rows_left: int


def look(url: str) -> Looked:
    """The tables of a database."""
    database = Database(url)
    with database.reading() as connection:
        seen = [[tuple(row) for row in connection.exec_driver_sql(query)] for query in SEEN]
        assert trail.broken_at(connection) is None
        # Not their numbers: PostgreSQL gives none again to whoever comes after one that was killed.
        newest = store.latest(connection, 99)
        batches: list[Row] = [(each.filename, each.state, each.publish_at) for each in newest]
        rows_left = sum(connection.exec_driver_sql(query).scalar_one() for query in STAGED)
    database.close()
    return Looked(seen, batches, rows_left)


def look_and_finish(deed: Callable[[str, str], None], url: str, folder: str) -> tuple[Looked, Looked]:
    """What a kill left, and what is there when the command was run again: by one fresh process."""
    left_behind = look(url)
    deed(url, folder)
    return left_behind, look(url)


def warm(url: str, folder: str) -> None:
    """All of it once, so that everything is imported and every statement built."""
    for deed in DEEDS:
        deed(url, folder)
        look(url)


def kill_everywhere(
    scene: Scene, count: int, *, same_place: bool, passed: Callable[[int], None] = lambda _: None
) -> int:
    """Kill each deed at its share of ``count`` points; how many distinct points there were.

    ``passed`` is told after each kill how many there were.
    """
    killed = set[tuple[str, int, str]]()
    with nursery(warm, scene.copy(), scene.folder) as processes:
        # The shortest first: what they have too few points for, the longer ones make good.
        walked = sorted(
            (_walked(processes, scene, deed) for deed in DEEDS), key=lambda each: len(each.points)
        )
        for place, (deed, points, allowed, after) in enumerate(walked):
            # One more than its share: a run that was slow when it was walked may end before its last point.
            wanted = (count - len(killed)) // (len(DEEDS) - place) + 1
            for point in _evenly(points, wanted) if same_place else spread(points, wanted):
                url, where = scene.copy(), f"{deed.__name__} killed at {point}"
                ended = processes.until(point, deed, url, scene.folder)
                assert ended.status in (KILLED, 0), f"{where}: {ended}"
                if ended.status == KILLED:
                    killed.add((deed.__name__, point.number if same_place else 0, point.place))
                found, finished = processes.ask(look_and_finish, deed, url, scene.folder)
                assert found.seen in allowed, f"{where}: neither the old state nor the new"
                assert finished == after, f"{where}: the repeat did not finish it"
                assert finished.rows_left == 0, f"{where}: rows of a refused batch are left"
                passed(len(killed))
            # A repeat that finds all done checks nothing, and leaves the last bit to the next check or the worker.
            sweep(Path(scene.folder, "scratch"))
            assert not list(Path(scene.folder, "scratch").glob("mypage-load-*")), deed.__name__
    return len(killed)


class Walked(NamedTuple):
    """A deed's points, what may be seen after a kill, and how all looks once it is finished."""

    deed: Callable[[str, str], None]
    points: list[Point]
    allowed: list[list[list[Row]]]
    after: Looked


def _walked(processes: Nursery, scene: Scene, deed: Callable[[str, str], None]) -> Walked:
    url = scene.copy()
    before: Looked = processes.ask(look, url)
    points = processes.walk(deed, url, scene.folder)
    after: Looked = processes.ask(look, url)
    assert (before.seen == after.seen) == (deed in BEHIND)
    assert before.batches != after.batches
    allowed = [before.seen, after.seen]
    if deed in BETWEEN:
        allowed.append(processes.ask(look_and_finish, BETWEEN[deed], scene.copy(), scene.folder)[1].seen)
    return Walked(deed, points, allowed, after)


def _evenly(points: Sequence[Point], count: int) -> list[Point]:
    """So many points, all of them where there are not so many."""
    some = min(count, len(points))
    return [points[place * len(points) // some] for place in range(some)]


def test_killed_anywhere_it_is_the_old_state_or_the_new_and_a_repeat_finishes(
    scene: Scene, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = DISTINCT[request.config.getoption("--database")]
    killed = kill_everywhere(scene, wanted, same_place=False)
    with capsys.disabled():
        print(f"batches: killed at {killed} distinct points")  # noqa: T201 - the figure that is asked for
    assert killed >= wanted


@pytest.mark.long
def test_killed_at_ten_thousand_points(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    def passed(kills: int) -> None:
        if kills % TOLD_EVERY == 0:
            with capsys.disabled():
                print(f"{kills:,} points", flush=True)  # noqa: T201 - it takes an hour

    killed = kill_everywhere(scene, LONG, same_place=True, passed=passed)
    with capsys.disabled():
        print(f"batches: killed at {killed} distinct points")  # noqa: T201 - the figure that is asked for
    assert killed >= LONG
