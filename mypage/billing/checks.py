"""What is told of a batch that is 検査中: somebody checks it at this moment, or its check broke off."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from mypage.billing import terminal
from mypage.billing.opened import Opened
from mypage.domain.batch import State
from mypage.store.batches import Batch
from mypage.store.checking import held
from mypage.works.load.left import GIVEN_UP_AFTER


class Check(StrEnum):
    """How it stands with a check that has not come to its end."""

    RUNNING = "running"
    STOPPED = "stopped"


def checks(tools: Opened, batches: Sequence[Batch]) -> Mapping[int, Check]:
    """By their ids those batches that are 検査中."""
    checking = [batch.id for batch in batches if batch.state is State.CHECKING]
    running = held(tools.database, checking)
    return {batch_id: Check.RUNNING if batch_id in running else Check.STOPPED for batch_id in checking}


def lines(batch: Batch, check: Check | None) -> Sequence[str]:
    """What happened, and what to do."""
    if check is None:
        return ()
    is_scheduled = check is Check.STOPPED and batch.publish_at is not None
    code = f"check_{check}_scheduled" if is_scheduled else f"check_{check}"
    return (f"      {terminal.deed_sentence(code, id=batch.id, days=GIVEN_UP_AFTER.days)}",)
