"""The reset of a forgotten password: a good link, the login id that is not in the mail, and a new password.

Three short transactions with argon2 between them: look at the link and count the try; (hash the new password;)
replace, or leave the miss. Nothing that a GET or HEAD asks for, and no form without the right login id, changes
anything but the count of tries: mail scanners open links and submit forms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import login_id as login_ids
from mypage.domain.link import Link, LinkState
from mypage.domain.password import ProfileName
from mypage.domain.recovery import LinkFacts
from mypage.domain.throttle import LOOSER_PER_ADDRESS
from mypage.domain.trail import Action
from mypage.services import login, new_password, throttle, trail
from mypage.services.account_link import PASSWORD_RESET
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import accounts, credentials
from mypage.store import sessions as stored_sessions
from mypage.store.credentials import Credentials

LINK, LINK_ALL = "recovery.link", "recovery.link-all"
_OTHER_ID: Final = ("login_id", "D-03")
_WEAK: Final = ("password", "B-02")
_WAITS: Final = ("waits", "D-02")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try with a good link and the right login id; what the rules of a password must know of the person."""

    token: LinkFacts
    account: Credentials
    masters: tuple[RowMapping, ...]
    reserved: Reserved


@dataclass(frozen=True, slots=True)
class OtherId:
    """The login id is not the one of the link's account."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The password is the new one; ``stamp`` is for the cookie of this device, which has just proven to be known."""

    account_id: str
    stamp: str


def look(connection: Connection, token: LinkFacts | None, now: datetime) -> Link:
    """What a link is worth. Reads only."""
    return PASSWORD_RESET.look(connection, token, now)


def reserve(
    connection: Connection,
    token: LinkFacts,
    *,
    login_id: str,
    address: str,
    secret: str,
    actor: str,
    now: datetime,
) -> Attempt | OtherId | Link | Waiting:
    """Count a try with the login id of a link that is good.

    Each client has its own count, all of them together a looser one: a scanner that submits guesses must not make
    the link's owner wait. A newer link begins anew.
    """
    link = look(connection, token, now)
    account = credentials.of_account(connection, token.account_id)
    if account is None or link.state is not LinkState.GOOD:
        return link
    counters = (
        Counter(LINK, f"{token.serial} {address}"),
        Counter(LINK_ALL, str(token.serial), LOOSER_PER_ADDRESS),
    )
    reserved = throttle.reserve(connection, counters, secret=secret, now=now)
    if isinstance(reserved, Waiting):
        _refused(connection, account.account_id, _WAITS, actor, now)
        return reserved
    if login_ids.key(login_id) != login_ids.key(account.login_id):
        _refused(connection, account.account_id, _OTHER_ID, actor, now)
        return OtherId()
    customers = stored_sessions.customers_of(connection, account.account_id)
    keys = dict.fromkeys(version.customer_key for version in customers.versions)
    return Attempt(token, account, new_password.masters(connection, keys), reserved)


def weaknesses(attempt: Attempt, new: str, profile: ProfileName) -> Sequence[str]:
    """Codes of the rules that the new password fails, each once."""
    return new_password.weaknesses(attempt.account.login_id, attempt.masters, new, profile)


def refuse_weak(connection: Connection, attempt: Attempt, *, secret: str, actor: str, now: datetime) -> None:
    """The login id was right, the new password is not good enough: the try is no miss."""
    throttle.give_back(connection, attempt.reserved, secret=secret)
    _refused(connection, attempt.account.account_id, _WEAK, actor, now)


def conclude(
    connection: Connection, attempt: Attempt, *, new_hash: str, secret: str, actor: str, now: datetime
) -> Reset | Link:
    """Replace the password, once: all sessions end, no device is known, and the waits at the login are lifted.

    The link is looked at again when all other deeds on the account have ended. Nobody is logged in by it: recovery
    never passes by a second factor.
    """
    account = attempt.account
    # Before the account: whoever logs in takes the rows in this order too.
    throttle.give_back(connection, attempt.reserved, secret=secret)
    login.lift_waits(connection, login_ids.key(account.login_id), secret=secret)
    accounts.lock(connection, account.account_id)
    link = look(connection, attempt.token, now)
    if link.state is not LinkState.GOOD:
        return link
    replaced = new_password.put(connection, account, new_hash, mail="password_recovered", now=now)
    if replaced is None:
        return Link(LinkState.EXPIRED)
    PASSWORD_RESET.use_up(connection, attempt.token)
    trail.record(
        connection,
        Action.PASSWORD_RESET,
        actor=actor,
        account_id=account.account_id,
        now=now,
        sessions_ended=replaced.sessions_ended,
    )
    return Reset(account.account_id, replaced.stamp)


def _refused(
    connection: Connection, account_id: str, why: tuple[str, str], actor: str, now: datetime
) -> None:
    reason, cause = why
    trail.record(
        connection,
        Action.PASSWORD_RESET_REFUSED,
        actor=actor,
        account_id=account_id,
        now=now,
        reason=reason,
        cause=cause,
    )
