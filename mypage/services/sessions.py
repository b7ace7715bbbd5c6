"""Sessions of web logins: opened at login, asked at each request, ended by logout, time or a rotated stamp.

Sources: specification "security" (thief of a cookie; idle and absolute limits), "formats" (Web登録 不可 ends
sessions at once) and "decisions" (*Transactions*: touched only when older than 60 s).
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain.account import AccountState
from mypage.domain.opening import ClosedBy, closed_by
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import publications as published
from mypage.store import sessions as store
from mypage.store.publications import Publications
from mypage.store.raw import Source
from mypage.store.sessions import CustomerVersion

ACTIVE: Final = AccountState.ACTIVE.value
_TOUCHED_AGAIN: Final = timedelta(seconds=60)
_LONGEST_BROWSER: Final = 200


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lives without a request, and at most."""

    idle: timedelta
    absolute: timedelta


class ShownCustomer(NamedTuple):
    """A customer of the account that may be shown on the web; ``number`` as the operator prints it."""

    key: str
    number: str


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
    found = _seen(stored.customers, publications, opened_seq=stored.opened_seq)
    if not found:
        return None
    customers, closed = _sorted_out(found, asks_letter=asks_letter, now=now)
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


def shown_customers(
    versions: Iterable[CustomerVersion], publications: Publications
) -> tuple[ShownCustomer, ...]:
    """Those that the master knows and does not keep from the web (Web登録 不可).

    They come in the order of ``versions``. A snapshot that no longer names a customer ends the contract, but
    leaves what the master said last: the former holder may still read the bills.
    """
    return tuple(
        ShownCustomer(each.customer_key, each.shown_number) for each in _seen(versions, publications)
    )


def _seen(
    versions: Iterable[CustomerVersion], publications: Publications, *, opened_seq: int | None = None
) -> list[CustomerVersion]:
    """The versions that are seen of those customers.

    A later holder of a number ends the session of the one before for it: what was opened before ``opened_seq`` is not
    shown any more, until the person logs in again (specification "formats", *The holder*).
    """
    pub_seq = publications.pub_seq
    newest: dict[str, CustomerVersion] = {}
    succeeded: dict[str, int] = {}
    for version in versions:
        if version.batch_id in pub_seq and not version.tombstone:
            other = newest.get(version.customer_key)
            if other is None or pub_seq[other.batch_id] < pub_seq[version.batch_id]:
                newest[version.customer_key] = version
        if version.succeeded_in is not None and version.succeeded_in in pub_seq:
            first = succeeded.get(version.customer_key)
            seq = pub_seq[version.succeeded_in]
            succeeded[version.customer_key] = seq if first is None else min(first, seq)
    return [
        version
        for key, version in newest.items()
        if version.web_registration and (opened_seq is None or succeeded.get(key, 0) <= opened_seq)
    ]


def _sorted_out(
    found: Iterable[CustomerVersion], *, asks_letter: bool, now: datetime
) -> tuple[tuple[ShownCustomer, ...], tuple[ClosedCustomer, ...]]:
    """The customers that are open, and those that are not."""
    opened: list[ShownCustomer] = []
    closed: list[ClosedCustomer] = []
    for each in found:
        why = closed_by(
            awaits_letter=each.awaits_letter and asks_letter,
            shown_from=each.shown_from,
            objected=each.objected,
            now=now,
        )
        if why is None:
            opened.append(ShownCustomer(each.customer_key, each.shown_number))
        else:
            closed.append(ClosedCustomer(each.customer_key, each.shown_number, why, each.shown_from))
    return tuple(opened), tuple(closed)


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
