"""Login: the try is reserved, the password is verified outside any transaction, the outcome is recorded.

Sources: specification §2, "first-try" D-01 and D-02, "security" (password guesser) and "decisions"
(*Transactions*, *Throttle schedule*). Whether an id exists can be told neither from the answer nor from the work
that it takes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain import login_id as login_ids
from mypage.domain.trail import Action
from mypage.services import sessions, throttle, trail
from mypage.services.sessions import Lifetime
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import credentials as store
from mypage.store import login_names, publications
from mypage.store import sessions as stored_sessions
from mypage.store.credentials import Credentials

WRONG: Final = "D-01"
THROTTLED: Final = "D-02"
# The counter of an account that all devices share that have not logged in before.
ACCOUNT: Final = "login-account"
SUSPENDED: Final = "suspended"
KEPT_FROM_WEB: Final = "kept_from_web"


class KnownDevice(NamedTuple):
    """What a device's signed cookie says: an account that logged in there, and a mark of its stamp."""

    account_id: str
    device_id: str
    mark: str


class Browser(NamedTuple):
    """Who asks, as far as a session keeps it; ``held`` is the secret of the session that it had."""

    address: str
    name: str
    held: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reserved try. ``password_hash`` is None where nobody has that id: verify all the same.

    ``customer_key``: whose provisional registration claims the id, which is nobody's yet and opens nothing; staff see
    from it why somebody cannot log in. Asked for every try alike. ``barred`` says why the account may not log in
    whatever was typed (:data:`SUSPENDED`, :data:`KEPT_FROM_WEB`).
    """

    account: Credentials | None
    reserved: Reserved
    customer_key: str | None = None
    barred: str | None = None

    @property
    def may_enter(self) -> bool:
        """Whether the right password opens the account."""
        return self.account is not None and self.barred is None

    @property
    def password_hash(self) -> str | None:
        """What the typed password is verified against."""
        return self.account.password_hash if self.account else None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The account is logged in; ``secret`` is for the browser's cookie, ``stamp`` for the device's."""

    account_id: str
    stamp: str
    secret: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Wrong id or password, and never which; ``misses`` so far."""

    misses: int


def device_mark(stamp: str) -> str:
    """What a device keeps of an account's stamp: void once the stamp is rotated."""
    return sha256(f"device\n{stamp}".encode()).hexdigest()[:24]


def reserve(
    connection: Connection,
    *,
    login_id: str,
    devices: Iterable[KnownDevice],
    address: str,
    secret: str,
    now: datetime,
) -> Attempt | Waiting:
    """Count a try before it is made. A device that has logged in before has a counter of its own."""
    login_key = login_ids.key(login_id)
    # What cannot be an id is looked for under a key that nobody has. An id that nobody has is looked at with its
    # neighbour's account, so that as many rows are read.
    sought = login_key if login_key.isprintable() else ""
    is_there, nearest = store.nearest(connection, sought)
    customer_key = login_names.claiming_customer(connection, sought, now)
    account, device = nearest if is_there else None, _known_device(nearest, devices)
    known = device if is_there else None
    counters = (
        # Nor do its neighbours shut it out: it can try this one account only.
        (Counter("login-device", known),)
        if known is not None
        else (_of_account(login_key), throttle.per_address("login-address", address))
    )
    reserved = throttle.reserve(connection, counters, secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            trail.record(
                connection,
                Action.LOGIN_THROTTLED,
                actor="visitor",
                customer_key=customer_key,
                account_id=account.account_id if account else None,
                now=now,
                cause=THROTTLED,
            )
        return reserved
    # Asked for every try alike: else the time would tell a right password that opens nothing from a wrong one.
    return Attempt(account, reserved, customer_key, _barred(connection, nearest))


def conclude(
    connection: Connection,
    attempt: Attempt,
    *,
    is_right: bool,
    renewed_hash: str | None,
    browser: Browser,
    lifetime: Lifetime,
    secret: str,
    now: datetime,
) -> LoggedIn | Refused:
    """Record how the try ended; a right one is given back and opens a session.

    ``renewed_hash`` replaces a hash that was made with a lower cost than today's.
    """
    account = attempt.account
    cause = attempt.barred if is_right else WRONG
    if account is None or cause is not None:
        trail.record(
            connection,
            Action.LOGIN_REFUSED,
            actor="visitor",
            customer_key=attempt.customer_key,
            account_id=account.account_id if account else None,
            now=now,
            cause=cause,
        )
        return Refused(attempt.reserved.misses)
    throttle.give_back(connection, attempt.reserved, secret=secret)
    return _enter(connection, account, renewed_hash, browser, lifetime, now)


def enter(
    connection: Connection, account_id: str, *, browser: Browser, lifetime: Lifetime, now: datetime
) -> LoggedIn | None:
    """Log an account in whose password was verified in this very deed (そのままログイン); None if it may not."""
    account = store.of_account(connection, account_id)
    if account is None or _barred(connection, account) is not None:
        return None
    return _enter(connection, account, None, browser, lifetime, now)


def lift_waits(connection: Connection, login_key: str, *, secret: str) -> None:
    """Let the owner in after a recovery, whatever others have tried.

    The counters of known devices need no lifting: with a new stamp they are unknown.
    """
    throttle.lift(connection, _of_account(login_key), secret=secret)


def _of_account(login_key: str) -> Counter:
    return Counter(ACCOUNT, login_key)


def known_device(owner_id: str, stamp: str, devices: Iterable[KnownDevice]) -> str | None:
    """Of the devices that the browser names the one where this owner logged in since the stamp was last rotated."""
    known = (owner_id, device_mark(stamp))
    for device in devices:
        if (device.account_id, device.mark) == known:
            return device.device_id
    return None


def _known_device(account: Credentials | None, devices: Iterable[KnownDevice]) -> str | None:
    return None if account is None else known_device(account.account_id, account.stamp, devices)


def barred(connection: Connection, account_id: str, state: str) -> str | None:
    """Why an account may not log in even with the right password: so nothing of it is recovered either."""
    customers = stored_sessions.customers_of(connection, account_id)
    shown = sessions.shown_customers(connection, customers, publications.now_published(connection))
    if state != sessions.ACTIVE:
        return SUSPENDED
    return None if shown else KEPT_FROM_WEB


def _barred(connection: Connection, account: Credentials | None) -> str | None:
    """The same of who tries to log in: the same queries for each, and for nobody's id."""
    if account is None:
        return barred(connection, "", sessions.ACTIVE)
    return barred(connection, account.account_id, account.state)


def _enter(
    connection: Connection,
    account: Credentials,
    renewed_hash: str | None,
    browser: Browser,
    lifetime: Lifetime,
    now: datetime,
) -> LoggedIn:
    # The account before its sessions, as whoever changes a password does: else the two would wait for each other.
    store.note_login(connection, account.account_id, now, renewed_hash, was_stamp=account.stamp)
    secret = sessions.start(
        connection,
        account.account_id,
        stamp=account.stamp,
        lifetime=lifetime,
        address=browser.address,
        browser=browser.name,
        replaces=browser.held,
        now=now,
    )
    trail.record(
        connection,
        Action.LOGIN_DONE,
        actor=f"account:{account.account_id}",
        account_id=account.account_id,
        now=now,
        detail={"address": browser.address},
    )
    return LoggedIn(account.account_id, account.stamp, secret)
