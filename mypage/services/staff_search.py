"""Staff's search: one box for whatever a caller knows (specification §5), on millions of customers.

A term is tried as everything that it may be. Of names, addresses, telephones and contract numbers the index gives
candidates, in the order of their terms; each is compared with the version of the customer that is seen, so that a row
of an outdated, unpublished or taken-back version finds nobody. What was typed stands in the detail of the trail's row,
which is purged; facts tell which kinds had answers and how many.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain import (
    cause_code,
    customer_number,
    email_address,
    login_id,
    request_number,
    search_terms,
    support_code,
)
from mypage.domain.characters import visible
from mypage.domain.search_terms import Wanted
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import staff_looks, support_codes, trail
from mypage.services.support_codes import Redeemed, Refused
from mypage.store import faults, holders, publications
from mypage.store import search as store
from mypage.words.causes import CAUSES

MOST: Final = 50
LONGEST: Final = 200
# Of the rows of a range nearly all are answers; where many versions lie above each other further ones are read.
_AT_FIRST, _FURTHER, _MOST_READ = MOST + 10, 500, 5_000
# How long the page of answers can be reached, by going back from a customer.
KEPT: Final = timedelta(hours=12)


class Match(StrEnum):
    """By what somebody was found."""

    CUSTOMER_NUMBER = "customer_number"
    PHONE = "phone"
    CONTRACT = "contract"
    LOGIN_ID = "login_id"
    EMAIL = "email"
    SUPPORT_CODE = "support_code"
    KANA = "kana"
    KANA_PART = "kana_part"
    NAME = "name"
    ADDRESS = "address"
    CAUSE = "cause"
    REQUEST_NUMBER = "request_number"


_OF_TERMS: Final[Mapping[search_terms.Kind, Match]] = {kind: Match[kind.name] for kind in search_terms.Kind}


class Unfit(StrEnum):
    """Why nothing is looked for; the sentence is ``search_<word>``."""

    EMPTY = "empty"
    TOO_LONG = "too_long"


@dataclass(slots=True)
class Found:
    """What a term found: customers with what matched, what is most certain first, never more than :data:`MOST`.

    ``cause`` and ``request_number`` are those that exist. ``said`` is the code of what became of an
    お電話用の確認番号 that opens nothing, ``minutes`` how long somebody waits for the next.
    """

    typed: str
    customers: dict[str, list[Match]] = field(default_factory=dict)
    too_wide: bool = False
    cause: str | None = None
    request_number: str | None = None
    said: str | None = None
    minutes: int = 0

    @property
    def kinds(self) -> list[str]:
        """The kinds of which there is an answer."""
        kinds = {match for matches in self.customers.values() for match in matches}
        if self.cause:
            kinds.add(Match.CAUSE)
        if self.request_number:
            kinds.add(Match.REQUEST_NUMBER)
        return [match.value for match in Match if match in kinds]

    @property
    def the_only_one(self) -> str | None:
        """The customer, where there is no other answer."""
        if len(self.customers) == 1 and not (self.too_wide or self.cause or self.request_number):
            return next(iter(self.customers))
        return None

    def add(self, keys: Iterable[str], match: Match) -> None:
        """Further customers; one that is there already is known by one more thing."""
        for key in keys:
            if key in self.customers:
                if match not in self.customers[key]:
                    self.customers[key].append(match)
            elif len(self.customers) < MOST:
                self.customers[key] = [match]
            else:
                self.too_wide = True


def look(connection: Connection, typed: str, *, settings: Settings) -> Found | Unfit:
    """Whom ``typed`` finds. Reads only; an お電話用の確認番号 is left to :func:`keep`."""
    typed = visible(typed).strip()
    if not typed:
        return Unfit.EMPTY
    if len(typed) > LONGEST:
        return Unfit.TOO_LONG
    found = Found(typed)
    found.cause = code if (code := cause_code.read(typed)) in CAUSES else None
    number = request_number.read(typed)
    if number is not None and faults.by_number(connection, number) is not None:
        found.request_number = number
    seen = _Seen(connection)
    for match, keys in _exact(connection, typed, settings):
        found.add(keys, match)
    for wanted in search_terms.wanted(typed):
        if found.too_wide:
            break
        found.add(seen.with_term(wanted), _OF_TERMS[wanted.kind])
        found.too_wide |= seen.gave_up
    return found


def keep(connection: Connection, found: Found, *, staff_id: str, settings: Settings, now: datetime) -> str:
    """Keep a search for whoever made it, with its row in the trail; the id under which its answers are shown.

    Redeems an お電話用の確認番号, unless the same digits are somebody's number.
    """
    if support_code.could_be_one(found.typed) and not found.customers:
        _redeem(connection, found, staff_id, settings, now)
    elif support_code.is_as_long_as_one(found.typed) and not found.customers:
        found.said = "support_code_misheard"
    search_id = secrets.token_urlsafe(16)
    answers = {
        "customers": [[key, [match.value for match in matches]] for key, matches in found.customers.items()],
        "cause": found.cause,
        "request_number": found.request_number,
        "said": found.said,
        "minutes": found.minutes,
    }
    row = {"id": search_id, "staff_id": staff_id, "at": now, "typed": found.typed, "answers": answers}
    store.keep(connection, {**row, "too_wide": found.too_wide})
    staff_looks.searched(connection, staff_id=staff_id, limit=settings.staff_looks_a_day, now=now)
    trail.record(
        connection,
        Action.STAFF_SEARCHED,
        actor=actor(staff_id),
        now=now,
        detail={"term": found.typed},
        kinds=found.kinds,
        answers=len(found.customers),
        too_wide=found.too_wide,
    )
    return search_id


def kept(connection: Connection, search_id: str, *, staff_id: str, now: datetime) -> Found | None:
    """A search of that member of staff, None where there is none (any more). Reads only."""
    row = store.kept(connection, search_id, staff_id)
    if row is None or now - row["at"] > KEPT:
        return None
    answers = row["answers"]
    return Found(
        row["typed"],
        {key: [Match(each) for each in matches] for key, matches in answers["customers"]},
        row["too_wide"],
        answers["cause"],
        answers["request_number"],
        answers["said"],
        answers["minutes"],
    )


def _exact(connection: Connection, typed: str, settings: Settings) -> Iterator[tuple[Match, list[str]]]:
    """What is found by a whole number, id or address."""
    number = customer_number.fold(typed, settings.customer_number_pattern)
    if number is not None:
        rows = [row["customer_key"] for row in holders.of_number(connection, number)]
        # Whoever registered is found even where the file that brought the customer was taken back.
        yield (
            Match.CUSTOMER_NUMBER,
            list(dict.fromkeys([*rows, *store.with_number(connection, number, MOST + 1)])),
        )
    address = email_address.read(typed)
    if address.problem is None:
        yield Match.EMAIL, store.with_address(connection, address.address.lower(), MOST + 1)
    if not login_id.problems(typed):
        yield Match.LOGIN_ID, store.with_login_key(connection, login_id.key(typed), MOST + 1)


def _redeem(connection: Connection, found: Found, staff_id: str, settings: Settings, now: datetime) -> None:
    answer = support_codes.redeem(connection, found.typed, staff_id=staff_id, settings=settings, now=now)
    # What a caller reads out opens something for ten minutes: it rests nowhere.
    found.typed = "（お電話用の確認番号）"
    match answer:
        case Redeemed():
            found.add([answer.customer_key], Match.SUPPORT_CODE)
        case Refused():
            found.said = f"support_code_{answer.reason}"
        case _:
            found.said, found.minutes = "support_code_staff_wait", answer.minutes


class _Seen:
    """The customers behind the rows of the index, as they are seen now; each is read once a search."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._published: Mapping[int, int] | None = None
        self._customers: dict[str, list[str]] = {}
        self._contracts: dict[str, list[str]] = {}
        # Whether a range was left before its end, because too much lies above each other in it.
        self.gave_up = False

    def with_term(self, wanted: Wanted) -> Iterator[str]:
        """The customers who are known by a term, one more than are shown at most."""
        found: set[str] = set()
        after, read, limit = None, 0, _AT_FIRST
        while len(found) <= MOST and read < _MOST_READ:
            places = store.places(self._connection, wanted, after, limit)
            for key in self._verified(dict.fromkeys(self._alive(places)), wanted):
                if key not in found:
                    found.add(key)
                    yield key
            if len(places) < limit:
                return
            after, read, limit = places[-1], read + len(places), _FURTHER
        self.gave_up |= len(found) <= MOST

    def _alive(self, places: Iterable[store.Place]) -> Iterator[str]:
        """Of published batches only: nobody else's version can be seen."""
        for place in places:
            if self._published is None:
                self._published = publications.now_published(self._connection).pub_seq
            if place.batch_id in self._published:
                yield place.customer_key

    def _verified(self, keys: Iterable[str], wanted: Wanted) -> list[str]:
        known, read = (
            (self._contracts, _contract_terms)
            if wanted.kind is search_terms.Kind.CONTRACT
            else (self._customers, _customer_terms)
        )
        keys = list(keys)
        new = [key for key in keys if key not in known]
        if new:
            known.update(read(self._connection, new))
        return [key for key in keys if search_terms.holds(known.get(key, ()), wanted)]


def _customer_terms(connection: Connection, keys: list[str]) -> dict[str, list[str]]:
    rows = holders.of_keys(connection, keys)
    return {key: search_terms.of_customer(dict(row)) for key, row in rows.items()}


def _contract_terms(connection: Connection, keys: list[str]) -> dict[str, list[str]]:
    seen = store.contracts_of(connection, keys)
    return {key: list(search_terms.of_contracts(contracts)) for key, contracts in seen.items()}
