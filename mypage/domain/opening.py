"""Whether an account may see a customer of its own: opened, or closed by what is still to come.

Specification §2 (``letter``: only a field for the code), §5 (a released number shows nothing to its next account
for 72 hours, and an objection stops it) and §6 (a registration that rests on what a file changed waits for approval).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# From the activation of the next account on. Counted from the release, whoever waits longer than that before they
# register would be shown everything at once.
NOTHING_FOR: Final = timedelta(hours=72)


class ClosedBy(StrEnum):
    """What keeps a customer closed: an objection, the time after a release, a letter whose code is not entered, staff.

    ``settling``: the batch on which the registration rests was taken back, and whether it still holds is being looked
    at: for seconds, where very many rest on one batch.
    """

    SETTLING = "settling"
    OBJECTION = "objection"
    RELEASE = "release"
    LETTER = "letter"
    APPROVAL = "approval"


def shown_from(activated_at: datetime) -> datetime:
    """When the next account of a released number begins to be shown something: at a full minute, as pages tell it."""
    return (activated_at + NOTHING_FOR + timedelta(minutes=1, microseconds=-1)).replace(
        second=0, microsecond=0
    )


def closed_by(
    *,
    awaits_letter: bool,
    shown_from: datetime | None,
    objected: bool,
    now: datetime,
    awaits_approval: bool = False,
    settling: bool = False,
) -> ClosedBy | None:
    """What keeps a customer closed at ``now``; None where it is open.

    The letter comes before the approval: its code is what the person can enter meanwhile, and it proves for both.
    """
    found = {
        ClosedBy.SETTLING: settling,
        ClosedBy.OBJECTION: objected,
        ClosedBy.RELEASE: shown_from is not None and now < shown_from,
        ClosedBy.LETTER: awaits_letter,
        ClosedBy.APPROVAL: awaits_approval,
    }
    return next((why for why, so in found.items() if so), None)
