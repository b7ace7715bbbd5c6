"""The release of a registration ([登録を解除する]): somebody else registered this contract, or its owner wants it so.

Specification §5: sessions end at once, the number can register anew, the old address is mailed; the next account is
shown nothing for 72 hours, and an objection stops it until staff has decided. Who may ask for it, the call-back and
the second person are the console's.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.account import AccountState
from mypage.domain.activation import RegistrationState
from mypage.domain.opening import closed_by, shown_from
from mypage.domain.trail import Action
from mypage.services import outbox, successions, trail
from mypage.store import accounts, letters, login_names, registrations, releases

# Holds a space, and so is nobody's login id.
_ENDED: Final = "released "


@dataclass(frozen=True, slots=True)
class Released:
    """The number can register anew. ``has_ended``: the account held no other customer, and its login id is free."""

    account_id: str
    has_ended: bool


@dataclass(frozen=True, slots=True)
class NotTheirs:
    """The account does not own the customer (any more): there is nothing to release."""


@dataclass(frozen=True, slots=True)
class Objected:
    """Nothing is shown to the next account until the objection is settled."""


@dataclass(frozen=True, slots=True)
class Settled:
    """The objection is settled in favour of the next account; ``shown_from`` is None where there is none yet."""

    shown_from: datetime | None


@dataclass(frozen=True, slots=True)
class NothingToStop:
    """No release of this customer is waiting: there was none, or its 72 hours are over."""


def release_account(
    connection: Connection,
    *,
    customer_key: str,
    account_id: str,
    acting_staff: str | None,
    reason: str,
    now: datetime,
    mail: str = "registration_released",
) -> Released | NotTheirs:
    """Take a customer from the account that registered it, and from all with whom that shares it.

    All sessions of the account end, with every link that was mailed to it. An account that holds other customers
    keeps those; one that holds none has ended: its login id is free, its address serves nothing any more.

    ``acting_staff`` is None where only its time was over: then nobody says that somebody else had registered, and the
    next account waits for nothing. ``mail`` is the kind that tells the account.
    """
    keys = _locked_keys(connection, customer_key)
    owners = {key: owner for key in keys if (owner := accounts.owner_of(connection, [key])) is not None}
    theirs = [key for key, owner in owners.items() if owner["id"] == account_id]
    if not theirs:
        return NotTheirs()
    owner = owners[theirs[0]]
    for key in theirs:
        accounts.leave(connection, key)
        letters.forget(connection, key)
        _end_registration(connection, key, now)
    has_ended = not accounts.has_customers(connection, account_id)
    # The stamp ends the sessions and is part of each link's mark.
    accounts.change(
        connection, account_id, stamp=secrets.token_hex(16), **(_ended(owner) if has_ended else {})
    )
    if has_ended:
        claimed_by = login_names.claim_of_account(account_id)
        login_names.release(connection, owner["login_key"], claimed_by=claimed_by)
    for key in keys if acting_staff is not None else ():
        releases.put(connection, customer_key=key, former_account_id=account_id, released_at=now)
    outbox.enqueue(
        connection,
        mail,
        recipient=owner["email"],
        language=owner["language"],
        facts={"nickname": owner["nickname"], "at": now.isoformat()},
        now=now,
        customer_key=customer_key,
        account_id=account_id,
    )
    trail.record(
        connection,
        Action.REGISTRATION_RELEASED,
        actor="worker" if acting_staff is None else f"staff:{acting_staff}",
        now=now,
        customer_key=customer_key,
        account_id=account_id,
        detail={"reason": reason, "login_id": owner["login_id"], "email": owner["email"]},
        before=owner["state"],
        after=AccountState.RELEASED.value if has_ended else owner["state"],
    )
    return Released(account_id, has_ended)


def close_if_released(connection: Connection, customer_key: str, *, now: datetime) -> datetime | None:
    """At the activation of the next account: from when on it is shown something, None where nothing was released."""
    keys = successions.of_key(connection, customer_key).keys
    taken = [release for key in keys if (release := releases.take(connection, key)) is not None]
    if not taken:
        return None
    begins = shown_from(now)
    objected_at = next((each["objected_at"] for each in taken if each["objected_at"] is not None), None)
    accounts.close(connection, customer_key, shown_from=begins, objected_at=objected_at)
    return begins


def object_to_release(
    connection: Connection, *, customer_key: str, acting_staff: str, reason: str, now: datetime
) -> Objected | NothingToStop:
    """Somebody objects to a release, before or after the next account was made: nothing is shown to that."""
    keys = _locked_keys(connection, customer_key)
    links = _links(connection, keys)
    closed = [each for each in links if _is_closed(each, now)]
    released = [] if links else [key for key in keys if releases.of_customer(connection, key) is not None]
    if not closed and not released:
        return NothingToStop()
    for each in closed:
        accounts.close(connection, each["customer_key"], shown_from=each["shown_from"], objected_at=now)
    for key in released:
        releases.object_to(connection, key, now)
    link = next(iter(closed), None)
    _record(connection, Action.RELEASE_OBJECTED, customer_key, link, acting_staff, reason, now)
    return Objected()


def settle_objection(
    connection: Connection, *, customer_key: str, acting_staff: str, reason: str, now: datetime
) -> Settled | NothingToStop:
    """The objection was unfounded: the 72 hours go on, or are over. (If it was founded: release again.)"""
    keys = _locked_keys(connection, customer_key)
    links = _links(connection, keys)
    waiting = links or [
        release for key in keys if (release := releases.of_customer(connection, key)) is not None
    ]
    objected = [each for each in waiting if each["objected_at"] is not None]
    if not objected:
        return NothingToStop()
    link = objected[0] if links else None
    begins = None if link is None else link["shown_from"]
    for each in objected:
        if link is None:
            releases.object_to(connection, each["customer_key"], None)
        else:
            accounts.close(connection, each["customer_key"], shown_from=each["shown_from"], objected_at=None)
    _record(connection, Action.RELEASE_SETTLED, customer_key, link, acting_staff, reason, now)
    return Settled(begins)


def _locked_keys(connection: Connection, customer_key: str) -> tuple[str, ...]:
    """All keys of a customer whose number may have changed, with their registrations locked in one order."""
    keys = successions.of_key(connection, customer_key).keys
    for key in sorted({customer_key, *keys}):
        registrations.lock(connection, key)
    return keys


def _links(connection: Connection, keys: Sequence[str]) -> list[RowMapping]:
    """How the owners of these keys have them."""
    return [link for key in keys if (link := accounts.owner_link(connection, key)) is not None]


def _is_closed(link: RowMapping, now: datetime) -> bool:
    return (
        closed_by(
            awaits_letter=False,
            shown_from=link["shown_from"],
            objected=link["objected_at"] is not None,
            now=now,
        )
        is not None
    )


def _ended(owner: RowMapping) -> dict[str, object]:
    """What is left of an account that has ended: who it was stands in the trail's detail, which can be purged."""
    return {
        "state": AccountState.RELEASED.value,
        "login_key": f"{_ENDED}{owner['id']}",
        "login_id": "",
        "password_hash": "",
        "email": "",
        "nickname": "",
    }


def _end_registration(connection: Connection, customer_key: str, now: datetime) -> None:
    """The signup's link says no longer that everything is done."""
    row = registrations.of_customer(connection, customer_key)
    if row is not None and row["state"] == RegistrationState.ACTIVATED:
        registrations.change(
            connection,
            row["registration_id"],
            row["serial"],
            state=RegistrationState.VOID.value,
            ended_at=now,
        )
    # What others asked for in its name is no reason to let the owner wait.
    registrations.forget_mails(connection, customer_key, now)


def _record(
    connection: Connection,
    action: Action,
    customer_key: str,
    link: RowMapping | None,
    acting_staff: str,
    reason: str,
    now: datetime,
) -> None:
    trail.record(
        connection,
        action,
        actor=f"staff:{acting_staff}",
        now=now,
        customer_key=customer_key,
        account_id=None if link is None else link["account_id"],
        detail={"reason": reason},
    )
