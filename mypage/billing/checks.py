"""What is told on the terminal of a batch in 受付 or 検査中."""

from collections.abc import Mapping, Sequence

from mypage.billing import terminal
from mypage.billing.opened import Opened
from mypage.domain.batch import State
from mypage.services import batch_progress
from mypage.services.batch_progress import Turn
from mypage.shown import batch_progress as shown
from mypage.store.batches import Batch
from mypage.works.load.checks import Check
from mypage.works.load.left import GIVEN_UP_AFTER

_UNCHECKED = (State.RECEIVED, State.CHECKING)


def turns(tools: Opened, batches: Sequence[Batch]) -> Mapping[int, Turn]:
    """By their ids those that the worker checks."""
    with tools.database.reading() as connection:
        return batch_progress.of(connection, [each.id for each in batches if each.state in _UNCHECKED])


def lines(batch: Batch, check: Check | None, turn: Turn | None) -> Sequence[str]:
    """What happened, and what to do."""
    if turn is not None:
        standing = shown.of(turn, is_stopped=check is Check.STOPPED)
        return (f"      {terminal.deed_sentence('in_turn')} {standing.text}",)
    if check is None:
        return ()
    is_scheduled = check is Check.STOPPED and batch.publish_at is not None
    code = f"check_{check}_scheduled" if is_scheduled else f"check_{check}"
    return (f"      {terminal.deed_sentence(code, id=batch.id, days=GIVEN_UP_AFTER.days)}",)
