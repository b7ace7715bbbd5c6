"""What the billing operator can do with a batch, and when (specification §6): buttons, forms and deeds ask here."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from mypage.domain.batch import PUBLISHABLE, State


class BatchDeed(Enum):
    """A deed: its word in addresses, and the label of its button."""

    PUBLISH = ("publish", "公開する")
    SCHEDULE = ("schedule", "日時を指定して公開する")
    ASK = ("ask", "公開の承認を依頼する")
    CALL_OFF = ("call-off", "予約を取り消す")
    TAKE_BACK = ("take-back", "公開を取り消す")
    CHECK_AGAIN = ("check-again", "検査し直す")
    LEAVE_OUT = ("without-errors", "エラーの請求を除いて公開")
    DISCARD = ("discard", "却下する")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label

    @classmethod
    def named(cls, word: str) -> "BatchDeed | None":
        """The deed of that word, None where there is none."""
        return next((each for each in cls if each.word == word), None)


@dataclass(frozen=True, slots=True)
class Stands:
    """How a batch stands, as far as it decides what can be done. ``members`` are the states of all of its delivery.

    ``is_clean``: nothing in it keeps it from being published. ``needs_second``: only with a second person; ``is_asked``:
    who is asked already. ``is_wanted``: it is to be published at a time, or after a check that goes on. ``can_leave_out``:
    what is wrong with it can be left out.
    """

    state: State
    members: Collection[State]
    is_clean: bool
    needs_second: bool
    is_asked: bool
    is_wanted: bool
    can_leave_out: bool


_ANEW = frozenset((State.CHECKED, State.APPROVED, State.REFUSED, State.TAKEN_BACK))
_WAITS = frozenset((State.RECEIVED, State.CHECKED, State.APPROVED))
_BUSY = frozenset((State.RECEIVED, State.CHECKING))


def fitting(stands: Stands) -> tuple[BatchDeed, ...]:
    """What can be done with it, the likeliest first."""
    members = set(stands.members)
    found: list[BatchDeed] = []
    if members <= PUBLISHABLE and stands.is_clean:
        found += _publishing(stands)
    elif stands.is_wanted:
        found.append(BatchDeed.CALL_OFF)
    if stands.state is State.PUBLISHED:
        found.append(BatchDeed.TAKE_BACK)
    if stands.state is State.REFUSED and stands.can_leave_out:
        found.append(BatchDeed.LEAVE_OUT)
    if stands.state in _ANEW and not members & _BUSY:
        found.append(BatchDeed.CHECK_AGAIN)
    if members <= _WAITS:
        found.append(BatchDeed.DISCARD)
    return tuple(found)


def _publishing(stands: Stands) -> list[BatchDeed]:
    if State.SCHEDULED in stands.members:
        return [BatchDeed.CALL_OFF] if stands.needs_second else [BatchDeed.PUBLISH, BatchDeed.CALL_OFF]
    if stands.needs_second:
        return [] if stands.is_asked else [BatchDeed.ASK]
    return [BatchDeed.PUBLISH, BatchDeed.SCHEDULE]
