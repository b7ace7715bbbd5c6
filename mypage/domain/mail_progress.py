"""How far the mail is that somebody waits for: what ``/signup/done`` tells of it, and staff's timeline.

First-try F-01 (the mail server is away), C-03 (late), C-02 (refused).
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# Somebody who has been looking for the mail that long wonders what became of it.
LATE_AFTER: Final = timedelta(minutes=3)
# A worker that has mail tries a server that is away at least every minute; an outage that nobody has tried to end for
# so long says nothing about now.
OUTAGE_TOLD_FOR: Final = timedelta(minutes=5)
# Met again within that time, and no mail went out in between, it is the same outage: the workers had been ended, or
# had nothing to send.
OUTAGE_GOES_ON_WITHIN: Final = timedelta(hours=6)


class Stage(StrEnum):
    """Where the mail is."""

    # Its turn comes.
    QUEUED = "queued"
    # The server did not take it now: it is tried again later.
    PUT_OFF = "put_off"
    # No mail goes out at the moment.
    SERVER_AWAY = "server_away"
    HANDED_OVER = "handed_over"
    REFUSED = "refused"


def stage(
    *,
    refused: bool,
    server_away: bool,
    failures: int,
    next_try_at: datetime,
    now: datetime,
) -> Stage:
    """The stage of a mail that is not handed over.

    It was tried ``failures`` times without success and is due at ``next_try_at``.
    """
    if refused:
        return Stage.REFUSED
    if server_away:
        return Stage.SERVER_AWAY
    return Stage.PUT_OFF if failures and next_try_at > now else Stage.QUEUED


def is_still_told(tried_at: datetime, now: datetime) -> bool:
    """Whether an outage that a worker last met at ``tried_at`` still says something about now."""
    return now - tried_at < OUTAGE_TOLD_FOR


def goes_on(tried_at: datetime, now: datetime) -> bool:
    """Whether an outage that a worker last met at ``tried_at`` is the one that another meets now."""
    return now - tried_at < OUTAGE_GOES_ON_WITHIN
