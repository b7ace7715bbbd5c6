"""The letter with a code that proves whose contract it is (``signup_proof`` = ``letter``), as its reader sees it.

Each activation writes a letter, a mere notice where no code is asked for; how letters go to be posted, says
``services.letter_exports``. All deeds on one wait for the lock of its customer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import letter as rules
from mypage.domain.letter import Letter, NotYet, State
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import identity_waiting, outbox, trail
from mypage.store import accounts, holders, registrations
from mypage.store import letters as store

LETTER: Final = "letter"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of the code tells of the newest letter.

    ``can_be_posted``: the master has an address; ``not_yet``: why no new one may be asked for, None if it may.
    """

    can_be_posted: bool
    state: State
    posted_at: datetime | None
    expires_at: datetime | None
    tries_left: int
    not_yet: NotYet | None


@dataclass(frozen=True, slots=True)
class Proven:
    """The code was right, or is not asked any more: entered elsewhere, or the registration was released."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The code was not right."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class Dead:
    """No code of the newest letter is good any more: it is too old, or was tried too often."""

    state: State


@dataclass(frozen=True, slots=True)
class Asked:
    """A new letter waits to be posted; the code of the one before is good no more."""


@dataclass(frozen=True, slots=True)
class Unpostable:
    """The master has no address."""


def is_asked(row: RowMapping, settings: Settings) -> bool:
    """Whether a letter's code is asked: by the setting, or because it stands for the second person of a telephone signup.

    ``row`` is a registration, or an account's link to its customer.
    """
    return settings.signup_proof == LETTER or bool(row["letter_for_approval"])


def write_first(
    connection: Connection, customer_key: str, account_id: str, *, with_code: bool, now: datetime
) -> None:
    """The letter of an activation: with a code where one is asked."""
    store.add(
        connection, customer_key=customer_key, account_id=account_id, serial=1, with_code=with_code, now=now
    )


def look(connection: Connection, customer_key: str, account_id: str, now: datetime) -> Shown | None:
    """The newest letter of a customer; None where the registration was released meanwhile. Reads only."""
    letters = _letters(store.of_account(connection, customer_key, account_id))
    if not letters:
        return None
    newest, master = letters[-1], holders.of_key(connection, customer_key)
    return Shown(
        can_be_posted=master is not None and rules.recipient(dict(master)) is not None,
        state=rules.state(newest, now),
        posted_at=newest.posted_at,
        expires_at=newest.expires_at,
        tries_left=max(rules.MOST_TRIES - newest.tries, 0),
        not_yet=rules.not_yet(letters, now),
    )


def enter_code(
    connection: Connection,
    customer_key: str,
    account_id: str,
    typed: str,
    *,
    settings: Settings,
    now: datetime,
) -> Proven | Wrong | Dead:
    """Try a code. Each try counts, and the sixth is none; a right one opens everything at once."""
    registrations.lock(connection, customer_key)
    newest = _newest_awaited(connection, customer_key, account_id)
    if newest is None:
        return Proven()
    state = rules.state(newest, now)
    if state in (State.EXPIRED, State.USED_UP):
        return Dead(state)
    actor = f"account:{account_id}"
    store.count_try(connection, customer_key, account_id, newest.serial)
    if rules.opens(typed, codes(settings, customer_key, account_id, newest.serial)):
        link = _open(connection, customer_key, account_id, now)
        if identity_waiting.prove_by_letter(connection, link, now=now):
            identity_waiting.note_proven(connection, link, now=now)
        trail.record(
            connection,
            Action.LETTER_PROVEN,
            actor=actor,
            now=now,
            customer_key=customer_key,
            account_id=account_id,
            serial=newest.serial,
        )
        return Proven()
    tries_left = rules.MOST_TRIES - newest.tries - 1
    trail.record(
        connection,
        Action.LETTER_REFUSED,
        actor=actor,
        now=now,
        customer_key=customer_key,
        account_id=account_id,
        serial=newest.serial,
        tries_left=tries_left,
    )
    return Wrong(tries_left)


def ask_again(
    connection: Connection, customer_key: str, account_id: str, *, now: datetime
) -> Asked | NotYet | Proven:
    """Ask for a new letter, where the last one is lost or its code is good no more."""
    registrations.lock(connection, customer_key)
    if _newest_awaited(connection, customer_key, account_id) is None:
        return Proven()
    letters = _letters(store.of_account(connection, customer_key, account_id))
    not_yet = rules.not_yet(letters, now)
    if not_yet is not None:
        return not_yet
    serial = letters[-1].serial + 1
    store.add(
        connection, customer_key=customer_key, account_id=account_id, serial=serial, with_code=True, now=now
    )
    trail.record(
        connection,
        Action.LETTER_ASKED,
        actor=f"account:{account_id}",
        now=now,
        customer_key=customer_key,
        account_id=account_id,
        serial=serial,
    )
    return Asked()


def send_for_staff(
    connection: Connection, customer_key: str, account_id: str, *, staff_id: str, now: datetime
) -> Asked | NotYet | Unpostable:
    """A letter whose code is read out on the telephone. The customer is locked; the code of the letter before ends."""
    master = holders.of_key(connection, customer_key)
    if master is None or rules.recipient(dict(master)) is None:
        return Unpostable()
    rows = store.of_account(connection, customer_key, account_id)
    # A mere notice of the activation that waits to be posted is no reason to wait.
    coded = _letters([row for row in rows if row["with_code"]])
    not_yet = rules.not_yet(coded, now) if coded else None
    if not_yet is not None:
        return not_yet
    serial = rows[-1]["serial"] + 1 if rows else 1
    store.add(
        connection,
        customer_key=customer_key,
        account_id=account_id,
        serial=serial,
        with_code=True,
        now=now,
        asked_by=staff_id,
    )
    trail.record(
        connection,
        Action.LETTER_ASKED,
        actor=actor(staff_id),
        now=now,
        customer_key=customer_key,
        account_id=account_id,
        serial=serial,
    )
    return Asked()


def codes(settings: Settings, customer_key: str, account_id: str, serial: int) -> list[str]:
    """The code of a letter under each signing key, the newest first: one printed before a new key is good as well."""
    return [rules.code(key, customer_key, account_id, serial) for key in settings.secret_keys]


def letter_of(row: RowMapping) -> Letter:
    """A letter as the rules of ``domain.letter`` see it."""
    return Letter(row["serial"], row["asked_at"], row["posted_at"], row["expires_at"], row["tries"])


def _letters(rows: Sequence[RowMapping]) -> list[Letter]:
    return [letter_of(row) for row in rows]


def _newest_awaited(connection: Connection, customer_key: str, account_id: str) -> Letter | None:
    """The newest letter of a customer who awaits one, None where it is not awaited (any more)."""
    link = accounts.link(connection, customer_key, account_id)
    if link is None or not link["awaits_letter"]:
        return None
    return letter_of(store.of_account(connection, customer_key, account_id)[-1])


def _open(connection: Connection, customer_key: str, account_id: str, now: datetime) -> RowMapping:
    """Open what waited for the code; how the account had the customer until then."""
    link = accounts.link(connection, customer_key, account_id)
    assert link is not None  # noqa: S101 - a letter of it was awaited
    accounts.open_letter(connection, customer_key, account_id)
    account = accounts.by_id(connection, account_id)
    assert account is not None  # noqa: S101 - it has this customer
    outbox.enqueue(
        connection,
        "letter_proven",
        recipient=account["email"],
        language=account["language"],
        facts={"nickname": account["nickname"], "at": now.isoformat()},
        now=now,
        customer_key=customer_key,
        account_id=account_id,
    )
    return link
