"""Prove who somebody is: number, telephone and name against the holders of the master.

Specification §2 and §3, first-try A-03 … A-08. Whoever misses learns neither which item it was nor whether the
number exists: the same queries and comparisons are made for each miss. A number that nobody has is compared with
the holders of its neighbour in the master, whom it never matches: so as many rows are read, unfolded and compared.
What missed stands in the trail, for staff; what was typed stands nowhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain import identity as rules
from mypage.domain import identity_change
from mypage.domain.customers import derived
from mypage.domain.identity import (
    ClaimKeys,
    Holder,
    HolderStatus,
    IdentityClaim,
    Match,
    Miss,
    MissedItem,
    Proof,
)
from mypage.domain.kana import name_rule
from mypage.domain.throttle import LOOSER_PER_ADDRESS
from mypage.domain.trail import Action
from mypage.services import outbox, successions, throttle, trail
from mypage.services.throttle import Counter, Reserved, Waiting
from mypage.store import customers, holders
from mypage.words.filters import TOKYO

_NOT_ALLOWED = frozenset((MissedItem.NOT_YET_CONTRACTED, MissedItem.ENDED_TOO_LONG_AGO))
NUMBER, PHONE = "identity.number", "identity.phone"
ADDRESS, KEY = "identity.address", "identity.key"


@dataclass(frozen=True)
class Matched:
    """The claim is this customer's, who has no login yet; ``batch_id`` is the version on which that rests.

    ``changed_batch_id``: the batch that brought what matched, if that is news; None where it was there long before, or
    a 登録キー proves it beside the file.
    """

    customer_key: str
    batch_id: int
    changed_batch_id: int | None = None


@dataclass(frozen=True)
class Missed:
    """One message for every miss; ``misses`` of this number or telephone, whichever has more, with this one.

    ``missed`` is for staff only, never for the person.
    """

    misses: int
    missed: tuple[MissedItem, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class AlreadyRegistered:
    """The claim is right, and the customer has a login already."""

    customer_key: str = field(default="", compare=False)


def prove(
    connection: Connection,
    claim: IdentityClaim,
    *,
    settings: Settings,
    address: str,
    actor: str,
    now: datetime,
) -> Matched | Missed | AlreadyRegistered | Waiting:
    """Compare a claim with the master, under the throttles of its number, its telephone and the client's address."""
    keys = rules.claim_keys(claim, pattern=settings.customer_number_pattern, fold_v=settings.fold_v)
    secret, number = settings.secret_keys[0], keys.customer_number or ""
    nearest = holders.nearest_number(connection, number)
    found = holders.of_number(connection, nearest)
    own = (Counter(NUMBER, number), Counter(PHONE, keys.phone or ""))
    client = throttle.per_address(ADDRESS, address)
    reserved = throttle.reserve(connection, (*own, client), secret=secret, now=now)
    result = rules.compare(
        keys,
        [holder(row, fold_v=settings.fold_v) for row in found],
        today(now),
        settings.months_after_end,
        cast(Proof, settings.signup_proof),
    )
    if isinstance(reserved, Waiting) and settings.signup_proof == "key":
        # A correct 登録キー ends the wait that others caused. Tries at it are counted apart, or they would be free.
        apart = throttle.reserve(
            connection, (Counter(KEY, number, LOOSER_PER_ADDRESS), client), secret=secret, now=now
        )
        reserved = apart if isinstance(apart, Reserved) and isinstance(result, Match) else reserved
    if isinstance(reserved, Waiting):
        newest = found[0]["customer_key"] if found and nearest == number else None
        if reserved.is_news:
            trail.record(
                connection,
                Action.IDENTITY_THROTTLED,
                actor=actor,
                now=now,
                customer_key=newest,
                scope=reserved.scope,
                cause="A-04",
            )
        return reserved
    if isinstance(result, Miss):
        _record_miss(connection, result, actor, now)
        return Missed(max(misses for counter, misses in reserved.counters if counter in own), result.missed)
    # Whoever proved to be the customer is done with the number's misses; an address keeps those of its others.
    others = Reserved(tuple(each for each in reserved.counters if each[0] not in own))
    throttle.give_back(connection, others, secret=secret)
    for counter in own:
        throttle.lift(connection, counter, secret=secret)
    return _matched(connection, result, found, keys, settings, actor, now)


