"""The shift at a glance: who registers today and where people stop, what fails, what waits (specification §5).

A day begins at midnight in Japan. Counts come from the trail by its actions, from the counts of stumbles, and from what
stands in the tables now; each of them has its list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from sqlalchemy import Connection, RowMapping

from mypage.config.settings import Settings
from mypage.domain.customer_state import Wait
from mypage.domain.throttle import LONGEST_WAIT
from mypage.domain.trail import Action
from mypage.services import approvals, throttle, waits
from mypage.services.staff_looks import Look
from mypage.store import faults, holders, search
from mypage.store import shift as store
from mypage.store.shift import Counted, OfCustomer
from mypage.words.causes import CAUSES
from mypage.words.filters import TOKYO

PAGE: Final = 50
# A hand-over takes seconds; what waits longer waits for us (as in the timeline).
_SOON: Final = timedelta(minutes=1)
_NOBODY: Final = Counted(0, 0)
_MOST_WAITING: Final = 500
_MOST_COUNTERS: Final = 10_000

_PROVISIONAL: Final = (Action.REGISTRATION_MADE, Action.REGISTRATION_REPLACED)
_MATCHED: Final = (Action.IDENTITY_MATCHED,)
_MISSED: Final = (Action.IDENTITY_MISSED,)
# Refused, and left by ``services.stumbles``: counted there, all of them and not the first in a minute only.
_COUNTED_AS_STUMBLES: Final = frozenset(
    (Action.SIGNUP_STUMBLED, Action.ACTIVATION_REFUSED, Action.ACTIVATION_LINK_PASTED)
)
# Told of a mail server, not of a person.
_NO_FAILURE: Final = frozenset((Action.MAIL_SERVER_LOST,))
FAILURES: Final = tuple(
    action
    for action in Action
    if "cause" in action.fact_names and action not in _COUNTED_AS_STUMBLES | _NO_FAILURE
)
_ALL_FAILURES: Final = (*FAILURES, *sorted(_COUNTED_AS_STUMBLES, key=lambda action: action.word))


class Registrations(StrEnum):
    """The lists behind the steps of a registration."""

    MISSED = "missed"
    MATCHED = "matched"
    UNSENT = "unsent"
    WAITING = "waiting"
    VOIDED = "voided"
    ACTIVATED = "activated"


@dataclass(frozen=True, slots=True)
class Steps:
    """Registrations today. ``tries`` of screen 1; the rest are customers.

    ``matched``: the three items were right, and there is no provisional registration yet; ``on_profile`` and
    ``on_confirm`` are those who are typing at this moment.
    """

    tries: int
    misses: int
    missed: int
    proven: int
    matched: int
    on_profile: int
    on_confirm: int
    provisional: int
    unsent: int
    waiting: int
    voided: int
    activated: int


class Cause(NamedTuple):
    """What failed today: how often, and how many customers are known to whom it did."""

    code: str
    title: str
    times: int
    customers: int


@dataclass(frozen=True, slots=True)
class Mails:
    """``late``: should be out by now. ``refused`` and ``given_up`` are today's; ``outages``: servers out of reach."""

    waiting: int
    late: int
    refused: int
    given_up: int
    outages: Sequence[RowMapping]


@dataclass(frozen=True, slots=True)
class Shift:
    """All of it at one moment."""

    steps: Steps
    causes: tuple[Cause, ...]
    mails: Mails
    waits: Mapping[str, tuple[int, datetime]]
    batches: Mapping[str, int]
    requests: int
    faults: int


def midnight(now: datetime) -> datetime:
    """When the day in Japan began."""
    return datetime.combine(now.astimezone(TOKYO).date(), time(), TOKYO)


def now_on(connection: Connection, *, now: datetime) -> Shift:
    """The shift as it stands. Reads only."""
    begun = midnight(now)
    first = store.since(connection, begun)
    return Shift(
        steps=_steps(connection, first, now),
        causes=_causes(connection, first, begun),
        mails=_mails(connection, first, now),
        waits=waits_by_scope(connection, now),
        batches=store.batches(connection),
        requests=approvals.count_waiting(connection, now=now),
        faults=faults.count_since(connection, begun),
    )


def registrations(
    connection: Connection, which: Registrations, page: int, *, now: datetime
) -> list[OfCustomer]:
    """A page of the customers behind a step, and one more where there is a further page. Reads only."""
    limit, offset = PAGE + 1, (page - 1) * PAGE
    if which in _DONE:
        done, but_not = _DONE[which]
        first = store.since(connection, midnight(now))
        return store.with_action(
            connection, _words(done), first, but_not=_words(but_not), limit=limit, offset=offset
        )
    mailed = which is Registrations.WAITING
    return store.pending_list(connection, mailed=mailed, limit=limit, offset=offset)


_DONE: Final[Mapping[Registrations, tuple[Sequence[Action], Sequence[Action]]]] = {
    Registrations.MISSED: (_MISSED, _MATCHED),
    Registrations.MATCHED: (_MATCHED, _PROVISIONAL),
    Registrations.VOIDED: ((Action.REGISTRATION_VOIDED,), ()),
    Registrations.ACTIVATED: ((Action.ACTIVATION_DONE,), ()),
}


@dataclass(frozen=True, slots=True)
class Failed:
    """Whom a cause happened to: a page of customers, how many others nobody knows, and the counts of its stumbles."""

    customers: list[OfCustomer]
    unknown: int
    stumbles: Sequence[RowMapping]


