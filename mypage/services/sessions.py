"""Sessions of web logins: opened at login, asked at each request, ended by logout, time or a rotated stamp.

Sources: specification "security" (thief of a cookie; idle and absolute limits), "formats" (Web登録 不可 ends
sessions at once) and "decisions" (*Transactions*: touched only when older than 60 s).
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain.account import AccountState
from mypage.domain.opening import ClosedBy, closed_by
from mypage.domain.trail import Action
from mypage.services import successions, trail
from mypage.store import publications as published
from mypage.store import sessions as store
from mypage.store import successions as stored_successions
from mypage.store.publications import Publications
from mypage.store.raw import Source
from mypage.store.sessions import Closing, Customers
from mypage.store.successions import Around

ACTIVE: Final = AccountState.ACTIVE.value
_TOUCHED_AGAIN: Final = timedelta(seconds=60)
_LONGEST_BROWSER: Final = 200


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lives without a request, and at most."""

    idle: timedelta
    absolute: timedelta


class ShownCustomer(NamedTuple):
    """A customer of the account that may be shown on the web; ``number`` as the operator prints it.

    ``keys`` are those under which there may be statements: of a customer whose number changed more than one.
    """

    key: str
    number: str
    keys: tuple[str, ...]


class ClosedCustomer(NamedTuple):
    """A customer of the account of whom nothing is shown yet; ``shown_from`` where that is only a matter of time."""

    key: str
    number: str
    why: ClosedBy
    shown_from: datetime | None


class Session(NamedTuple):
    """A live session with what every page asks of it. ``id`` is the hash of what the browser holds.

    ``customers`` are those that are open, ``closed`` those that are to be opened yet; one of the two holds somebody.
    """

    id: str
    account_id: str
    nickname: str
    customers: tuple[ShownCustomer, ...]
    publications: Publications
    seen_epoch: int
    is_to_touch: bool
    closed: tuple[ClosedCustomer, ...] = ()


