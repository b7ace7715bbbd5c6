"""Customers whose number changed, in the preview: one customer, under whichever keys the bills stand.

Nearly all numbers pass by. Those that changed, or that others changed into, are set aside on disk until both sides
were read, and come then customer by customer.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, Generic, Protocol, TypeVar

from mypage.domain.batch import Kind
from mypage.services import successions
from mypage.store import month_bills, publications
from mypage.store import successions as store
from mypage.store.month_bills import Version
from mypage.works.load.in_order import InOrder
from mypage.works.load.spool import Run, Spool
from mypage.works.load.steps_delivered import StepsDelivered
from mypage.works.load.task import Task

_AT_ONCE: Final = 500
# No number changes more often in one file; a longer chain is followed that far.
_LONGEST_CHAIN: Final = 100
_BILL, _BEFORE, _STANDING = range(3)
# Which of these it is, its month, and its fields.
_Entry = list[Any]


class _Bill(Protocol):
    @property
    def customer_key(self) -> str: ...

    @property
    def month(self) -> int: ...


class Of(Protocol):
    """What a month has of a number."""

    def of(self, number: str) -> Sequence[Any]: ...


class _Kept:
    """The same for the customer in hand."""

    def __init__(self) -> None:
        self.versions: list[Version] = []

    def of(self, _number: str) -> Sequence[Version]:
        return self.versions


Bill = TypeVar("Bill", bound=_Bill)
Group = tuple[str, Sequence[Bill], Sequence[Any]]


class Renumbered(Generic[Bill]):
    """Sets customers aside. ``before`` is the month that is compared with, ``published`` the months that are corrected.

    ``every`` says that all of the month before comes by, not only numbers of the file; ``seen`` which versions of bills
    their customers see; ``bill`` makes a bill again of its fields.
    """

    def __init__(
        self,
        task: Task,
        before: int | None,
        published: Mapping[int, Of],
        *,
        every: bool,
        seen: Callable[[Iterable[Any]], Iterator[Any]],
        bill: Callable[..., Bill],
    ) -> None:
        self._task, self._before, self._published, self._every = task, before, published, every
        self._seen, self._bill = seen, bill
        self._delivered = [StepsDelivered(of.ready) for of in task.of_delivery(Kind.NUMBER_CHANGES)]
        with task.database.reading() as connection:
            self._has_any = Kind.NUMBER_CHANGES in publications.now_published(connection).kinds
        self._steps = InOrder(self._fetch_steps)
        self._waiting: list[tuple[str, _Entry]] = []
        self._aside: Spool | None = None
        self.kept: dict[int, Of] = {month: _Kept() for month in published}

    def others(self, groups: Iterable[Group[Bill]]) -> Iterator[Group[Bill]]:
        """Of numbers in rising order those that never changed; the others are set aside."""
        if not (self._has_any or self._delivered):
            yield from groups
            return
        for number, bills, versions in groups:
            if not self._concerns(number):
                yield number, bills, versions
                continue
            self._waiting += self._entries(number, bills, versions)
            if len(self._waiting) >= _AT_ONCE:
                self._set_aside()
        self._set_aside()

    def customers(self) -> Iterator[Group[Bill]]:
        """What was set aside, a customer at a time and under one key; ``kept`` has what is corrected of the one in hand."""
        if self._aside is None:
            return
        lines = (text.decode().rstrip("\n").split("\t", 1) for text in self._aside.in_order())
        for _, group in groupby(lines, key=lambda fields: fields[0]):
            yield self._one([json.loads(fields[1]) for fields in group])

    def runs(self) -> Sequence[Run]:
        """What was set aside, for another one that absorbs it."""
        return () if self._aside is None else self._aside.runs()

    def absorb(self, runs: Sequence[Run]) -> None:
        """Take over what another one set aside."""
        if runs:
            self._opened().adopt(runs)

    def _opened(self) -> Spool:
        if self._aside is None:
            self._aside = Spool(self._task.folder / "renumbered")
        return self._aside

    def _one(self, entries: Sequence[_Entry]) -> Group[Bill]:
        sides = [[entry for entry in entries if entry[0] == side] for side in (_BILL, _BEFORE, _STANDING)]
        # As the customer is called now: by the newest bill of the file.
        key = max(sides[_BILL] or sides[_BEFORE], key=lambda entry: entry[1])[2][0]
        places: dict[tuple[str, int], int] = {}

        def place(of: str, number: int) -> int:
            """Bills of two old numbers may have one number of their own."""
            return places.setdefault((of, number), len(places))

        bills = [
            self._bill(key, month, place(of, number), *rest)
            for _, month, (of, _, number, *rest) in sides[_BILL]
        ]
        found: dict[int, dict[int, Version]] = {}
        for side, month, (of, number, *rest) in (*sides[_BEFORE], *sides[_STANDING]):
            at = place(of, number)
            found.setdefault(month if side == _STANDING else 0, {})[at] = Version(key, at, *rest)
        for month, kept in self.kept.items():
            assert isinstance(kept, _Kept)  # noqa: S101 - made above
            kept.versions = list(found.get(month, {}).values())
        return key, bills, list(found.get(0, {}).values())

    def _concerns(self, number: str) -> bool:
        return bool(self._has_any and self._steps.of(number)) or any(
            steps.concerns(number) for steps in self._delivered
        )

    def _fetch_steps(self, number: str, limit: int) -> Sequence[Any]:
        with self._task.database.reading() as connection:
            return store.carried_from(connection, number, limit)

    def _set_aside(self) -> None:
        if not self._waiting:
            return
        entries, self._waiting = self._waiting, []
        customers = self._customers({key for key, _ in entries})
        if not self._every and self._before is not None:
            # Of the month before only the file's own numbers came by.
            with self._task.database.reading() as connection:
                versions = month_bills.versions_of(connection, self._before, sorted(customers))
            entries += [(each.customer_key, _entry(_BEFORE, 0, each)) for each in self._seen(versions)]
        aside = self._opened()
        for key, entry in entries:
            aside.add(f"{customers[key]}\t{json.dumps(entry, ensure_ascii=False)}\n".encode())

    def _entries(
        self, number: str, bills: Sequence[Bill], versions: Sequence[Any]
    ) -> Iterator[tuple[str, _Entry]]:
        """By their keys what there is of a number, now: what is published is asked for in rising order."""
        for bill in bills:
            yield bill.customer_key, [_BILL, bill.month, list(bill)]  # type: ignore[call-overload]
        for version in self._seen(versions):
            yield version.customer_key, _entry(_BEFORE, 0, version)
        for month in {bill.month for bill in bills} & self._published.keys():
            for version in self._seen(self._published[month].of(number)):
                yield version.customer_key, _entry(_STANDING, month, version)

    def _customers(self, keys: set[str]) -> dict[str, str]:
        """By each of these keys, and by those that belong to it, a name of the customer: the first of its keys."""
        customer = {key: {key} for key in keys}
        closed, further = set[str](), keys
        for _ in range(_LONGEST_CHAIN):
            with self._task.database.reading() as connection:
                others = successions.other_keys(connection, further, {})
            for key in further:
                for each in (key, *others[key]):
                    closed.add(each)
                    for other in (
                        each,
                        *(other for steps in self._delivered for other in steps.others(each)),
                    ):
                        _join(customer, key, other)
            further = customer.keys() - closed
            if not further:
                break
        names = {id(several): min(several) for several in customer.values()}
        return {key: names[id(several)] for key, several in customer.items()}


def _join(customer: dict[str, set[str]], key: str, other: str) -> None:
    one, two = customer.setdefault(key, {key}), customer.setdefault(other, {other})
    if one is not two:
        small, large = sorted((one, two), key=len)
        large |= small
        customer.update(dict.fromkeys(small, large))


def _entry(side: int, month: int, version: Any) -> _Entry:
    return [
        side,
        month,
        [
            version.customer_key,
            version.number,
            version.batch_id,
            version.withdrawn,
            version.hidden,
            version.total,
            str(version.due_on),
            version.payment_method,
            version.pub_seq,
        ],
    ]
