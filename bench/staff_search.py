"""``staff-search``: how much longer the slowest searches by a telephone, kana or address of mail take than by number.

Each turn is one search of each kind, one after the other, so that what else runs on the machine falls on all alike.
Measured is whom a term finds (``services.staff_search.look``: every question to the database and the comparison with
what is seen), without the commit of the search's row, which is the same for all and would hide the difference.
"""

import contextlib
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Final

from bench import people
from bench.figures import Figure
from bench.people import People, Person, person
from bench.postgres import postgres
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.services import staff_search
from mypage.services.staff_search import Found, Match
from mypage.store.engine import Database
from tests.portal import environment

FULL, QUICK = 5_000_000, 100_000
GOAL: Final = 5.0
_ROUNDS, _TURNS, _QUICK_TURNS = 5, 400, 120
_BASE: Final = "by number"


def staff_search_(quick: bool, rounds: int | None) -> Figure:
    """The slowest kind on the slower database."""
    count, turns = (QUICK, _QUICK_TURNS) if quick else (FULL, _TURNS)
    figures = [_ratio("sqlite", people.on_sqlite(count), turns, rounds or _ROUNDS)]
    with postgres() as server:
        figures.append(_ratio("postgresql", people.on_postgresql(server, count), turns, rounds or _ROUNDS))
    return Figure(max(figures), GOAL, least=False)


def _ratio(name: str, filled: People, turns: int, rounds: int) -> float:
    """The median over the rounds of the p99 of the slowest kind ÷ that of searches by number."""
    settings = load(environment(filled.url))
    ratios: dict[str, list[float]] = {kind: [] for kind in _KINDS}
    with contextlib.closing(Database(filled.url)) as database:
        _measured(database, settings, filled, 20, Random(0))  # noqa: S311 - a measurement
        for number in range(rounds):
            taken = _measured(database, settings, filled, turns, Random(number + 1))  # noqa: S311
            p99 = {kind: _p99(each) for kind, each in taken.items()}
            for kind in _KINDS:
                ratios[kind].append(p99[kind] / p99[_BASE])
            told = ", ".join(f"{kind} {p99[kind]:.2f}" for kind in p99)
            print(f"{name}, round {number + 1}: p99 in ms: {told}", flush=True)
        kept = _kept(database, settings, filled)
    medians = {kind: statistics.median(each) for kind, each in ratios.items()}
    told = ", ".join(f"{kind} {ratio:.2f}" for kind, ratio in medians.items())
    print(f"{name}, {filled.count:,} customers: ÷ by number: {told}", flush=True)
    print(f"{name}: a whole search with its row in the trail, committed: median {kept:.2f} ms", flush=True)
    return max(medians.values())


def _by_number(someone: Person, _index: int, _chance: Random) -> str:
    return someone.key


def _by_phone(someone: Person, _index: int, _chance: Random) -> str:
    return someone.phone


def _by_beginning(someone: Person, _index: int, chance: Random) -> str:
    family, _, given = someone.kana.partition("　")
    return chance.choice((family[:2], family, f"{family} {given[:2]}", f"{family}{given}", given))


def _by_part(someone: Person, _index: int, chance: Random) -> str:
    whole = someone.kana.replace("　", "")
    start = chance.randint(1, max(1, len(whole) - 3))
    return whole[start : start + chance.randint(2, 4)]


def _by_email(_someone: Person, index: int, _chance: Random) -> str:
    return people.email(index)


_SEARCHES: Final[Mapping[str, tuple[Callable[[Person, int, Random], str], frozenset[Match]]]] = {
    _BASE: (_by_number, frozenset((Match.CUSTOMER_NUMBER,))),
    "phone": (_by_phone, frozenset((Match.PHONE,))),
    "kana beginning": (_by_beginning, frozenset((Match.KANA,))),
    "kana part": (_by_part, frozenset((Match.KANA, Match.KANA_PART))),
    "e-mail": (_by_email, frozenset((Match.EMAIL,))),
}
_KINDS: Final = tuple(kind for kind in _SEARCHES if kind != _BASE)


def _measured(
    database: Database, settings: Settings, filled: People, turns: int, chance: Random
) -> dict[str, list[float]]:
    """Milliseconds of each search, by kind. What is found is checked."""
    taken: dict[str, list[float]] = {kind: [] for kind in _SEARCHES}
    for _ in range(turns):
        # A customer with a login, of whom there is one version.
        index = chance.randrange(filled.count // 5) * 5
        someone = person(index)
        for kind, (made, matches) in _SEARCHES.items():
            typed = made(someone, index, chance)
            begin = time.perf_counter()
            with database.reading() as connection:
                found = staff_search.look(connection, typed, settings=settings)
            taken[kind].append((time.perf_counter() - begin) * 1e3)
            assert isinstance(found, Found), typed
            known = found.customers.get(someone.key, [])
            assert found.too_wide or matches.intersection(known), f"{typed} does not find {someone.key}"
            assert len(found.customers) <= staff_search.MOST, typed
    return taken


def _kept(database: Database, settings: Settings, filled: People) -> float:
    """Milliseconds of a search as the console does it, with what it writes."""
    taken = []
    for index in range(0, 100, 5):
        begin = time.perf_counter()
        with database.reading() as connection:
            found = staff_search.look(connection, person(index).phone, settings=settings)
        assert isinstance(found, Found)
        with database.writing() as connection:
            staff_search.keep(
                connection, found, staff_id=people.STAFF_ID, settings=settings, now=datetime.now(UTC)
            )
        taken.append((time.perf_counter() - begin) * 1e3)
    assert filled.count > 100
    return statistics.median(taken)


def _p99(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=100)[98]
