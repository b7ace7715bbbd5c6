"""The first administrators: invited on the command line, where nobody can invite on the screen yet.

Two, so that one can approve what the other asks: neither was invited by the other. With fewer than two who are not
suspended (a loss of all factors is answered by suspending that one) the command line makes the missing one; more it
never makes, and the others are told by mail.
"""

from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.link import LinkState
from mypage.domain.staff import COMMAND_LINE, FIRST_ADMINS, Role, StaffState
from mypage.services import staff_invitation
from mypage.services.staff_invitation import Invited
from mypage.services.staff_notices import notify
from mypage.store import staff as store
from mypage.store import staff_invitations
from mypage.store import trail as trail_store


def invite(connection: Connection, *, name: str, email: str, now: datetime) -> Invited | None:
    """An administrator's invitation, to be printed; None where administrators invite on the screen by now.

    Whoever was invited here before at that address and has never come gets another link.
    """
    # Of two commands at once the second one sees whom the first one invited.
    trail_store.lock(connection)
    _, admins = store.lock_with_admins(connection, "")
    for each in admins:
        is_theirs = each["invited_by"] == COMMAND_LINE and each["email"].casefold() == email.casefold()
        # One who was here and begins anew is invited by two administrators, and by mail.
        has_come = staff_invitations.is_any(connection, each["id"], LinkState.USED.value)
        if is_theirs and each["state"] == StaffState.INVITED and not has_come:
            return staff_invitation.invite_again(
                connection, each, invited_by=COMMAND_LINE, by=COMMAND_LINE, by_mail=False, now=now
            )
    kept = [each for each in admins if each["state"] != StaffState.SUSPENDED]
    if len(kept) >= FIRST_ADMINS:
        return None
    for each in kept:
        notify(connection, each, "admin_by_command", now)
    return staff_invitation.invite(
        connection,
        name=name,
        email=email,
        role=Role.ADMIN,
        invited_by=COMMAND_LINE,
        role_given_by=COMMAND_LINE,
        by=COMMAND_LINE,
        by_mail=False,
        now=now,
    )
