"""Whether an account may see a customer of its own: opened, or closed by what is still to come.

Specification §2 (``letter``: only a field for the code) and §5 (a released number shows nothing to its next account
for 72 hours, and an objection stops it).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# From the activation of the next account on. Counted from the release, whoever waits longer than that before they
# register would be shown everything at once.
NOTHING_FOR: Final = timedelta(hours=72)


class ClosedBy(StrEnum):
    """What keeps a customer closed: an objection, the time after a release, or a letter whose code is not entered."""

    OBJECTION = "objection"
    RELEASE = "release"
    LETTER = "letter"


def shown_from(activated_at: datetime) -> datetime:
    """When the next account of a released number begins to be shown something: at a full minute, as pages tell it."""
    return (activated_at + NOTHING_FOR + timedelta(minutes=1, microseconds=-1)).replace(
        second=0, microsecond=0
    )


def closed_by(
    *, awaits_letter: bool, shown_from: datetime | None, objected: bool, now: datetime
) -> ClosedBy | None:
    """What keeps a customer closed at ``now``, the longest first; None where it is open."""
    if objected:
        return ClosedBy.OBJECTION
    if shown_from is not None and now < shown_from:
        return ClosedBy.RELEASE
    return ClosedBy.LETTER if awaits_letter else None
