"""The activation (本登録): a good link and the password of step 2 make a provisional registration an account.

A signup on the telephone has no password from step 2: ``activation_by_phone`` asks number and telephone instead, and
the password is chosen there.

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
from mypage.domain.link import Link as AnyLink
from mypage.domain.throttle import LOOSER_PER_ADDRESS
from mypage.domain.trail import Action
from mypage.services import (
    identity,
    identity_waiting,
    letters,
    outbox,
    release,
    stumbles,
    successions,
    throttle,
    trail,
    withdrawal,
)
from mypage.services.provisional import facts_of
from mypage.services.sessions import ACTIVE
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import accounts, login_names, registrations

BROWSER, CLIENT, RUBBISH = "activation.browser", "activation.client", "activation.rubbish"
FIRST, AGAIN = "activation.first", "activation.again"
# Each client has a first guess at a link, and a farm of scanners has many addresses: four hundred of them are free.
_LOOSER_FOR_FIRST: Final = 100
# How long after the activation a second click on [本登録する] is still taken for the first one.
_SAME_DEED: Final = timedelta(minutes=30)
STEP: Final = "link"
# In the place of a hash: the password is chosen at this very link.
CHOSEN_HERE: Final = ""
_CAUSES: Final = {
    LinkState.BROKEN: "C-04",
    LinkState.EXPIRED: "C-05",
    LinkState.REPLACED: "C-06",
    LinkState.USED: "C-07",
}


@dataclass(frozen=True)
class Link(AnyLink):
    """What the link of a signup's mail is worth. ``by_phone``: of a signup on the telephone.

    ``withdrawn``: it has expired because the master's data on which the registration rested were taken back.
    """

    by_phone: bool = False
    withdrawn: bool = False

    @property
    def cause(self) -> str:
        """The cause code of a dead link."""
        return _CAUSES[self.state]


@dataclass(frozen=True)
class Attempt:
    """A try that may be made: verify the typed password against ``password_hash``, outside any transaction.

    With :data:`CHOSEN_HERE` there is nothing to verify: hash the password that was chosen. ``whose`` is the counter of the client's or browser's own tries.
    """

    token: TokenFacts
    customer_key: str
    password_hash: str
    reserved: Reserved
    whose: Counter


@dataclass(frozen=True)
class UnderWay:
    """No further try before those that the same client has sent already have ended: one may have been the right one."""


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
    return _link(connection, _row(connection, token), token, now)


def reserve(
    connection: Connection,
    token: TokenFacts,
    *,
    address: str,
    browser_hash: str | None = None,
    could_be_right: bool = True,
    by_phone: bool = False,
    settings: Settings,
    now: datetime,
) -> Attempt | Link | Waiting | UnderWay:
    """Count a try at a link that is good.

    ``browser_hash`` says which browser asks, ``could_be_right`` whether what was typed could be right at all,
    ``by_phone`` which of the two forms it was typed into: one that is not this link's is no try.
    """
    row = _row(connection, token)
    link = _link(connection, row, token, now)
    password_hash = _password_hash(connection, row, link, token, now)
    if row is None or password_hash is None or link.by_phone != by_phone:
        return link
    name, secret = f"{row['registration_id']} {row['serial']}", settings.secret_keys[0]
    if not could_be_right:
        # Scanners' rubbish, counted apart even from the guesses at the same address: the owner may share it.
        whose = Counter(RUBBISH, f"{name} {address}")
        reserved = throttle.reserve(connection, (whose,), secret=secret, now=now)
    elif browser_hash is not None and browser_hash == row["browser_hash"]:
        whose = Counter(BROWSER, name)
        reserved = throttle.reserve(connection, (whose,), secret=secret, now=now)
    else:
        whose = Counter(CLIENT, f"{name} {address}")
        reserved = _reserve_elsewhere(connection, whose, name, secret, now)
    if isinstance(reserved, Waiting):
        # This try may have waited for another's transaction, which used the link.
        again = look(connection, token, now)
        if again.state is not LinkState.GOOD:
            return again
        return UnderWay() if throttle.is_under_way(connection, whose, secret=secret, now=now) else reserved
    throttle.begin(connection, whose, secret=secret, now=now)
    return Attempt(token, row["customer_key"], password_hash, reserved, whose)


def _reserve_elsewhere(
    connection: Connection, whose: Counter, link: str, secret: str, now: datetime
) -> Reserved | Waiting:
    """Count a try on another device than the one that registered.

    Whoever guesses from many addresses must come to an end, and whoever scans from many must not make the owner
    wait: so each client's first guess is counted with those of others, far looser, and apart from its further ones.
    """
    own = throttle.reserve(connection, (whose,), secret=secret, now=now)
    if isinstance(own, Waiting):
        return own
    is_first = own.misses == 1
    shared = Counter(FIRST, link, _LOOSER_FOR_FIRST) if is_first else Counter(AGAIN, link, LOOSER_PER_ADDRESS)
    with_others = throttle.reserve(connection, (shared,), secret=secret, now=now)
    if isinstance(with_others, Waiting):
        throttle.give_back(connection, own, secret=secret)
        return with_others
    return Reserved(own.counters + with_others.counters)


def refuse(
    connection: Connection,
    attempt: Attempt,
    *,
    cause: str = "C-10",
    settings: Settings,
    actor: str,
    now: datetime,
) -> None:
    """What was typed was wrong: the try stays counted, the trail says so (C-10: the password)."""
    throttle.end(connection, attempt.whose, secret=settings.secret_keys[0])
    trail.record(
        connection,
        Action.ACTIVATION_REFUSED,
        actor=actor,
        now=now,
        customer_key=attempt.customer_key,
        registration_id=attempt.token.registration_id,
        cause=cause,
    )


def forgive(connection: Connection, attempt: Attempt, *, settings: Settings) -> None:
    """The try was no miss, and nothing came of it: it is given back."""
    # In the order in which they were counted, else two posts at once could wait for each other.
    throttle.give_back(connection, attempt.reserved, secret=settings.secret_keys[0])
    throttle.end(connection, attempt.whose, secret=settings.secret_keys[0])


def note_refusal(connection: Connection, token: TokenFacts, cause: str, *, actor: str, now: datetime) -> None:
    """Somebody typed a password at a link that is dead, or during a wait: a person, and so worth a row for staff.

    Opening the link changes nothing and leaves none, and neither does a form without a password: scanners do both.
    """
    _note(connection, Action.ACTIVATION_REFUSED, token, cause, actor, now)


def note_pasted(connection: Connection, token: TokenFacts, *, actor: str, now: datetime) -> None:
    """A link that a mail program had cut was put together again (C-04)."""
    _note(connection, Action.ACTIVATION_LINK_PASTED, token, "C-04", actor, now)


def _note(
    connection: Connection, action: Action, token: TokenFacts, cause: str, actor: str, now: datetime
) -> None:
    row = _row(connection, token)
    stumbles.leave(
        connection,
        action,
        STEP,
        cause,
        customer_key="" if row is None else row["customer_key"],
        actor=actor,
        now=now,
        registration_id=token.registration_id,
    )


def activate(
    connection: Connection,
    attempt: Attempt,
    *,
    chosen_hash: str | None = None,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Activated | Link | AlreadyRegistered | LoginIdTaken:
    """The password was right, or was chosen here (``chosen_hash``): an account is born, once.

    Everything is looked at again under the lock of the customer: another post of the same link, a newer mail, a
    newer registration or a change in the master may have come first. The second of two clicks gets the same
    answer as the first.
    """
    registrations.lock(connection, attempt.customer_key)
    # A customer whose number changed may be registering under the other number at this moment.
    registrations.lock(connection, successions.of_key(connection, attempt.customer_key).current)
    forgive(connection, attempt, settings=settings)
    row = _row(connection, attempt.token)
    link = _link(connection, row, attempt.token, now)
    if row is not None and link.withdrawn and row["state"] == RegistrationState.PENDING:
        _void(
            connection,
            row,
            withdrawal.REASON,
            "A-03",
            actor,
            now,
            taken_back_batch_id=row["matched_batch_id"],
        )
        return link
    if row is None or _password_hash(connection, row, link, attempt.token, now) != attempt.password_hash:
        return link
    owner = accounts.owner_of(connection, [row["customer_key"]])
    if owner is not None and link.state is LinkState.USED:
        return Activated(owner["id"])
    if not identity.may_still_register(connection, row["customer_key"], settings, now):
        _void(connection, row, "master_changed", "A-06", actor, now)
        return Link(LinkState.EXPIRED)
    return _born(connection, row, chosen_hash, settings, actor, now)


def _born(
    connection: Connection,
    row: RowMapping,
    chosen_hash: str | None,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Activated | AlreadyRegistered | LoginIdTaken:
    key, login_key, account_id = row["customer_key"], row["login_key"], secrets.token_hex(16)
    claimed_by = login_names.claim_of(key)
    if not login_names.claim(connection, login_key, claimed_by=claimed_by, expires_at=None, now=now):
        _void(connection, row, "login_id_taken", "B-01", actor, now)
        return LoginIdTaken()
    if successions.owner_of(connection, key) is not None or not accounts.become_owner(
        connection,
        customer_key=key,
        account_id=account_id,
        since=now,
        matched_batch_id=row["matched_batch_id"],
        awaits_letter=letters.is_asked(row, settings),
        letter_for_approval=row["letter_for_approval"],
        changed_batch_id=row["changed_batch_id"],
        awaits_approval=identity_waiting.is_needed(row, settings),
    ):
        login_names.release(connection, login_key, claimed_by=claimed_by)
        _void(connection, row, "already_registered", "A-07", actor, now)
        return AlreadyRegistered()
    login_names.hand_on(
        connection, login_key, claimed_by=claimed_by, to=login_names.claim_of_account(account_id)
    )
    taken_over = ("login_id", "login_key", "nickname", "email", "language", "terms_version")
    accounts.add(
        connection,
        {
            "id": account_id,
            "password_hash": chosen_hash or row["password_hash"],
            "password_changed_at": now if chosen_hash else row["created_at"],
            "stamp": secrets.token_hex(16),
            "state": ACTIVE,
            "created_at": now,
            **{name: row[name] for name in taken_over},
        },
    )
    _end(connection, row, RegistrationState.ACTIVATED, now)
    letters.write_first(connection, key, account_id, with_code=letters.is_asked(row, settings), now=now)
    shown_from = release.close_if_released(connection, key, now=now)
    _tell(connection, row, account_id, shown_from, settings, now)
    if identity_waiting.is_needed(row, settings):
        identity_waiting.ask(connection, row, account_id, now=now)
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


def _tell(
    connection: Connection,
    row: RowMapping,
    account_id: str,
    shown_from: datetime | None,
    settings: Settings,
    now: datetime,
) -> None:
    """The mail about it says what is shown from when on."""
    kind, facts = "registered", {"nickname": row["nickname"]}
    if shown_from is not None:
        kind, facts = "registered_closed", {**facts, "at": shown_from.isoformat()}
    elif letters.is_asked(row, settings):
        kind = "registered_letter"
    elif identity_waiting.is_needed(row, settings):
        until = now + identity_waiting.LIFE
        kind, facts = "registered_approval", {**facts, "at": until.isoformat()}
    outbox.enqueue(
        connection,
        kind,
        recipient=row["email"],
        language=row["language"],
        facts=facts,
        now=now,
        customer_key=row["customer_key"],
        account_id=account_id,
    )


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


def _link(connection: Connection, row: RowMapping | None, token: TokenFacts | None, now: datetime) -> Link:
    facts = None if row is None else facts_of(row)
    state = rules.link_state(facts, token, now)
    by_phone = row is not None and row["made_by"] is not None
    if row is not None and _is_withdrawn(connection, row, state):
        return Link(LinkState.EXPIRED, by_phone=by_phone, withdrawn=True)
    newer_at = None
    if facts is not None and state is LinkState.REPLACED:
        newer_at = facts.handed_over_at or facts.enqueued_at
    return Link(state, newer_at, by_phone)


def _is_withdrawn(connection: Connection, row: RowMapping, state: LinkState) -> bool:
    """Whether the registration ended, or will have to, because that on which it rested was taken back."""
    if state is LinkState.GOOD:
        return not withdrawal.still_rests(connection, row["customer_key"], row["matched_batch_id"])
    return state is LinkState.EXPIRED and row["taken_back_batch_id"] is not None


def _password_hash(
    connection: Connection, row: RowMapping | None, link: Link, token: TokenFacts, now: datetime
) -> str | None:
    """What the password is verified against: None for a dead link, but for the second of two clicks."""
    if row is None:
        return None
    if link.state is LinkState.GOOD:
        return CHOSEN_HERE if link.by_phone else cast(str | None, row["password_hash"])
    if link.state is LinkState.USED and row["serial"] == token.serial and now < row["ended_at"] + _SAME_DEED:
        owner = accounts.owner_of(connection, [row["customer_key"]])
        if owner is not None and owner["last_login_at"] is None:
            return cast(str, owner["password_hash"])
    return None


def _void(
    connection: Connection,
    row: RowMapping,
    reason: str,
    cause: str,
    actor: str,
    now: datetime,
    *,
    taken_back_batch_id: int | None = None,
) -> None:
    """The right password came too late: the person is refused, and the registration ends."""
    _end(connection, row, RegistrationState.VOID, now, taken_back_batch_id=taken_back_batch_id)
    trail.record(
        connection,
        Action.ACTIVATION_REFUSED,
        actor=actor,
        now=now,
        customer_key=row["customer_key"],
        registration_id=row["registration_id"],
        cause=cause,
    )
    trail.record(
        connection,
        Action.REGISTRATION_VOIDED,
        actor=actor,
        now=now,
        customer_key=row["customer_key"],
        batch_id=taken_back_batch_id,
        registration_id=row["registration_id"],
        reason=reason,
    )


def _end(
    connection: Connection,
    row: RowMapping,
    state: RegistrationState,
    now: datetime,
    *,
    taken_back_batch_id: int | None = None,
) -> None:
    registrations.change(
        connection,
        row["registration_id"],
        row["serial"],
        state=state.value,
        ended_at=now,
        password_hash=None,
        taken_back_batch_id=taken_back_batch_id,
    )
