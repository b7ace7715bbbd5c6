"""What follows a customer key and what was carried to it, with the versions of all the customers on the way."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, Row, select

from mypage.domain.batch import State
from mypage.domain.succession import CARRYING, Follows, Step
from mypage.store.raw import RawQuery, Source
from mypage.store.schema import batch, succession

# From each key that the master knows as far as any step leads, published or not; what is seen, the rule decides.
_AROUND = """
    WITH RECURSIVE reach (start, customer_key, of_key, batch_id, other_key, kind) AS (
        SELECT customer_key, customer_key, customer_key, 0, customer_key, CAST('' AS TEXT)
        FROM customer_version
        WHERE customer_key IN ({keys})
        UNION
        SELECT r.start, CASE WHEN s.kind IN ('renumbered', 'merged', 'carried_from') THEN s.other_key END,
               s.customer_key, s.batch_id, s.other_key, s.kind
        FROM reach r
        JOIN succession s ON s.customer_key = r.customer_key
    )
    SELECT r.start, r.of_key, r.batch_id, r.other_key, r.kind,
           v.customer_key, v.batch_id, v.tombstone, v.web_registration, v.shown_number, f.batch_id
    FROM reach r
    LEFT JOIN customer_version v ON v.customer_key = r.customer_key
    LEFT JOIN former_holder f ON f.customer_key = r.customer_key
    """
_MOST_KEPT: Final = 10_000


class CustomerVersion(NamedTuple):
    """A version of the master row of a customer, as far as a session asks it.

    ``succeeded_in`` is a batch with a later holder of the number, None without; one version then comes several times.
    """

    customer_key: str
    batch_id: int
    tombstone: bool
    web_registration: bool
    shown_number: str
    succeeded_in: int | None = None


class Around(NamedTuple):
    """All steps that can be reached from a key, and the versions of the customers whom they touch."""

    steps: frozenset[Step]
    versions: frozenset[CustomerVersion]


NOTHING: Final = Around(frozenset(), frozenset())


class _Kept(NamedTuple):
    epoch: int
    around: dict[str, Around]


_kept: Final[WeakKeyDictionary[Engine, _Kept]] = WeakKeyDictionary()


def around(source: Source, keys: Sequence[str]) -> Mapping[str, Around]:
    """What lies around each of these keys; nothing for one that no version of the master has."""
    found: dict[str, tuple[set[Step], set[CustomerVersion]]] = {key: (set(), set()) for key in keys}
    for start, of_key, batch_id, other_key, kind, *version in _query(len(keys)).rows(source, tuple(keys)):
        steps, versions = found[start]
        if kind:
            steps.add(Step(of_key, batch_id, other_key, kind))
        if version[0] is not None:
            versions.add(_version(version))
    return {key: Around(frozenset(steps), frozenset(versions)) for key, (steps, versions) in found.items()}


def at_epoch(source: Source, key: str, epoch: int) -> Around:
    """What lies around one key, asked once an epoch: between two flips no published row changes."""
    kept = _kept.get(source.engine)
    if kept is None or kept.epoch != epoch:
        kept = _kept[source.engine] = _Kept(epoch, {})
    found = kept.around.get(key)
    if found is None:
        found = around(source, [key])[key]
        if len(kept.around) >= _MOST_KEPT:
            kept.around.clear()
        kept.around[key] = found
    return found


def carried_from(connection: Connection, number: str, limit: int) -> Sequence[Row[Any]]:
    """The keys that a published step carries from or to, from a customer number on."""
    carrying = (*CARRYING, Follows.CARRIED_FROM)
    query = (
        select(succession.c.customer_key)
        .join(batch, batch.c.id == succession.c.batch_id)
        .where(
            batch.c.state == State.PUBLISHED.value,
            succession.c.kind.in_([kind.value for kind in carrying]),
            succession.c.customer_key >= number,
        )
        .order_by(succession.c.customer_key)
        .limit(limit)
    )
    return connection.execute(query).all()


def versions_of(rows: Iterable[Sequence[Any]]) -> tuple[CustomerVersion, ...]:
    """Rows as versions, each once, those of outer joins that found nothing left out."""
    return tuple(dict.fromkeys(_version(row) for row in rows if row[1] is not None))


def _version(row: Sequence[Any]) -> CustomerVersion:
    return CustomerVersion(row[0], row[1], bool(row[2]), bool(row[3]), row[4], row[5])


@cache
def _query(count: int) -> RawQuery:
    return RawQuery(_AROUND.format(keys=", ".join("?" * count)))
