"""Publish checked batches; where something was published since their check, check again first.

Called alike by the command line and by the worker.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from mypage.services import publication
from mypage.services.publication import Refusal, Refused
from mypage.store import batches as store
from mypage.store.batches import Batch
from mypage.store.engine import Database
from mypage.works.keeping import Keeper
from mypage.works.load.delivery import Outcome, check_again
from mypage.works.load.task import LoadRules, Progress, no_progress

# Somebody else may publish between our check and our flip; not for ever.
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Flip:
    """What became of the batches. Not published: ``refused`` by the flip, or ``again`` found errors."""

    batches: tuple[Batch, ...]
    refused: Refused | None = None
    again: Outcome | None = None

    @property
    def is_well(self) -> bool:
        """Whether they are published."""
        return self.refused is None and self.again is None


def publish(
    database: Database,
    batches: Sequence[Batch],
    *,
    keeper: Keeper,
    rules: LoadRules,
    scratch: Path | None,
    actor: str,
    clock: Callable[[], datetime],
    notices: bool | None = None,
    taken_up: datetime | None = None,
    progress: Progress = no_progress,
) -> Flip:
    """Let batches be seen. Raises :class:`mypage.works.load.hold.LoadedElsewhere`.

    ``notices`` and ``taken_up`` as at :func:`mypage.services.publication.publish`.
    """
    ids = [batch.id for batch in batches]
    tries_left = _TRIES
    while True:
        with database.writing() as connection:
            done = publication.publish(
                connection,
                ids,
                actor=actor,
                now=clock(),
                second_person=rules.second_person,
                notices=notices,
                taken_up=taken_up,
            )
        if not isinstance(done, Refused):
            return Flip(done.batches)
        tries_left -= 1
        if done.why is not Refusal.CHECK_AGAIN or not tries_left:
            return Flip(tuple(batches), refused=done)
        with database.reading() as connection:
            overtaken = store.get(connection, done.batch_id)
            delivery = [] if overtaken is None else store.of_delivery(connection, overtaken.delivery)
        again = check_again(
            database,
            delivery,
            keeper=keeper,
            rules=rules,
            scratch=scratch,
            actor=actor,
            clock=clock,
            progress=progress,
        )
        if not again.is_well:
            return Flip(again.batches, again=again)