def hashed(secret: str) -> str:
    """What the database keeps of the secret in the browser's cookie."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def start(
    connection: Connection,
    account_id: str,
    *,
    stamp: str,
    lifetime: Lifetime,
    address: str,
    browser: str,
    replaces: str | None,
    now: datetime,
) -> str:
    """Open a session of the account with its ``stamp``; the new secret for the browser's cookie.

    ``replaces`` is the secret that the browser held until now: that session ends. So do those of the account
    that time has ended.
    """
    if replaces:
        store.remove(connection, hashed(replaces))
    store.remove_dead(
        connection,
        account_id,
        touched_before=now - lifetime.idle,
        created_before=now - lifetime.absolute,
    )
    secret = secrets.token_urlsafe(32)
    store.add(
        connection,
        id_hash=hashed(secret),
        account_id=account_id,
        stamp=stamp,
        now=now,
        address=address,
        browser=browser[:_LONGEST_BROWSER],
    )
    return secret


def current(
    source: Source, secret: str, *, lifetime: Lifetime, now: datetime, asks_letter: bool = True
) -> Session | None:
    """The live session of that secret, None where there is none (any more).

    ``asks_letter``: whether the code of a letter is asked of those who registered while it was (``signup_proof``).
    """
    id_hash = hashed(secret)
    stored = store.find(source, id_hash)
    if stored is None or stored.stamp != stored.account_stamp or stored.account_state != ACTIVE:
        return None
    unused = now - stored.touched_at
    if unused > lifetime.idle or now - stored.created_at > lifetime.absolute:
        return None
    publications = published.at_epoch(source, stored.epoch)
    found = list(_seen(source, stored.customers, publications, opened_seq=stored.opened_seq))
    if not found:
        return None
    customers, closed = _sorted_out(
        found, stored.customers.closings, publications, asks_letter=asks_letter, now=now
    )
    return Session(
        id_hash,
        stored.account_id,
        stored.nickname,
        customers,
        publications,
        stored.seen_epoch,
        unused > _TOUCHED_AGAIN,
        closed,
    )


def seen_by(
    source: Source, account_id: str, *, publications: Publications, asks_letter: bool, now: datetime
) -> tuple[tuple[ShownCustomer, ...], tuple[ClosedCustomer, ...]]:
    """The customers that an account would find open if it logged in now, and those that it would find closed."""
    customers = store.customers_of(source, account_id)
    found = _seen(source, customers, publications)
    return _sorted_out(found, customers.closings, publications, asks_letter=asks_letter, now=now)


def shown_customers(
    source: Source, customers: Customers, publications: Publications
) -> tuple[ShownCustomer, ...]:
    """Those that the master knows and does not keep from the web (Web登録 不可), by the key that they have today.

    A snapshot that no longer names a customer ends the contract, but leaves what the master said last: the former
    holder may still read the bills.
    """
    found = (customer for _, customer in _seen(source, customers, publications))
    return tuple({each.key: each for each in found}.values())


def seen_customers(
    source: Source, customers: Customers, publications: Publications
) -> Iterator[tuple[str, ShownCustomer]]:
    """The customers that are seen, each with the key under which its account has it; ``customers`` may be of many."""
    return _seen(source, customers, publications)


def _seen(
    source: Source, customers: Customers, publications: Publications, *, opened_seq: int | None = None
) -> Iterator[tuple[str, ShownCustomer]]:
    """The customers that are seen, each with the key under which the account has it.

    A later holder of a number ends the session of the one before for it: what was opened before ``opened_seq`` is not
    shown any more, until the person logs in again (specification "formats", *The holder*).
    """
    for key, version in successions.seen_versions(customers.versions, publications).items():
        if not version.web_registration:
            continue
        customer, versions = ShownCustomer(key, version.shown_number, (key,)), customers.versions
        if any(step.customer_key == key for step in customers.steps):
            around = stored_successions.at_epoch(source, key, publications.epoch)
            moved = _moved(key, around, publications)
            if moved is None:
                continue
            customer, versions = moved, tuple(around.versions)
        if opened_seq is None or not successions.is_succeeded(
            customer.key, versions, publications, opened_seq
        ):
            yield key, customer


def _moved(key: str, around: Around, publications: Publications) -> ShownCustomer | None:
    """The customer of a key, without the keys that are kept from the web; None where that is the one of today."""
    versions = successions.seen_versions(around.versions, publications)
    current, keys = successions.together(key, around, publications)
    if not versions[current].web_registration:
        return None
    allowed = tuple(each for each in keys if versions[each].web_registration)
    return ShownCustomer(current, versions[current].shown_number, allowed)


def _sorted_out(
    found: Iterable[tuple[str, ShownCustomer]],
    closings: Mapping[str, Closing],
    publications: Publications,
    *,
    asks_letter: bool,
    now: datetime,
) -> tuple[tuple[ShownCustomer, ...], tuple[ClosedCustomer, ...]]:
    """The customers that are open, and those that are not.

    One that the account has under several keys (統合) is open if it is under one of them.
    """
    opened: dict[str, ShownCustomer] = {}
    closed: dict[str, ClosedCustomer] = {}
    for key, customer in found:
        closing = closings[key]
        why = what_closes(closing, publications, asks_letter=asks_letter, now=now)
        if why is None:
            opened.setdefault(customer.key, customer)
        else:
            closed.setdefault(
                customer.key, ClosedCustomer(customer.key, customer.number, why, closing.shown_from)
            )
    return tuple(opened.values()), tuple(each for key, each in closed.items() if key not in opened)


def what_closes(
    closing: Closing, publications: Publications, *, asks_letter: bool, now: datetime
) -> ClosedBy | None:
    """What keeps a customer closed to its account, None where it is open."""
    return closed_by(
        awaits_letter=closing.awaits_letter and (asks_letter or closing.letter_for_approval),
        shown_from=closing.shown_from,
        objected=closing.objected,
        awaits_approval=closing.awaits_approval,
        settling=closing.matched_batch_id in publications.unsettled,
        now=now,
    )


def touch(connection: Connection, session: Session, now: datetime) -> None:
    """Keep that the session is in use."""
    store.touch(connection, session.id, now)


def end(connection: Connection, secret: str, now: datetime) -> None:
    """Log out: the session ends on the server. Nothing happens where it has ended already."""
    account_id = store.remove(connection, hashed(secret))
    if account_id is not None:
        trail.record(
            connection, Action.LOGOUT_DONE, actor=f"account:{account_id}", account_id=account_id, now=now
        )
