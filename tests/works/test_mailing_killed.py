"""A worker that is killed anywhere in a mailing, and two that work at the same one: each is told once, nobody is left out."""

import itertools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mypage.adapters.clock import Clock
from mypage.services import trail
from mypage.store.engine import Database
from mypage.works.deliver import Delivery
from mypage.works.mailing import Expansion
from tests import postgres as programs
from tests.killing import KILLED, nursery, spread
from tests.mail import Desk, database_of_its_own, mail_settings
from tests.noticing import Town, bills
from tests.smtp_server import MailServer

KEYS = [str(number) for number in range(70_001, 70_011)]
POINTS = {"sqlite": 10, "postgresql": 6}
MAILS = (
    "SELECT customer_key, account_id, state FROM outbox ORDER BY 1, 3",
    "SELECT customer_key, account_id FROM statement_notice ORDER BY 1",
    "SELECT state, cursor, examined, mails FROM mailing ORDER BY id",
)
NOBODY = "smtp://127.0.0.1:9"
Left = list[list[tuple[object, ...]]]


def expand(url: str, folder: str) -> None:
    """The worker writes the mails, four customers at once."""
    with closing(Database(url)) as database:
        settings = mail_settings(database, NOBODY, scratch=folder)
        Expansion(settings, database, Clock(None), at_once=4).all()


def drop(url: str, folder: str) -> None:
    """The worker finds that what they tell was taken back; it has no word to say to the mail server."""
    with closing(Database(url)) as database:
        settings = mail_settings(database, NOBODY, scratch=folder)
        with closing(Delivery(settings, database, Clock(None), f"w{os.getpid()}")) as delivery:
            while delivery.round().more:
                pass


def look(url: str) -> Left:
    """What is there, and whether it fits together: a mail that waits belongs to whoever counts as told."""
    with closing(Database(url)) as database, database.reading() as connection:
        mails, told, mailings = ([tuple(row) for row in connection.exec_driver_sql(query)] for query in MAILS)
        assert trail.broken_at(connection) is None
    waiting = [(key, account_id) for key, account_id, state in mails if state == "waiting"]
    assert waiting == told
    assert len(mails) == sum(int(str(row[3])) for row in mailings)
    return [mails, told, mailings]


def look_and_finish(deed: Callable[[str, str], None], url: str, folder: str) -> tuple[Left, Left]:
    """What a kill left, and what is there when another worker came by."""
    left = look(url)
    deed(url, folder)
    return left, look(url)


def warm(before: str, after: str, folder: str) -> None:
    """All of it once."""
    for deed, url in ((expand, before), (drop, after)):
        deed(url, folder)
        look(url)


@pytest.fixture
def copies(
    database: Database, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[dict[str, Callable[[], str]]]:
    """Addresses of new copies of a database: with a mailing to expand, and with mails that are not so any more."""
    desk = Desk(database, NOBODY, tmp_path)
    town = Town(database, *KEYS)
    batch = town.publish(*bills(KEYS))
    server: programs.Cluster | None = None
    if request.config.getoption("--database") == "postgresql":
        server = request.getfixturevalue("postgres")
    made, count = list[str](), itertools.count()

    def copied(original: str) -> str:
        if server is not None:
            made.append(f"mailing_{os.getpid()}_{next(count)}")
            if len(made) > 4:
                server.drop(made.pop(2))
            return server.fresh(made[-1], original)
        copy = shutil.copy(original, tmp_path / f"copy-{next(count) % 3}.sqlite")
        for journal in ("-wal", "-shm"):
            Path(f"{copy}{journal}").unlink(missing_ok=True)
        return f"sqlite:///{copy}"

    def kept(name: str) -> str:
        database.close()
        if server is not None:
            made.append(f"mailing_{os.getpid()}_{name}")
            server.fresh(made[-1], database.url.database or "")
            return made[-1]
        return str(shutil.copy(database.url.database or "", tmp_path / f"{name}.sqlite"))

    before = kept("before")
    town.expand(desk)
    town.take_back(batch)
    after = kept("after")
    desk.close()
    yield {"expand": lambda: copied(before), "drop": lambda: copied(after)}
    if server is not None:
        for name in made:
            server.drop(name)


def test_killed_anywhere_each_is_told_once_and_nobody_is_left_out(
    copies: dict[str, Callable[[], str]], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    count, folder = POINTS[request.config.getoption("--database")], str(tmp_path)
    with nursery(warm, copies["expand"](), copies["drop"](), folder) as processes:
        for deed in (expand, drop):
            url = copies[deed.__name__]()
            points = processes.walk(deed, url, folder)
            done: Left = processes.ask(look, url)
            killed = 0
            for point in spread(points, count):
                url = copies[deed.__name__]()
                ended = processes.until(point, deed, url, folder)
                assert ended.status in (KILLED, 0), f"{deed.__name__} at {point}: {ended}"
                killed += ended.status == KILLED
                _, finished = processes.ask(look_and_finish, deed, url, folder)
                assert finished == done, f"{deed.__name__} killed at {point}: the next one did not finish it"
            assert killed >= count * 3 // 4
    assert [row[2] for row in done[0]] == ["void"] * len(KEYS)


def test_two_workers_at_one_mailing_tell_each_once(database: Database, tmp_path: Path) -> None:
    with MailServer() as server, closing(Desk(database, server.url(), tmp_path)) as desk:
        keys = [str(number) for number in range(70_001, 70_041)]
        town = Town(database, *keys)
        town.publish(*bills(keys))
        begin = threading.Barrier(2)

        def work() -> None:
            with database_of_its_own(database) as opened:
                begin.wait(60)
                Expansion(desk.settings, opened, desk.clock, at_once=1).all()

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert town.mailings() == [("expanded", 40, 40)]
        desk.run()
        assert sorted(mail.recipient for mail in server.mails) == [f"{key}@example.jp" for key in keys]
