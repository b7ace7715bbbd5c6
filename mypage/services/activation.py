"""The activation (本登録): a good link and the password of step 2 make a provisional registration an account.

Three short transactions with argon2 between them: look at the link and count the try; (verify the password;)
activate, or leave the miss. Nothing that a GET or HEAD asks for, and no form without the right password, changes
anything but the count of tries: mail scanners open links and submit forms.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import activation as rules
from mypage.domain.activation import LinkState, RegistrationState, TokenFacts
from mypage.domain.throttle import LOOSER_PER_ADDRESS
from mypage.domain.trail import Action
from mypage.services import identity, outbox, successions, throttle, trail
from mypage.services.registration import facts_of
from mypage.services.sessions import ACTIVE
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import accounts, login_names, registrations

LINK, LINK_ALL = "activation.link", "activation.link-all"
# How long after the activation a second click on [本登録する] is still taken for the first one.
_SAME_DEED: Final = timedelta(minutes=30)
_CAUSES: Final = {
    LinkState.BROKEN: "C-04",
    LinkState.EXPIRED: "C-05",
    LinkState.REPLACED: "C-06",
    LinkState.USED: "C-07",
}


@dataclass(frozen=True)
class Link:
    """What a link is worth; ``newer_at`` is when the mail went out that replaced it (or is to, if it waits)."""

    state: LinkState
    newer_at: datetime | None = None

    @property
    def cause(self) -> str:
        """The cause code of a dead link."""
        return _CAUSES[self.state]


@dataclass(frozen=True)
class Attempt:
    """A try that may be made: verify the typed password against ``password_hash``, outside any transaction."""

    token: TokenFacts
    customer_key: str
    password_hash: str
    reserved: Reserved


@dataclass(frozen=True)
class Activated:
    """There is an account now."""

    account_id: str


@dataclass(frozen=True)
class AlreadyRegistered:
    """Somebody else has activated this customer number meanwhile."""


@dataclass(frozen=True)
class LoginIdTaken:
    """The claim on the login id had ended, and somebody else has it: the person starts from step 1."""


def look(connection: Connection, token: TokenFacts | None, now: datetime) -> Link:
    """What a link is worth. Reads only."""
    return _link(_row(connection, token), token, now)


def reserve(
    connection: Connection, token: TokenFacts, *, address: str, settings: Settings, now: datetime
) -> Attempt | Link | Waiting:
    """Count a try with the password of a link that is good.

    Each client has its own count, all of them together a looser one: a scanner that submits guesses must not make
    the link's owner wait.
    """
    row = _row(connection, token)
    link = _link(row, token, now)
    password_hash = _password_hash(connection, row, link, token, now)
    if row is None or password_hash is None:
        return link
    name = row["registration_id"]
    counters = (Counter(LINK, f"{name} {address}"), Counter(LINK_ALL, name, LOOSER_PER_ADDRESS))
    reserved = throttle.reserve(connection, counters, secret=settings.secret_keys[0], now=now)
    if isinstance(reserved, Waiting):
        return reserved
    return Attempt(token, row["customer_key"], password_hash, reserved)


def refuse(connection: Connection, attempt: Attempt, *, actor: str, now: datetime) -> None:
    """The password was wrong: the try stays counted, the trail says so (C-10)."""
    trail.record(
        connection,
        Action.ACTIVATION_REFUSED,
        actor=actor,
        now=now,
        customer_key=attempt.customer_key,
        registration_id=attempt.token.registration_id,
        cause="C-10",
    )


def activate(
    connection: Connection, attempt: Attempt, *, settings: Settings, actor: str, now: datetime
) -> Activated | Link | AlreadyRegistered | LoginIdTaken:
    """The password was right: an account is born, once.

    Everything is looked at again under the lock of the customer: another post of the same link, a newer mail, a
    newer registration or a change in the master may have come first. The second of two clicks gets the same
    answer as the first.
    """
    registrations.lock(connection, attempt.customer_key)
    # A customer whose number changed may be registering under the other number at this moment.
    registrations.lock(connection, successions.of_key(connection, attempt.customer_key).current)
    row = _row(connection, attempt.token)
    link = _link(row, attempt.token, now)
    if row is None or _password_hash(connection, row, link, attempt.token, now) != attempt.password_hash:
        return link
    throttle.give_back(connection, attempt.reserved, secret=settings.secret_keys[0])
    owner = accounts.owner_of(connection, [row["customer_key"]])
    if owner is not None and link.state is LinkState.USED:
        return Activated(owner["id"])
    if not identity.may_still_register(connection, row["customer_key"], settings, now):
        _void(connection, row, "master_changed", actor, now)
        return Link(LinkState.EXPIRED)
    return _born(connection, row, actor, now)


def _born(
    connection: Connection, row: RowMapping, actor: str, now: datetime
) -> Activated | AlreadyRegistered | LoginIdTaken:
    key, login_key, account_id = row["customer_key"], row["login_key"], secrets.token_hex(16)
    claimed_by = login_names.claim_of(key)
    if not login_names.claim(connection, login_key, claimed_by=claimed_by, expires_at=None, now=now):
        _void(connection, row, "login_id_taken", actor, now)
        return LoginIdTaken()
    if successions.owner_of(connection, key) is not None or not accounts.become_owner(
        connection,
        customer_key=key,
        account_id=account_id,
        since=now,
        matched_batch_id=row["matched_batch_id"],
    ):
        login_names.release(connection, login_key, claimed_by=claimed_by)
        _void(connection, row, "already_registered", actor, now)
        return AlreadyRegistered()
    login_names.hand_on(
        connection, login_key, claimed_by=claimed_by, to=login_names.claim_of_account(account_id)
    )
    taken_over = ("login_id", "login_key", "password_hash", "nickname", "email", "language", "terms_version")
    accounts.add(
        connection,
        {
            "id": account_id,
            "password_changed_at": row["created_at"],
            "stamp": secrets.token_hex(16),
            "state": ACTIVE,
            "created_at": now,
            **{name: row[name] for name in taken_over},
        },
    )
    _end(connection, row, RegistrationState.ACTIVATED, now)
    outbox.enqueue(
        connection,
        "registered",
        recipient=row["email"],
        language=row["language"],
        facts={"nickname": row["nickname"]},
        now=now,
        customer_key=key,
        account_id=account_id,
    )
    trail.record(
        connection,
        Action.ACTIVATION_DONE,
        actor=actor,
        now=now,
        customer_key=key,
        account_id=account_id,
        registration_id=row["registration_id"],
    )
    return Activated(account_id)


def may_enter(connection: Connection, account_id: str, now: datetime) -> bool:
    """Whether [そのままログイン] still opens the account: half an hour long, and only as its first login.

    The ticket for it dies with use: once anybody has logged in, the password is asked.
    """
    account = accounts.by_id(connection, account_id)
    return (
        account is not None and account["last_login_at"] is None and now < account["created_at"] + _SAME_DEED
    )


def _row(connection: Connection, token: TokenFacts | None) -> RowMapping | None:
    return None if token is None else registrations.by_id(connection, token.registration_id)


def _link(row: RowMapping | None, token: TokenFacts | None, now: datetime) -> Link:
    facts = None if row is None else facts_of(row)
    state = rules.link_state(facts, token, now)
    if facts is None or state is not LinkState.REPLACED:
        return Link(state)
    return Link(state, facts.handed_over_at or facts.enqueued_at)


def _password_hash(
    connection: Connection, row: RowMapping | None, link: Link, token: TokenFacts, now: datetime
) -> str | None:
    """What the password is verified against: None for a dead link, but for the second of two clicks."""
    if row is None:
        return None
    if link.state is LinkState.GOOD:
        return cast(str | None, row["password_hash"])
    if link.state is LinkState.USED and row["serial"] == token.serial and now < row["ended_at"] + _SAME_DEED:
        owner = accounts.owner_of(connection, [row["customer_key"]])
        if owner is not None and owner["last_login_at"] is None:
            return cast(str, owner["password_hash"])
    return None


def _void(connection: Connection, row: RowMapping, reason: str, actor: str, now: datetime) -> None:
    _end(connection, row, RegistrationState.VOID, now)
    trail.record(
        connection,
        Action.REGISTRATION_VOIDED,
        actor=actor,
        now=now,
        customer_key=row["customer_key"],
        registration_id=row["registration_id"],
        reason=reason,
    )


def _end(connection: Connection, row: RowMapping, state: RegistrationState, now: datetime) -> None:
    registrations.change(
        connection, row["registration_id"], row["serial"], state=state.value, ended_at=now, password_hash=None
    )