def failed(connection: Connection, cause: str, page: int, *, days: int, now: datetime) -> Failed:
    """The list of a cause for today (``days`` 1) or some days back. Reads only."""
    begun = midnight(now) - timedelta(days=days - 1)
    first = store.since(connection, begun)
    words = _words(_ALL_FAILURES)
    return Failed(
        store.with_cause(connection, words, cause, first, limit=PAGE + 1, offset=(page - 1) * PAGE),
        store.without_customer(connection, words, cause, first),
        store.stumbles_of(connection, cause, begun),
    )


class StaffLooks(NamedTuple):
    """How much somebody of the staff looked at today; ``is_much``: more than is usual."""

    name: str
    searches: int
    customers: int
    is_much: bool


def looks(connection: Connection, *, limit: int, now: datetime) -> list[StaffLooks]:
    """Of each member of staff who looked at anything today, most first. Reads only."""
    names: dict[str, str] = {}
    counted: dict[str, dict[str, int]] = {}
    for row in store.looks(connection, midnight(now).date()):
        names[row["id"]] = row["name"]
        counted.setdefault(row["id"], {})[row["kind"]] = row["times"]
    found = [
        StaffLooks(
            names[staff_id],
            searches := kinds.get(Look.SEARCH, 0),
            customers := kinds.get(Look.CUSTOMER, 0),
            max(searches, customers) > limit,
        )
        for staff_id, kinds in counted.items()
    ]
    return sorted(found, key=lambda each: -max(each.searches, each.customers))


class Waiting(NamedTuple):
    """A customer who cannot try before ``wait.until``."""

    customer_key: str
    wait: Wait


def waiting(connection: Connection, *, settings: Settings, now: datetime) -> list[Waiting]:
    """The customers with a wait in force, of those who failed at anything lately. Reads only.

    A counter says nothing of whose it is. Whoever waits missed not longer ago than the longest wait, and that is told
    in the trail.
    """
    alive = store.waits_by_name(connection, now, _MOST_COUNTERS)
    if not alive:
        return []
    first = store.since(connection, now - LONGEST_WAIT - _SOON)
    keys = store.recently(connection, _words(_ALL_FAILURES), first, _MOST_WAITING)
    masters, accounts = holders.of_keys(connection, keys), store.owners(connection, keys)
    pending = {row["customer_key"]: row for row in search.pending(connection, keys)}
    secret = settings.secret_keys[0]
    found = []
    for key in keys:
        named = waits.counters(
            key, master=masters.get(key), registration=pending.get(key), account=accounts.get(key)
        )
        if any((each.scope, throttle.stored_key(secret, each)) in alive for each in named):
            in_force = waits.in_force(connection, named, secret=secret, now=now)
            found += [Waiting(key, wait) for wait in in_force]
    return found


def waits_by_scope(connection: Connection, now: datetime) -> dict[str, tuple[int, datetime]]:
    """By scope how many waits are in force, and when the last one ends; without counters that belong to others."""
    found = store.waits(connection, now)
    return {scope: each for scope, each in found.items() if not scope.endswith((".told", ".under-way"))}


def _steps(connection: Connection, first: int, now: datetime) -> Steps:
    identity = (
        *_MATCHED,
        *_MISSED,
        Action.IDENTITY_THROTTLED,
        Action.IDENTITY_ALREADY_REGISTERED,
    )
    asked = (*identity, *_PROVISIONAL, Action.REGISTRATION_VOIDED, Action.ACTIVATION_DONE)
    counted = store.counts(connection, _words(asked), first)

    def of(action: Action) -> Counted:
        return counted.get(action.word, _NOBODY)

    on_profile, on_confirm = store.drafts(connection, now)
    unsent, waiting = store.pending(connection)
    return Steps(
        tries=sum(of(action).times for action in identity),
        misses=of(Action.IDENTITY_MISSED).times,
        missed=store.count_with_action(connection, _words(_MISSED), first, _words(_MATCHED)),
        proven=of(Action.IDENTITY_MATCHED).customers,
        matched=store.count_with_action(connection, _words(_MATCHED), first, _words(_PROVISIONAL)),
        on_profile=on_profile,
        on_confirm=on_confirm,
        provisional=sum(of(action).customers for action in _PROVISIONAL),
        unsent=unsent,
        waiting=waiting,
        voided=of(Action.REGISTRATION_VOIDED).customers,
        activated=of(Action.ACTIVATION_DONE).customers,
    )


def _causes(connection: Connection, first: int, begun: datetime) -> tuple[Cause, ...]:
    rows = store.causes(connection, _words(FAILURES), first)
    known = store.causes(connection, _words(_COUNTED_AS_STUMBLES), first)
    counted = store.stumbles(connection, begun)
    found = [
        Cause(
            code,
            title,
            rows.get(code, _NOBODY).times + counted.get(code, 0),
            rows.get(code, _NOBODY).customers + known.get(code, _NOBODY).customers,
        )
        for code, title in CAUSES.items()
        if code in rows or code in counted
    ]
    return tuple(sorted(found, key=lambda each: (-each.times, each.code)))


def _mails(connection: Connection, first: int, now: datetime) -> Mails:
    waiting, late = store.count_mails(connection, due_before=now - _SOON)
    counted = store.counts(connection, _words((Action.MAIL_REFUSED, Action.MAIL_GIVEN_UP)), first)
    return Mails(
        waiting,
        late,
        counted.get(Action.MAIL_REFUSED.word, _NOBODY).times,
        counted.get(Action.MAIL_GIVEN_UP.word, _NOBODY).times,
        store.outages(connection),
    )


def _words(actions: Sequence[Action] | frozenset[Action]) -> list[str]:
    return [action.word for action in actions]
