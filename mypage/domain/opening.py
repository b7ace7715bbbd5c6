"""Whether an account may see a customer of its own: opened, or closed by what is still to come.

Specification §2 (``letter``: only a field for the code) and §5 (a released number shows nothing to its next account
for 72 hours, and an objection stops it).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# From the activation of the next account on. Counted from the release, whoever came back later than that would be
# shown everything at once, and the owner would have nothing to object to while nobody had registered yet.
NOTHING_FOR: Final = timedelta(hours=72)


class ClosedBy(StrEnum):
    """What keeps a customer closed: an objection, the time after a release, or a letter whose code is not entered."""

    OBJECTION = "objection"
    RELEASE = "release"
    LETTER = "letter"


def closed_by(
    *, awaits_letter: bool, shown_from: datetime | None, objected: bool, now: datetime
) -> ClosedBy | None:
    """What keeps a customer closed at ``now``, the longest first; None where it is open."""
    if objected:
        return ClosedBy.OBJECTION
    if shown_from is not None and now < shown_from:
        return ClosedBy.RELEASE
    return ClosedBy.LETTER if awaits_letter else None
