"""A process is killed at any point of an upload, a hand-over with its check, or a purge: a repeat finishes the job."""

import hashlib
import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.domain.kept_file import PART, FileState, KeptFile
from mypage.services import kept_files, trail
from mypage.store.engine import Database
from mypage.works.keeping import Keeper, keep, open_upload, receive
from mypage.works.kept_files import purge as purge_files
from mypage.works.load.take_in import TakenIn, take_in
from mypage.works.load.waiting import check_all_received
from tests.delivering import NOON, customer, customers
from tests.killing import KILLED, nursery, spread
from tests.portal import environment

OWNER = "staff:one"
POINTS = {"upload": 3, "hand_over": 6, "purge": 3}
# With --long every deed is killed so many times as often.
TIMES = 12
PIECES = (100_000, 900_000, PART)
LATE = NOON + timedelta(days=365)


def upload(url: str, folder: str, number: int, tried: int) -> str:
    """A client sends a file in pieces, from wherever the server says that it stands; the hash of what is kept."""
    keeper, _ = _opened(url, folder)
    content = random.Random(number).randbytes(PART + 100_000)  # noqa: S311 - only distinct
    # After a kill the next request comes a minute later: nobody waits for the dead.
    now = NOON + timedelta(minutes=tried)
    with keeper.database.reading() as connection:
        mine = kept_files.unused_of(connection, OWNER, limits=keeper.limits, now=now)
    file = next((each for each in mine if each.name == f"{number}.bin"), None)
    if file is None:
        opened = open_upload(keeper, owner=OWNER, name=f"{number}.bin", size=len(content), now=now)
        assert isinstance(opened, KeptFile)
        file = opened
    for size in (*PIECES, len(content)):
        if file.state is FileState.OPEN:
            piece = content[file.arrived : file.arrived + size]
            told = receive(
                keeper, file.id, owner=OWNER, offset=file.arrived, chunks=iter([piece]), clock=lambda: now
            )
            assert isinstance(told, KeptFile), told
            file = told
    kept = b"".join(keeper.pieces(file))
    keeper.database.close()
    assert kept == content
    return hashlib.sha256(kept).hexdigest()


def hand_over(url: str, folder: str, number: int, _tried: int) -> list[tuple[object, ...]]:
    """A file is kept, taken in and checked; the batches that there are of it, and what lies in scratch."""
    keeper, settings = _opened(url, folder)
    content = customers(customer(str(80_000 + number)), customer(str(90_000 + number)))
    clock = Clock(None)
    file = keep(keeper, owner=OWNER, name="a.csv", size=len(content), chunks=iter([content]), clock=clock.now)
    assert isinstance(file, KeptFile)
    taken = take_in(
        keeper.database,
        keeper,
        [file.id],
        owner=OWNER,
        actor=OWNER,
        clock=clock.now,
        scratch=settings.scratch,
    )
    assert isinstance(taken, TakenIn), taken
    check_all_received(settings, keeper.database, keeper, clock)
    sha256 = {"sha256": hashlib.sha256(content).hexdigest()}
    with keeper.database.reading() as connection:
        query = text("SELECT state, errors FROM batch WHERE sha256 = :sha256")
        found: list[tuple[object, ...]] = [tuple(row) for row in connection.execute(query, sha256)]
        assert trail.broken_at(connection) is None
    keeper.database.close()
    assert settings.scratch is not None
    return [*found, tuple(path.name for path in settings.scratch.iterdir())]


def purge(url: str, folder: str, number: int, tried: int) -> tuple[int, int, int]:
    """An upload that nobody took up is deleted: rows of it that say so, in the trail and its own; bytes that are left."""
    keeper, _ = _opened(url, folder)
    name = {"name": f"purge-{number}"}
    if not tried:
        keep(keeper, owner=OWNER, chunks=iter([b"x"]), size=1, clock=lambda: NOON, **name)
    purge_files(keeper, LATE)
    with keeper.database.reading() as connection:
        row = connection.execute(text("SELECT id, state FROM kept_file WHERE name = :name"), name).first()
        file_id = {"id": "" if row is None else row.id, "like": f"%{'' if row is None else row.id}%"}
        told = connection.execute(
            text("SELECT count(*) FROM audit_event WHERE action = 'file.deleted' AND facts LIKE :like"),
            file_id,
        ).scalar_one()
        left = connection.execute(
            text("SELECT count(*) FROM kept_bytes WHERE file_id = :id"), file_id
        ).scalar_one()
        gone = int(row is not None and row.state == "gone")
    keeper.database.close()
    return (1, 1, 0) if row is None else (int(told), gone, int(left))


def _opened(url: str, folder: str) -> tuple[Keeper, Settings]:
    settings = load(environment(url, scratch=f"{folder}/scratch", file_keys="k" * 40))
    return Keeper(settings, Database(url)), settings


def warm(url: str, folder: str) -> None:
    """All of it once."""
    for deed in (upload, hand_over, purge):
        deed(url, folder, 0, 0)


def test_killed_anywhere_a_repeat_finishes(engine_url: str, tmp_path: Path) -> None:
    kill(engine_url, str(tmp_path), 1)


@pytest.mark.long
def test_killed_in_many_places_a_repeat_finishes(engine_url: str, tmp_path: Path) -> None:
    kill(engine_url, str(tmp_path), TIMES)


def kill(url: str, folder: str, times: int) -> None:
    """Kill each deed at its points, evenly over all that it does, and let it be done again."""
    number = 0
    with nursery(warm, url, folder) as processes:
        for deed in (upload, hand_over, purge):
            number += 2
            wanted = processes.ask(deed, url, folder, number - 1, 0)
            points = processes.walk(deed, url, folder, number, 0)
            killed = 0
            for point in spread(points, POINTS[deed.__name__] * times):
                number += 1
                ended = processes.until(point, deed, url, folder, number, 0)
                assert ended.status in (KILLED, 0), f"{deed.__name__} at {point}: {ended}"
                killed += ended.status == KILLED
                after = processes.ask(deed, url, folder, number, 1)
                # What an upload gives is of its own content, which it compared.
                assert deed is upload or after == wanted, f"{deed.__name__} killed at {point}"
            assert killed >= POINTS[deed.__name__] // 2
