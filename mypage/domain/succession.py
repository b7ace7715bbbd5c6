"""Who a customer key is today: the number under which it goes on, the keys that were carried to it.

Sources: specification "formats" (number_changes.csv: 変更 and 統合 carry login and visible months along, 分割 and 承継
carry nothing).

A step is a version of what follows its customer key; the one that is seen is the one published last, whatever
happened to other keys. Customers between whom a step carries are one customer, known by the number at the end.
"""

from collections.abc import Iterable, Mapping, Set
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from mypage.domain import batch


class Follows(StrEnum):
    """What the other key of a step is to its customer key."""

    RENUMBERED = "renumbered"
    MERGED = "merged"
    SPLIT = "split"
    INHERITED = "inherited"
    # The same step, found from the new number.
    CARRIED_FROM = "carried_from"


CARRYING: Final = frozenset((Follows.RENUMBERED, Follows.MERGED))
_ON: Final = CARRYING | {Follows.SPLIT, Follows.INHERITED}


class Step(NamedTuple):
    """A row of ``succession``."""

    customer_key: str
    batch_id: int
    other_key: str
    kind: str


class Together(NamedTuple):
    """The keys of one customer in their order, and the one that the customer has today."""

    current: str
    keys: tuple[str, ...]


def together(key: str, steps: Iterable[Step], pub_seq: Mapping[int, int], known: Set[str]) -> Together:
    """The customer that ``key`` is part of. ``steps`` are all that touch it, published or not.

    A step carries between customers who are ``known`` (who stand in the master) only: one to a number whose row was
    taken back leads nowhere, and the login stays where it was.
    """
    seen = _carrying(steps, pub_seq, known)
    keys = {key}
    while (
        more := {
            other for one, step in seen.items() for other in (one, step.other_key) if _meets(keys, one, step)
        }
        - keys
    ):
        keys |= more
    return Together(_end(key, seen, pub_seq), tuple(sorted(keys)))


def _carrying(steps: Iterable[Step], pub_seq: Mapping[int, int], known: Set[str]) -> dict[str, Step]:
    """By its old key each step that is seen and carries."""
    onward = sorted({step for step in steps if step.kind in _ON})
    found: dict[str, Step] = {}
    for key, versions in groupby(onward, key=lambda step: step.customer_key):
        step = batch.seen(versions, pub_seq)
        if step is not None and step.kind in CARRYING and {key, step.other_key} <= known:
            found[key] = step
    return found


def _meets(keys: Set[str], key: str, step: Step) -> bool:
    return key in keys or step.other_key in keys


def _end(key: str, seen: Mapping[str, Step], pub_seq: Mapping[int, int]) -> str:
    """Where the steps from ``key`` end. A number that came back goes on where the last one published says.

    Of steps of one batch that of the highest key counts as the last: each key of a circle must find the same end.
    """
    path: list[Step] = []
    while (step := seen.get(key)) is not None and step not in path:
        path.append(step)
        key = step.other_key
    if step is None:
        return key
    circle = path[path.index(step) :]
    return max(circle, key=lambda each: (pub_seq[each.batch_id], each.customer_key)).other_key
