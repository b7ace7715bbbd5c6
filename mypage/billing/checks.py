"""What is told on the terminal of a batch that is 検査中."""

from collections.abc import Sequence

from mypage.billing import terminal
from mypage.store.batches import Batch
from mypage.works.load.checks import Check
from mypage.works.load.left import GIVEN_UP_AFTER


def lines(batch: Batch, check: Check | None) -> Sequence[str]:
    """What happened, and what to do."""
    if check is None:
        return ()
    is_scheduled = check is Check.STOPPED and batch.publish_at is not None
    code = f"check_{check}_scheduled" if is_scheduled else f"check_{check}"
    return (f"      {terminal.deed_sentence(code, id=batch.id, days=GIVEN_UP_AFTER.days)}",)
