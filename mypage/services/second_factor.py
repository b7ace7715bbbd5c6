"""The second factor of whoever logs in: what an owner has, and proving it by app, passkey or recovery code.

Built once for every kind of login: nothing here knows who an :class:`Owner` is. A try is counted before it is made and
given back where it was right, as at every throttle; which factor was wrong, and why, is told to nobody but the trail.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from mypage.adapters import authenticator, passkeys
from mypage.adapters.passkeys import Known, Site
from mypage.adapters.sealing import CannotOpen, Sealer
from mypage.domain import second_factor as rules
from mypage.domain.second_factor import Method, Owner
from mypage.domain.trail import Action
from mypage.services import throttle, trail
from mypage.services.throttle import Counter, Waiting
from mypage.store import second_factor as store

WRONG: Final = "wrong"
REPLAYED: Final = "replayed"
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class HeldPasskey:
    """A passkey as its owner sees it."""

    credential_id: str
    label: str
    is_synced: bool
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """What an owner has. Recovery codes alone are no factor: they stand in for one."""

    app_since: datetime | None
    app_used_at: datetime | None
    passkeys: tuple[HeldPasskey, ...]
    known: tuple[Known, ...]
    codes_left: int

    @property
    def factors(self) -> int:
        """How many factors there are."""
        return len(self.passkeys) + (self.app_since is not None)


@dataclass(frozen=True, slots=True)
class Proven:
    """The owner it is."""

    method: Method


@dataclass(frozen=True, slots=True)
class Refused:
    """Not right, and never said why; ``misses`` so far. ``is_unreadable``: the fault is ours, the key is missing."""

    misses: int
    is_unreadable: bool = False


def held(connection: Connection, owner: Owner) -> Held:
    """What the owner has. Reads only."""
    app = store.app(connection, owner)
    rows = store.passkeys(connection, owner)
    return Held(
        None if app is None else app["created_at"],
        None if app is None else app["used_at"],
        tuple(
            HeldPasskey(
                row["credential_id"], row["label"], row["is_synced"], row["created_at"], row["used_at"]
            )
            for row in rows
        ),
        tuple(Known(row["credential_id"], tuple(row["transports"])) for row in rows),
        store.codes_left(connection, owner),
    )


def by_app(
    connection: Connection,
    owner: Owner,
    typed: str,
    *,
    sealer: Sealer,
    secret: str,
    actor: str,
    now: datetime,
) -> Proven | Refused | Waiting:
    """Prove it by the code that the authenticator app shows; each is good once (RFC 6238 §5.2)."""

    def fault() -> str | None:
        app = store.app(connection, owner)
        digits = rules.digits_typed(typed)
        if app is None or not digits:
            return WRONG
        context = app_context(owner)
        try:
            opened = sealer.open(app["sealed"], context)
        except CannotOpen:
            return UNREADABLE
        step = authenticator.matching_step(opened.text, digits, rules.steps_accepted(now))
        if step is None:
            return WRONG
        sealed = app["sealed"] if opened.is_current else sealer.seal(opened.text, context)
        was_first = store.use_step(
            connection, owner, was_sealed=app["sealed"], sealed=sealed, step=step, now=now
        )
        return None if was_first else REPLAYED

    return _prove(connection, owner, Method.APP, fault, secret=secret, actor=actor, now=now)


def by_recovery_code(
    connection: Connection, owner: Owner, typed: str, *, secret: str, actor: str, now: datetime
) -> Proven | Refused | Waiting:
    """Prove it by one of the codes that were shown once; it is used up."""

    def fault() -> str | None:
        letters = rules.code_typed(typed)
        used = bool(letters) and store.use_code(connection, owner, rules.code_hash(owner, letters), now)
        return None if used else WRONG

    return _prove(connection, owner, Method.RECOVERY_CODE, fault, secret=secret, actor=actor, now=now)


def by_passkey(
    connection: Connection,
    owner: Owner,
    answer: str,
    *,
    site: Site,
    challenge: bytes,
    secret: str,
    actor: str,
    now: datetime,
) -> Proven | Refused | Waiting:
    """Prove it by the browser's answer to ``challenge``."""

    def fault() -> str | None:
        named = passkeys.named(answer)
        row = next(
            (each for each in store.passkeys(connection, owner) if each["credential_id"] == named), None
        )
        if row is None:
            return WRONG
        count = passkeys.counted(
            site, answer, challenge=challenge, public_key=row["public_key"], sign_count=row["sign_count"]
        )
        if count is None:
            return WRONG
        was_first = store.count_signature(
            connection, owner, row["credential_id"], was=row["sign_count"], count=count, now=now
        )
        return None if was_first else REPLAYED

    return _prove(connection, owner, Method.PASSKEY, fault, secret=secret, actor=actor, now=now)


def unreadable_apps(connection: Connection, sealer: Sealer) -> int:
    """How many apps are sealed under a key that is not there any more. Reads only."""
    return sum(sealed.partition(".")[0] not in sealer.marks for sealed in store.sealed_apps(connection))


def app_context(owner: Owner) -> str:
    """What the app's secret is bound to where it is kept."""
    return f"factor-app\n{owner.word}"


def lift_waits(connection: Connection, owner: Owner, *, secret: str) -> None:
    """Forget the owner's misses: other factors have taken the place of those that were tried."""
    throttle.lift(connection, _counter(owner), secret=secret)


def _prove(
    connection: Connection,
    owner: Owner,
    method: Method,
    fault: Callable[[], str | None],
    *,
    secret: str,
    actor: str,
    now: datetime,
) -> Proven | Refused | Waiting:
    reserved = throttle.reserve(connection, (_counter(owner),), secret=secret, now=now)
    if isinstance(reserved, Waiting):
        if reserved.is_news:
            tell(connection, Action.FACTOR_THROTTLED, owner, actor, now, method=method.value)
        return reserved
    cause = fault()
    if cause is not None:
        tell(connection, Action.FACTOR_REFUSED, owner, actor, now, method=method.value, cause=cause)
        return Refused(reserved.misses, cause == UNREADABLE)
    throttle.give_back(connection, reserved, secret=secret)
    return Proven(method)


def _counter(owner: Owner) -> Counter:
    return Counter("factor", owner.word)


def tell(
    connection: Connection, action: Action, owner: Owner, actor: str, now: datetime, **facts: Any
) -> None:
    """Leave a row of the trail about the owner's factors."""
    trail.record(
        connection, action, actor=actor, account_id=owner.account_id, now=now, owner=owner.word, **facts
    )
