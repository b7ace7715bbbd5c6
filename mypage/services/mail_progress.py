"""How far the mail of a provisional registration is, from what the worker wrote down (first-try C-02, C-03, F-01)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.mail_progress import LATE_AFTER, Stage, stage
from mypage.services import outages
from mypage.store import outbox as mails

# Further than that nobody counts.
AHEAD_AT_MOST: Final = 1000


@dataclass(frozen=True)
class MailProgress:
    """Where the mail is.

    ``at`` is when it was handed over to ``server`` (HANDED_OVER), when it is tried again (PUT_OFF), or since when no
    mail goes out (SERVER_AWAY). ``ahead``: so many mails go out before it (QUEUED; counted to ``AHEAD_AT_MOST``).
    ``late``: it has been waiting, or is under way, longer than people expect.
    """

    stage: Stage
    at: datetime | None = None
    server: str | None = None
    ahead: int = 0
    late: bool = False


def of_registration(connection: Connection, registration: RowMapping, now: datetime) -> MailProgress:
    """The newest mail of a pending registration."""
    mail = mails.newest_of_registration(connection, registration["registration_id"])
    handed_over_at = registration["handed_over_at"]
    late = now - (handed_over_at or registration["enqueued_at"]) >= LATE_AFTER
    if handed_over_at is not None:
        server = mail["server"] if mail is not None else None
        return MailProgress(Stage.HANDED_OVER, handed_over_at, server, late=late)
    if mail is None:
        return MailProgress(Stage.QUEUED, late=late)
    away_since = outages.away_since(connection, now)
    found = stage(
        refused=mail["state"] == mails.REFUSED,
        server_away=away_since is not None,
        failures=mail["attempts"],
        next_try_at=mail["next_try_at"],
        now=now,
    )
    match found:
        case Stage.SERVER_AWAY:
            return MailProgress(found, away_since, late=late)
        case Stage.PUT_OFF:
            return MailProgress(found, mail["next_try_at"], late=late)
        case Stage.QUEUED:
            ahead = mails.count_before(connection, mail, now, AHEAD_AT_MOST)
            return MailProgress(found, ahead=ahead, late=late)
        case _:
            return MailProgress(found)
