"""Wrong tries are limited: a try is counted before it is made, and given back when it was right.

The schedule is ``domain.throttle``'s. A counter is named by its scope and a key (a customer number, a telephone
number, a client address); only an HMAC of the key is stored, under the newest of the secret keys.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from mypage.domain.throttle import (
    FORGOTTEN_AFTER,
    FREE_TRIES,
    LONGEST_WAIT,
    LOOSER_PER_ADDRESS,
    minutes_to_tell,
    wait_after,
)
from mypage.store import throttle as store

# How long a try may be under way: one that takes longer was cut off by the end of its process.
_LONGEST_TRY: Final = timedelta(seconds=15)


@dataclass(frozen=True)
class Counter:
    """What is counted. ``looser``: how many times as many tries are free.

    A loose counter is shared by many people (a block of flats, a carrier): it forgets 24 hours after it began and
    not after its last miss, else it would never, however few of them mistype.
    """

    scope: str
    key: str
    looser: int = 1


@dataclass(frozen=True)
class Reserved:
    """A try that may be made now; ``misses`` of the first counter, this try included."""

    counters: tuple[tuple[Counter, int], ...]

    @property
    def misses(self) -> int:
        """How many tries the first counter holds, this one included."""
        return self.counters[0][1]


@dataclass(frozen=True)
class Waiting:
    """No try before ``until``; ``scope`` says whose wait it is (for the trail).

    ``is_news``: this refusal is worth a row of the trail. The first four are, and then fewer and fewer by the same
    schedule; else whoever goes on sending could fill the trail without end.
    """

    scope: str
    until: datetime
    minutes: int
    is_news: bool = field(compare=False, default=True)


def per_address(scope: str, address: str) -> Counter:
    """The counter of a client address, which whole blocks of flats and shops share."""
    return Counter(scope, address, LOOSER_PER_ADDRESS)


def reserve(
    connection: Connection, counters: Sequence[Counter], *, secret: str, now: datetime
) -> Reserved | Waiting:
    """Count a try with all ``counters``, or with none of them where one has to wait (the longest is told).

    Doors name counters of several scopes in the same order always, so that two tries never wait for each other.
    """
    taken: list[tuple[Counter, int]] = []
    waiting: list[tuple[Waiting, Counter]] = []
    for counter in counters:
        misses = _count(connection, counter, secret, now)
        if misses is None:
            waiting.append((_wait(connection, counter, secret, now), counter))
        else:
            taken.append((counter, misses))
    reserved = Reserved(tuple(taken))
    if waiting:
        give_back(connection, reserved, secret=secret)
        longest, whose = max(waiting, key=lambda each: each[0].until)
        return replace(longest, is_news=_count(connection, _told(whose), secret, now) is not None)
    return reserved


def give_back(connection: Connection, reserved: Reserved, *, secret: str) -> None:
    """The try was no miss."""
    for counter, misses in reserved.counters:
        store.give_back(connection, counter.scope, stored_key(secret, counter), misses)


def begin(connection: Connection, counter: Counter, *, secret: str, now: datetime) -> None:
    """A reserved try is being made, until :func:`end`: whoever must wait meanwhile can be told that it is not over."""
    store.reserve(
        connection,
        _under_way(counter).scope,
        stored_key(secret, _under_way(counter)),
        now=now,
        forget_before=now - _LONGEST_TRY,
        waits=(),
        slides=True,
    )


def end(connection: Connection, counter: Counter, *, secret: str) -> None:
    """It is known how the try ended."""
    store.give_back(connection, _under_way(counter).scope, stored_key(secret, _under_way(counter)), 1)


def is_under_way(connection: Connection, counter: Counter, *, secret: str, now: datetime) -> bool:
    """Whether a try of that counter has begun and not ended."""
    key = stored_key(secret, _under_way(counter))
    return store.is_counted(connection, _under_way(counter).scope, key, since=now - _LONGEST_TRY)


def lift(connection: Connection, counter: Counter, *, secret: str) -> None:
    """Forget the misses of a counter and its wait, and that it was told."""
    for each in (counter, _told(counter)):
        store.forget(connection, each.scope, stored_key(secret, each))


def waits_in_force(
    connection: Connection, counters: Sequence[Counter], *, secret: str, now: datetime
) -> dict[Counter, datetime]:
    """Which of these counters make somebody wait now, and until when. Counts nothing."""
    named = {(counter.scope, stored_key(secret, counter)): counter for counter in counters}
    return {named[name]: until for name, until in store.waits_in_force(connection, list(named), now).items()}


def stored_key(secret: str, counter: Counter) -> str:
    """The HMAC that stands for a counter's key. A new secret begins all counters anew."""
    named = f"throttle\n{counter.scope}\n{counter.key}".encode("utf-8", "surrogatepass")
    return hmac.new(secret.encode(), named, sha256).hexdigest()


def _told(counter: Counter) -> Counter:
    return Counter(f"{counter.scope}.told", counter.key)


def _under_way(counter: Counter) -> Counter:
    return Counter(f"{counter.scope}.under-way", counter.key)


def _count(connection: Connection, counter: Counter, secret: str, now: datetime) -> int | None:
    """Count a try; how many there are with it, None (and nothing counted) during a wait."""
    return store.reserve(
        connection,
        counter.scope,
        stored_key(secret, counter),
        now=now,
        forget_before=now - FORGOTTEN_AFTER,
        waits=[(least, now + wait) for least, wait in _steps(counter.looser)],
        slides=counter.looser == 1,
    )


def _wait(connection: Connection, counter: Counter, secret: str, now: datetime) -> Waiting:
    misses, until = store.wait(connection, counter.scope, stored_key(secret, counter))
    # A clock that jumped back makes nobody wait longer than the wait itself.
    left = min(until - now, wait_after(misses, counter.looser))
    return Waiting(counter.scope, now + left, minutes_to_tell(left))


def _steps(looser: int) -> list[tuple[int, timedelta]]:
    """From how many misses on one waits how long, the longest first."""
    steps = []
    step = FREE_TRIES
    while True:
        wait = wait_after(step * looser, looser)
        steps.append((step * looser, wait))
        if wait >= LONGEST_WAIT:
            return steps[::-1]
        step += 1
