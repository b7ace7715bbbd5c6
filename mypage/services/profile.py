"""登録情報の変更: what a person may change of their own registration (specification §4)."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from mypage.domain import nickname
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import accounts


class Registered(NamedTuple):
    """What stands on the page. ``mail_refused``: mails to the address do not arrive."""

    nickname: str
    email: str
    wants_notices: bool
    mail_refused: bool


def of_account(connection: Connection, account_id: str) -> Registered:
    """What an account has registered. Raises ``LookupError`` where the account is gone."""
    row = accounts.by_id(connection, account_id)
    if row is None:
        raise LookupError("the account of a live session is gone")
    return Registered(
        row["nickname"],
        row["email"],
        wants_notices=row["notices_off_at"] is None,
        mail_refused=row["mail_refused_at"] is not None,
    )


def change_nickname(connection: Connection, account_id: str, typed: str, *, now: datetime) -> bool:
    """Take a nickname (already found good); False, and nothing written, where it is what it was."""
    wanted = nickname.normalise(typed)
    before = accounts.rename(connection, account_id, wanted)
    if before is None:
        return False
    trail.record(
        connection,
        Action.NICKNAME_CHANGED,
        actor=f"account:{account_id}",
        account_id=account_id,
        now=now,
        detail={"nickname": wanted, "nickname_before": before},
    )
    return True
