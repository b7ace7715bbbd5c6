"""お電話用の確認番号: made by a subscriber who is logged in, redeemed once by a member of staff (specification §4, §5).

What is kept of a number are a salt, which makes the digits only together with a signing key, and an HMAC by which they
are found. Staff learn one only from its caller. How many wrong ones may be typed is limited by member of staff and for
all together, so that nobody finds somebody's by typing at random; a number with a wrong check digit is no try.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import support_code as rules
from mypage.domain.account import AccountState
from mypage.domain.staff import actor
from mypage.domain.support_code import Refusal, State, SupportCode
from mypage.domain.trail import Action
from mypage.services import successions, throttle, trail
from mypage.services.throttle import Counter, Waiting
from mypage.services.trail import Event
from mypage.store import accounts, holders
from mypage.store import support_codes as store

# Twenty numbers a day are free to an account: nobody fills the trail with them.
_LOOSER_FOR_MAKING: Final = 5
# A member of staff mistypes eight times a day before waits grow, all together a thousand times.
_LOOSER_FOR_STAFF: Final = 2
_LOOSER_FOR_ALL: Final = 250
_AT_ONCE: Final = 500
# How long the page still tells what became of a number.
_KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the subscriber's page tells. ``digits`` only of a live number; ``mark`` names the number."""

    state: State
    mark: str = ""
    digits: str = ""
    expires_at: datetime | None = None
    redeemed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """There is a new number, or another click has just made one."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The caller is whoever logged in to this account, about this customer."""

    customer_key: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it opens nothing; the sentence is ``support_code_<reason>``."""

    reason: Refusal


def look(
    connection: Connection, customer_key: str, account_id: str, *, settings: Settings, now: datetime
) -> Shown:
    """The newest number of a customer and what became of it. Reads only."""
    row = store.newest(connection, customer_key, account_id)
    if row is None:
        return Shown(State.NONE)
    mark, state = row["made_at"].isoformat(), rules.state(_code(row), now)
    if state is State.LIVE:
        digits = _digits(row, settings) if _is_alive(connection, row) else None
        # Whoever logged out everywhere, or whose key was taken from the list, simply makes a new one.
        return Shown(state, mark, digits, row["expires_at"]) if digits else Shown(State.NONE, mark)
    return Shown(state, mark, "", row["expires_at"], row["redeemed_at"])


def make(
    connection: Connection,
    customer_key: str,
    account_id: str,
    *,
    after: str,
    settings: Settings,
    now: datetime,
) -> Made | Waiting:
    """A new number, which ends the one before.

    ``after`` is the mark of the number that the page showed: where there is another one, an earlier click made it.
    """
    store.lock(connection, f"{customer_key} {account_id}")
    former = store.newest(connection, customer_key, account_id)
    if former is not None and former["made_at"].isoformat() != after:
        return Made()
    counter = Counter("support-code.make", account_id, _LOOSER_FOR_MAKING)
    reserved = throttle.reserve(connection, (counter,), secret=settings.secret_keys[0], now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            whose = (customer_key, account_id)
            _throttled(connection, reserved, f"account:{account_id}", now, *whose)
        return reserved
    account = accounts.by_id(connection, account_id)
    assert account is not None  # noqa: S101 - it is logged in
    salt, code_hash = _unlike_any_other(connection, settings, now)
    store.put(
        connection,
        {
            "customer_key": customer_key,
            "account_id": account_id,
            "salt": salt,
            "code_hash": code_hash,
            "stamp": account["stamp"],
            "made_at": now,
            "expires_at": now + rules.LIFE,
        },
    )
    replaces = former is not None and rules.state(_code(former), now) is State.LIVE
    trail.record(
        connection,
        Action.SUPPORT_CODE_MADE,
        actor=f"account:{account_id}",
        now=now,
        customer_key=customer_key,
        account_id=account_id,
        replaces=replaces,
    )
    return Made()


def redeem(
    connection: Connection,
    typed: str,
    *,
    staff_id: str,
    settings: Settings,
    now: datetime,
    customer_key: str | None = None,
) -> Redeemed | Refused | Waiting:
    """A member of staff typed the number that a caller read out.

    ``customer_key``: the call is about this customer; another one's number is refused, and stays good. Typed again by
    the same member of staff within its time it gives the same answer: a second click is the same use.
    """
    digits = rules.read(typed)
    if digits is None:
        return Refused(Refusal.MISHEARD)
    secret = settings.secret_keys[0]
    counters = (
        Counter("support-code.staff", staff_id, _LOOSER_FOR_STAFF),
        Counter("support-code.all", "", _LOOSER_FOR_ALL),
    )
    reserved = throttle.reserve(connection, counters, secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            _throttled(connection, reserved, actor(staff_id), now)
        return reserved
    hashes = [rules.kept(key, digits) for key in settings.secret_keys]
    row = store.by_hash(connection, hashes)
    reason = _refusal(connection, row, staff_id, customer_key, now)
    if row is not None and reason is None:
        if store.redeem(connection, row, staff_id=staff_id, now=now):
            whose = _of(row)
            trail.record(
                connection,
                Action.SUPPORT_CODE_REDEEMED,
                actor=actor(staff_id),
                now=now,
                customer_key=whose[0],
                account_id=whose[1],
            )
        else:
            # Another post came first: one's own, or somebody else's.
            row = store.by_hash(connection, hashes)
            reason = _refusal(connection, row, staff_id, customer_key, now)
    if row is None or reason is not None:
        return _refuse(connection, row, reason or Refusal.UNKNOWN, staff_id, now)
    throttle.give_back(connection, reserved, secret=secret)
    return Redeemed(*_of(row))


def redeemed_lately(
    connection: Connection, *, staff_id: str, customer_key: str, now: datetime
) -> datetime | None:
    """When this member of staff redeemed the number of this customer, if it was in this call. Reads only."""
    keys = successions.of_key(connection, customer_key).keys
    return store.redeemed_at(connection, keys, staff_id, now - rules.CALL_LASTS)


def lapse(connection: Connection, *, actor: str, now: datetime) -> int:
    """Tell in the trail which numbers expired unused, and forget what is a day old; how many were told."""
    lapsed = store.lapse(connection, now, _AT_ONCE)
    store.remove(connection, now - _KEPT)
    trail.record_all(
        connection,
        [
            Event(
                action=Action.SUPPORT_CODE_EXPIRED,
                actor=actor,
                at=now,
                customer_key=row["customer_key"],
                account_id=row["account_id"],
                facts={},
            )
            for row in lapsed
        ],
    )
    return len(lapsed)


def _unlike_any_other(connection: Connection, settings: Settings, now: datetime) -> tuple[str, str]:
    """A salt whose digits nobody has now, and their hash."""
    secret = settings.secret_keys[0]
    while True:
        salt = secrets.token_hex(16)
        code_hash = rules.kept(secret, rules.number(secret, salt))
        store.lock(connection, code_hash)
        if not store.is_taken(connection, code_hash, now):
            return salt, code_hash


def _refusal(
    connection: Connection, row: RowMapping | None, staff_id: str, customer_key: str | None, now: datetime
) -> Refusal | None:
    if row is None or not _is_alive(connection, row):
        return Refusal.UNKNOWN
    if customer_key is not None:
        keys = successions.of_key(connection, customer_key).keys
        if row["customer_key"] not in (customer_key, *keys):
            return Refusal.OF_ANOTHER
    return rules.refusal(_code(row), staff_id, now)


def _refuse(
    connection: Connection, row: RowMapping | None, reason: Refusal, staff_id: str, now: datetime
) -> Refused:
    # Whose number it is does not stand in the story of a customer who has nothing to do with it.
    whose = (None, None) if row is None or reason is Refusal.OF_ANOTHER else _of(row)
    trail.record(
        connection,
        Action.SUPPORT_CODE_REFUSED,
        actor=actor(staff_id),
        now=now,
        customer_key=whose[0],
        account_id=whose[1],
        reason=reason.value,
    )
    return Refused(reason)


def _is_alive(connection: Connection, row: RowMapping) -> bool:
    """Whether the account still has this customer, and nothing ended its sessions since; 「Web登録不可」 ends all."""
    account = accounts.by_id(connection, row["account_id"])
    if account is None or account["state"] != AccountState.ACTIVE or account["stamp"] != row["stamp"]:
        return False
    keys = successions.of_key(connection, row["customer_key"]).keys
    links = [link for key in keys if (link := accounts.link(connection, key, row["account_id"])) is not None]
    master = holders.of_key(connection, row["customer_key"])
    on_web = master is not None and master["web_registration"]
    return on_web and any(link["objected_at"] is None for link in links)


def _digits(row: RowMapping, settings: Settings) -> str | None:
    """The digits, made anew by the key that made them; None where it is on the list no more."""
    for key in settings.secret_keys:
        digits = rules.number(key, row["salt"])
        if rules.kept(key, digits) == row["code_hash"]:
            return digits
    return None


def _code(row: RowMapping) -> SupportCode:
    return SupportCode(row["made_at"], row["expires_at"], row["redeemed_at"], row["redeemed_by"])


def _of(row: RowMapping) -> tuple[str, str]:
    return row["customer_key"], row["account_id"]


def _throttled(
    connection: Connection,
    waiting: Waiting,
    who: str,
    now: datetime,
    customer_key: str | None = None,
    account_id: str | None = None,
) -> None:
    trail.record(
        connection,
        Action.SUPPORT_CODE_THROTTLED,
        actor=who,
        now=now,
        customer_key=customer_key,
        account_id=account_id,
        scope=waiting.scope,
    )
