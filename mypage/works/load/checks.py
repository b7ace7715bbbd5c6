"""How it stands with a batch that is 検査中: somebody checks it at this moment, or its check broke off."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from mypage.domain.batch import State
from mypage.store.batches import Batch
from mypage.store.checking import held
from mypage.store.engine import Database


class Check(StrEnum):
    """How it stands with a check that has not come to its end."""

    RUNNING = "running"
    STOPPED = "stopped"


def checks(database: Database, batches: Sequence[Batch]) -> Mapping[int, Check]:
    """By their ids those batches that are 検査中."""
    checking = [batch.id for batch in batches if batch.state is State.CHECKING]
    running = held(database, checking)
    return {batch_id: Check.RUNNING if batch_id in running else Check.STOPPED for batch_id in checking}
