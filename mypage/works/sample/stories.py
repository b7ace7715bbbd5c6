"""What happens to the sample's customers: each story stands once in every hundred of them, or oftener.

A sample that is drawn by pure chance lacks just the case one wants to look at; so the stories are dealt
out from a shuffled pack, and three hundred customers hold each of them at least twice.
"""

from enum import Enum, auto
from random import Random


class Story(Enum):
    """One thing about a customer that is worth a look on some screen."""

    CAMPAIGN_ENDS = auto()
    NEWCOMER = auto()
    COMPANY = auto()
    COMPANY_WITH_TAX_LINES = auto()
    HOLDER_CHANGED = auto()
    SUSPENDED = auto()
    ENDED = auto()
    ENDED_LONG_AGO = auto()
    REFUNDED = auto()
    NOT_YET_BEGUN = auto()
    EXTRA_BILL = auto()
    DEBIT_FAILED = auto()
    UNCONFIRMED = auto()
    PARTLY_PAID = auto()
    PREPAID = auto()
    CORRECTED = auto()
    WITHDRAWN = auto()
    INSTALMENTS = auto()
    ADJUSTED = auto()
    WATER = auto()
    SECOND_KANA = auto()
    SECOND_PHONE = auto()
    BANK_KANA = auto()
    UNREADABLE_KANA = auto()
    DUMMY_PHONE = auto()
    PHONE_WITHOUT_ZERO = auto()
    NOT_ON_THE_WEB = auto()
    BILLED_ELSEWHERE = auto()


_OFTEN = {
    Story.CAMPAIGN_ENDS: 6, Story.NEWCOMER: 5, Story.COMPANY: 3, Story.COMPANY_WITH_TAX_LINES: 2,
    Story.ENDED: 2, Story.EXTRA_BILL: 3, Story.WATER: 4, Story.SECOND_PHONE: 5, Story.BANK_KANA: 4,
    Story.CORRECTED: 2, Story.BILLED_ELSEWHERE: 2,
}  # fmt: skip
_PACK_SIZE = 100

_GUARANTEED = (
    frozenset({Story.CAMPAIGN_ENDS}),
    frozenset({Story.COMPANY}),
    frozenset[Story](),
    frozenset({Story.CAMPAIGN_ENDS, Story.EXTRA_BILL, Story.CORRECTED}),
)
"""The first four customers: those with whom a newcomer plays the sample through."""


class Stories:
    """Which stories the customer with an index (from 0) has; the same for one seed."""

    def __init__(self, seed: int) -> None:
        pack = [frozenset({story}) for story in Story for _ in range(_OFTEN.get(story, 1))]
        pack += [frozenset[Story]()] * (_PACK_SIZE - len(pack))
        Random(seed).shuffle(pack)  # noqa: S311 - a sample, no secret
        self._pack = pack

    def of(self, index: int) -> frozenset[Story]:
        """The stories of one customer; none for most."""
        return _GUARANTEED[index] if index < len(_GUARANTEED) else self._pack[index % _PACK_SIZE]
