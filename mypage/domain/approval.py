"""What one member of staff asks and a truly different one approves (specification §5, "security").

"Admin who invites a puppet": an approver was neither invited nor given the role by the one who asks, has held the role
for 24 hours, and is not the asker. The other way round it holds, too: else a puppet asked what its maker approves.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from mypage.domain.staff import COMMAND_LINE

ROLE_HELD_FOR: Final = timedelta(hours=24)


class RequestState(StrEnum):
    """What became of a request.

    ``overtaken``: what it was about is not as it was when it was asked, so it must be asked again.
    """

    WAITING = "waiting"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Whoever asks or is about to approve, as far as it decides whether they may."""

    staff_id: str
    invited_by: str
    role_given_by: str
    role_given_at: datetime

    @classmethod
    def command_line(cls, now: datetime) -> "Colleague":
        """The command line as an asker: nobody brought it here."""
        return cls(COMMAND_LINE, "", "", now)


def state_at(state: RequestState, expires_at: datetime, now: datetime) -> RequestState:
    """The state of a request at ``now``: one that waits has ended by time, whether or not that is written down."""
    return RequestState.EXPIRED if state is RequestState.WAITING and now >= expires_at else state


def unfit(approver: Colleague, asker: Colleague, now: datetime, *, asker_works: bool = True) -> str | None:
    """Why somebody may not approve what ``asker`` asks, as the code of a sentence; None if they may.

    ``asker_works``: False where the asker was suspended since; what they wanted is to be looked at by somebody else.
    """
    if approver.staff_id == asker.staff_id:
        return "approver_is_asker"
    if asker.staff_id == COMMAND_LINE and COMMAND_LINE in (approver.invited_by, approver.role_given_by):
        # Whoever has the shell could have made them for this.
        return "approver_brought_by_command"
    if approver.invited_by == asker.staff_id:
        return "approver_invited_by_asker"
    if approver.role_given_by == asker.staff_id:
        return "approver_role_by_asker"
    if approver.staff_id in (asker.invited_by, asker.role_given_by):
        return "approver_brought_asker"
    if not asker_works:
        return "approver_asker_gone"
    return "approver_too_new" if now < approver.role_given_at + ROLE_HELD_FOR else None
