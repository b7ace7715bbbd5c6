"""Sessions of web logins: opened at login, asked at each request, ended by logout, time or a rotated stamp.

Sources: specification "security" (thief of a cookie; idle and absolute limits), "formats" (Web登録 不可 ends
sessions at once) and "decisions" (*Transactions*: touched only when older than 60 s).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from mypage.domain.succession import Follows, has_new_holder
from mypage.domain.trail import Action
from mypage.services import successions, trail
from mypage.store import publications as published
from mypage.store import sessions as store
from mypage.store import successions as stored_successions
from mypage.store.publications import Publications
from mypage.store.raw import Source
from mypage.store.sessions import Customers
from mypage.store.successions import Around

_MOVED: Final = frozenset(Follows) - {Follows.NEW_HOLDER}
ACTIVE: Final = "active"
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


class Session(NamedTuple):
    """A live session with what every page asks of it. ``id`` is the hash of what the browser holds."""

    id: str
    account_id: str
    nickname: str
    customers: tuple[ShownCustomer, ...]
    publications: Publications
    seen_epoch: int
    is_to_touch: bool


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


def current(source: Source, secret: str, *, lifetime: Lifetime, now: datetime) -> Session | None:
    """The live session of that secret, None where there is none (any more)."""
    id_hash = hashed(secret)
    stored = store.find(source, id_hash)
    if stored is None or stored.stamp != stored.account_stamp or stored.account_state != ACTIVE:
        return None
    unused = now - stored.touched_at
    if unused > lifetime.idle or now - stored.created_at > lifetime.absolute:
        return None
    publications = published.at_epoch(source, stored.epoch)
    customers = shown_customers(source, stored.customers, publications, since=stored.created_at)
    if not customers:
        return None
    return Session(
        id_hash,
        stored.account_id,
        stored.nickname,
        customers,
        publications,
        stored.seen_epoch,
        unused > _TOUCHED_AGAIN,
    )


def shown_customers(
    source: Source, customers: Customers, publications: Publications, *, since: datetime
) -> tuple[ShownCustomer, ...]:
    """Those that the master knows and does not keep from the web (Web登録 不可), by the key that they have today.

    A snapshot that no longer names a customer ends the contract, but leaves what the master said last: the former
    holder may still read the bills. A login from before ``since`` does not see a number that got another holder
    after it: it ends for this number, and the former holder logs in anew.
    """
    shown: dict[str, ShownCustomer] = {}
    for key, version in successions.seen_versions(customers.versions, publications).items():
        if not version.web_registration:
            continue
        customer, steps = ShownCustomer(key, version.shown_number, (key,)), customers.steps
        if steps:
            if any(step.customer_key == key and step.kind in _MOVED for step in steps):
                around = stored_successions.at_epoch(source, key, publications.epoch)
                steps, moved = around.steps, _moved(key, around, publications)
                if moved is None:
                    continue
                customer = moved
            if has_new_holder(customer.key, steps, publications.published_at, since):
                continue
        shown.setdefault(customer.key, customer)
    return tuple(shown.values())


def _moved(key: str, around: Around, publications: Publications) -> ShownCustomer | None:
    """The customer of a key, without the keys that are kept from the web; None where that is the one of today."""
    versions = successions.seen_versions(around.versions, publications)
    current, keys = successions.together(key, around, publications)
    if not versions[current].web_registration:
        return None
    allowed = tuple(each for each in keys if versions[each].web_registration)
    return ShownCustomer(current, versions[current].shown_number, allowed)


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
