"""Files that are handed over as a browser or the API does, without one: kept, taken in, and checked by the worker.

receiving = Receiving(database, tmp_path)
taken = receiving.take_in(customers(customer("70012")), charges(charge("70012")))
receiving.work()
receiving.batch(taken.batches[0].id).state
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from mypage.adapters.clock import Clock
from mypage.config.load import load
from mypage.domain.kept_file import KeptFile, Refused
from mypage.store import batches as store
from mypage.store import kept_files
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.keeping import Keeper, keep
from mypage.works.load import waiting
from mypage.works.load.take_in import HowHanded, TakenIn, take_in
from tests.portal import environment, move_clock

OWNER = "staff:billing-1"
_AS_USUAL = HowHanded()


def a_keeper(database: Database, **settings: str) -> Keeper:
    """One before a test's database, as ``mypage web`` makes it; settings as of :func:`tests.portal.environment`."""
    url = database.url.render_as_string(hide_password=False)
    return Keeper(load(environment(url, **settings)), database)


class Receiving:
    """One owner who hands files over, and the worker's thread that checks them."""

    def __init__(self, database: Database, folder: Path, **settings: str) -> None:
        self.database, self.scratch = database, folder / "scratch"
        url = database.url.render_as_string(hide_password=False)
        self._clock_file = folder / "clock"
        more = {"scratch": str(self.scratch), "clock_file": str(self._clock_file), **settings}
        self.settings = load(environment(url, **more))
        self.keeper = Keeper(self.settings, database)
        self.clock = Clock(self.settings.clock_file)

    def later(self, by: timedelta) -> None:
        """Let the clock be that far ahead of the machine's."""
        move_clock(self._clock_file, by)

    def keep(self, content: bytes, name: str = "file.csv", owner: str = OWNER) -> str:
        """Keep a file; its id."""
        chunks: Iterator[bytes] = iter([content])
        file = keep(
            self.keeper, owner=owner, name=name, size=len(content), chunks=chunks, clock=self.clock.now
        )
        assert isinstance(file, KeptFile), file
        return file.id

    def hand_over(self, *ids: str, how: HowHanded = _AS_USUAL, **more: object) -> TakenIn | Refused:
        """Take kept files in as one delivery."""
        return take_in(
            self.database,
            self.keeper,
            ids,
            owner=OWNER,
            actor=OWNER,
            clock=self.clock.now,
            scratch=self.settings.scratch,
            how=how,
            **more,  # type: ignore[arg-type]
        )

    def take_in(self, *contents: bytes, how: HowHanded = _AS_USUAL) -> TakenIn:
        """Keep contents and take them in as one delivery; that must be possible."""
        taken = self.hand_over(*(self.keep(content) for content in contents), how=how)
        assert isinstance(taken, TakenIn), taken
        return taken

    def work(self) -> int:
        """Let the worker check all that waits; how many deliveries it did."""
        return waiting.check_all_received(self.settings, self.database, self.keeper, self.clock)

    def batch(self, batch_id: int) -> Batch:
        """A batch as it stands."""
        with self.database.reading() as connection:
            found = store.get(connection, batch_id)
        assert found is not None
        return found

    def file(self, file_id: str) -> KeptFile:
        """A kept file as it stands."""
        with self.database.reading() as connection:
            found = kept_files.get(connection, file_id)
        assert found is not None
        return found

    def file_of(self, batch: Batch) -> str:
        """The id of the kept file of a batch."""
        return batch.source.removeprefix("kept:")

    def codes(self, batch_id: int) -> list[str]:
        """The codes of what was told of a batch."""
        with self.database.reading() as connection:
            return [error.code for error in store.errors_of(connection, batch_id)]

    def left(self) -> list[str]:
        """What lies in scratch."""
        return sorted(path.name for path in self.scratch.iterdir()) if self.scratch.exists() else []
