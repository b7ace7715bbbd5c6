"""A link in a mail: good, or one of four ways to be dead.

``decisions.md`` "Activation token": a link is good until its life after the later of its signing and the mail's
hand-over, so that a crash after the server accepted leaves a working link and an outage costs nobody its time; one
whose mail was never handed over is void 72 hours after it was enqueued. First-try C-04 … C-07 are the four pages.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

UNDELIVERED_LIFE: Final = timedelta(hours=72)


class LinkState(StrEnum):
    """What a link is worth; each but the first is a page of its own with its one next step."""

    GOOD = "good"
    EXPIRED = "expired"
    USED = "used"
    REPLACED = "replaced"
    BROKEN = "broken"


@dataclass(frozen=True)
class Link:
    """What a link is worth; ``newer_at`` is when the mail went out that replaced it (or is to, if it waits)."""

    state: LinkState
    newer_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewestLink:
    """The newest link for something, as the database has it. ``ended``: used or expired by a deed, None while open."""

    serial: int
    life: timedelta
    enqueued_at: datetime
    handed_over_at: datetime | None = None
    ended: LinkState | None = None

    @property
    def ends_at(self) -> datetime:
        """When it ends by time, as far as the mail's fate is known."""
        if self.handed_over_at is None:
            return self.enqueued_at + UNDELIVERED_LIFE
        return self.handed_over_at + self.life

    def good_until(self, signed_at: datetime) -> datetime:
        """When the link ends that was signed then."""
        if self.handed_over_at is None:
            return min(signed_at + self.life, self.ends_at)
        return max(signed_at, self.handed_over_at) + self.life


@dataclass(frozen=True, slots=True)
class ShownLink:
    """The link that somebody holds, whose signature is right; ``is_of_it``: made for the same thing as the newest."""

    serial: int
    signed_at: datetime
    is_of_it: bool = True


def state(newest: NewestLink | None, shown: ShownLink | None, now: datetime) -> LinkState:
    """What the link is worth at ``now``.

    ``shown`` is None where the signature is wrong or the link was cut; ``newest`` is None where nothing is known (any
    more). A link of an older mail leads to the same page as the newest one where that has been used or has expired:
    its reader is served by no other advice.
    """
    if shown is None:
        return LinkState.BROKEN
    if newest is None:
        return LinkState.EXPIRED
    if newest.ended is not None:
        return newest.ended
    if shown.is_of_it and shown.serial > newest.serial:
        # No mail of this serial was ever sent: the database is older than the link (restored from a back-up).
        return LinkState.BROKEN
    current = shown.is_of_it and shown.serial == newest.serial
    if now >= (newest.good_until(shown.signed_at) if current else newest.ends_at):
        return LinkState.EXPIRED
    return LinkState.GOOD if current else LinkState.REPLACED