def _record_miss(connection: Connection, miss: Miss, actor: str, now: datetime) -> None:
    cause = "A-06" if _NOT_ALLOWED.issuperset(miss.missed) else "A-03"
    trail.record(
        connection,
        Action.IDENTITY_MISSED,
        actor=actor,
        now=now,
        customer_key=miss.nearest,
        missed=[item.value for item in miss.missed],
        cause=cause,
    )


def _matched(
    connection: Connection,
    match: Match,
    found: list[RowMapping],
    claim: ClaimKeys,
    settings: Settings,
    actor: str,
    now: datetime,
) -> Matched | AlreadyRegistered:
    key = match.holder.customer_key
    owner = successions.owner_of(connection, key)
    if owner is None:
        trail.record(connection, Action.IDENTITY_MATCHED, actor=actor, now=now, customer_key=key)
        batch_id = next(row["batch_id"] for row in found if row["customer_key"] == key)
        return Matched(key, batch_id, _news_behind(connection, key, claim, settings, now))
    outbox.enqueue_once_a_day(
        connection,
        "already_registered",
        account_id=owner["id"],
        recipient=owner["email"],
        language=owner["language"],
        facts={"nickname": owner["nickname"], "at": now.isoformat()},
        now=now,
        customer_key=key,
    )
    trail.record(
        connection,
        Action.IDENTITY_ALREADY_REGISTERED,
        actor=actor,
        now=now,
        customer_key=key,
        account_id=owner["id"],
        cause="A-07",
    )
    return AlreadyRegistered(key)


def _news_behind(
    connection: Connection, customer_key: str, claim: ClaimKeys, settings: Settings, now: datetime
) -> int | None:
    """The batch that brought what a matching claim holds, if that is news (specification §6); None where it is not.

    A 登録キー proves beside it, unless a file brought that as well: one line of a file holds both.
    """
    versions = customers.published_versions(connection, customer_key)

    def came(has: Callable[[ClaimKeys, Holder], bool]) -> RowMapping | None:
        return identity_change.brought_by(
            versions, lambda row: has(claim, holder(row, fold_v=settings.fold_v)), now
        )

    brought = came(identity_change.proves)
    if brought is None or (settings.signup_proof == "key" and came(identity_change.has_key) is None):
        return None
    return int(brought["batch_id"])


def may_still_register(connection: Connection, customer_key: str, settings: Settings, now: datetime) -> bool:
    """Whether the master still lets a customer register whose identity matched before."""
    row = holders.of_key(connection, customer_key)
    if row is None:
        return False
    seen = holder(row, fold_v=settings.fold_v)
    return not rules.may_register(seen, today(now), settings.months_after_end)


def holder(row: RowMapping, *, fold_v: bool) -> Holder:
    """A row of the master as it is compared. Keys made by another rule (a release, ``fold_v``) are made anew."""
    if row["tombstone"]:
        return Holder(row["customer_key"], frozenset(), frozenset(), HolderStatus.ENDED)
    keys: Mapping[str, Any] = dict(row)
    if keys["name_rule"] != name_rule(fold_v=fold_v):
        keys = derived(keys, fold_v=fold_v)
    return Holder(
        customer_key=row["customer_key"],
        name_keys=frozenset(keys["name_keys"]),
        phone_keys=frozenset(keys["phone_keys"]),
        status=HolderStatus(row["status"]),
        contracted_on=row["contracted_on"],
        ended_on=row["ended_on"],
        web_registration=row["web_registration"],
        registration_key=row["registration_key"],
        deficient=bool(keys["defects"]),
    )


def today(now: datetime) -> date:
    """The date in Japan."""
    return now.astimezone(TOKYO).date()
