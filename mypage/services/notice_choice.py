"""Whether an account wants 「請求確定のお知らせ」: on until its owner turns it off, in 登録情報の変更 or by the link of the mail.

The link (RFC 8058) works without a login, because a mail program presses it. It can only turn off, it names the account
and the address that the mail went to, and it dies with that address: whoever has it since decides for themselves.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, RowMapping

from mypage.domain.account import AccountState
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import accounts

PURPOSE: Final = "notices-off"
PATH: Final = "/notices/off/"
_MARK_LENGTH: Final = 16


class LinkFacts(NamedTuple):
    """What a link says: the account, and the mark of the address that the mail went to."""

    account_id: str
    mark: str


class Choice(StrEnum):
    """What an account has chosen; ``GONE``: there is no such account any more, or not at that address."""

    ON = "on"
    OFF = "off"
    GONE = "gone"


def payload(account_id: str, email: str) -> Mapping[str, str]:
    """What the token of a link says."""
    return {"a": account_id, "m": _mark(account_id, email)}


def look(connection: Connection, link: LinkFacts) -> Choice:
    """What the account of a link has chosen. Reads only."""
    return _choice(accounts.by_id(connection, link.account_id), link)


def turn_off(connection: Connection, link: LinkFacts, *, actor: str, now: datetime) -> Choice:
    """Send no more notices, as the link of one asks; a second time changes nothing."""
    account = accounts.lock(connection, link.account_id)
    found = _choice(account, link)
    if account is None or found is not Choice.ON:
        return found
    _change(connection, account, wanted=False, by="link", actor=actor, now=now)
    return Choice.OFF


def choose(connection: Connection, account_id: str, *, wanted: bool, now: datetime) -> bool:
    """Turn the notices on or off, as the account itself asks; False, and nothing written, where that is so already."""
    account = accounts.lock(connection, account_id)
    if account is None or (account["notices_off_at"] is None) == wanted:
        return False
    _change(connection, account, wanted=wanted, by="profile", actor=f"account:{account_id}", now=now)
    return True


def _change(
    connection: Connection, account: RowMapping, *, wanted: bool, by: str, actor: str, now: datetime
) -> None:
    accounts.change(connection, account["id"], notices_off_at=None if wanted else now)
    action = Action.NOTICES_TURNED_ON if wanted else Action.NOTICES_TURNED_OFF
    trail.record(connection, action, actor=actor, account_id=account["id"], now=now, by=by)


def _choice(account: RowMapping | None, link: LinkFacts) -> Choice:
    if (
        account is None
        or account["state"] == AccountState.RELEASED
        or _mark(account["id"], account["email"]) != link.mark
    ):
        return Choice.GONE
    return Choice.ON if account["notices_off_at"] is None else Choice.OFF


def _mark(account_id: str, email: str) -> str:
    return hashlib.sha256(f"{account_id}\n{email}".encode()).hexdigest()[:_MARK_LENGTH]
