"""The newest holder of one number after the other, in rising order, with what identifies that person."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from mypage.domain import batch, kana
from mypage.domain.batch import Kind
from mypage.domain.customer_number import customer_key
from mypage.domain.customers import derived
from mypage.store import customers as store
from mypage.store import staging
from mypage.store.schema import customer_version
from mypage.works.load.in_order import InOrder
from mypage.works.load.task import Task

_COLUMNS: Final = staging.columns(customer_version)


class NewestHolder(NamedTuple):
    """Who has a number now."""

    key: str
    name_keys: frozenset[str]
    phone_keys: frozenset[str]

    def is_same_person(self, other: "NewestHolder") -> bool:
        """Whether the kana keys meet and a phone is shared (specification "formats", number_changes.csv)."""
        return not self.name_keys.isdisjoint(other.name_keys) and not self.phone_keys.isdisjoint(
            other.phone_keys
        )


class NewestHolders:
    """From the published master, and over it from the customers of the same delivery."""

    def __init__(self, task: Task) -> None:
        def fetch(number: str, limit: int) -> Sequence[store.Version]:
            with task.database.reading() as connection:
                return store.versions_from(connection, number, limit)

        self._published = InOrder(fetch)
        self._delivered = [_Delivered(of.ready.lines()) for of in task.of_delivery(Kind.CUSTOMERS)]
        self._fold_v = task.rules.fold_v

    def of(self, number: str) -> NewestHolder | None:
        """None where the master does not have the number. What a tombstone ended is what it was."""
        found: dict[int, Mapping[str, Any]] = {}
        for _, versions in groupby(self._published.of(number), key=lambda row: row.customer_key):
            several = list(versions)
            seen = batch.seen(several, {row.batch_id: row.pub_seq for row in several})
            if seen is not None:
                found[seen.holder_no] = dict(seen._mapping)
        for delivered in self._delivered:
            for row in delivered.of(number):
                found[int(row["holder_no"])] = row
        if not found:
            return None
        holder_no = max(found)
        row = dict(found[holder_no])
        if row["name_rule"] != kana.name_rule(fold_v=self._fold_v):
            row.update(derived(row, fold_v=self._fold_v))
        return NewestHolder(
            customer_key(number, holder_no), frozenset(row["name_keys"]), frozenset(row["phone_keys"])
        )


class _Delivered:
    """The rows of a customers file that change something, by number."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        rows = (_row(text) for text in lines)
        self._groups = groupby(rows, key=lambda row: str(row["number"]))
        self._number, self._rows = "", list[Mapping[str, Any]]()

    def of(self, number: str) -> Sequence[Mapping[str, Any]]:
        while self._number < number:
            self._number, group = next(self._groups, ("~", iter(())))
            self._rows = list(group)
        return self._rows if self._number == number else ()


def _row(text: bytes) -> Mapping[str, Any]:
    fields = text.decode().rstrip("\n").split("\t")
    row: dict[str, Any] = {
        name: None if field == staging.NOTHING else field.replace("\\\\", "\\")
        for name, field in zip(_COLUMNS, fields, strict=True)
    }
    row.update(
        name_keys=json.loads(row["name_keys"]),
        phone_keys=json.loads(row["phone_keys"]),
        name_rule=int(row["name_rule"]),
    )
    return row
