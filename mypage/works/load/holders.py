"""Who holds which customer number: the published master, and over it the customers of the same delivery."""

import datetime
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from mypage.domain import batch
from mypage.domain.customers import Holder
from mypage.store import customers as store
from mypage.store import staging
from mypage.store.schema import customer_version
from mypage.works.load.in_order import InOrder
from mypage.works.load.ready import Written
from mypage.works.load.task import Task

_COLUMNS: Final = staging.columns(customer_version)
_NUMBER, _HOLDER_NO, _SINCE = (_COLUMNS.index(name) for name in ("number", "holder_no", "holder_since"))


class Holders:
    """The holders of one number after the other, in rising order of the numbers."""

    def __init__(self, task: Task) -> None:
        def fetch(number: str, limit: int) -> Sequence[store.HolderVersion]:
            with task.database.reading() as connection:
                return store.holders_from(connection, number, limit)

        self._published = InOrder(fetch)
        self._delivered = [_Delivered(of.ready) for of in task.of_delivery(batch.Kind.CUSTOMERS)]
        self._number = ""
        self._holders: tuple[Holder, ...] = ()

    def of(self, number: str) -> tuple[Holder, ...]:
        """The holders of a folded number, none where the master does not have it."""
        if number != self._number:
            self._number, self._holders = number, self._read(number)
        return self._holders

    def _read(self, number: str) -> tuple[Holder, ...]:
        found: dict[int, Holder] = {}
        rows = self._published.of(number)
        if len(rows) == 1 and not self._delivered:
            # Nearly every number: one holder, whose row was never changed.
            return (Holder(rows[0].holder_no, rows[0].holder_since),)
        for _, versions in groupby(rows, key=lambda row: row.customer_key):
            several = list(versions)
            seen = several[0] if len(several) == 1 else batch.seen(several, {row.batch_id: row.pub_seq for row in several})  # fmt: skip
            if seen is not None:
                found[seen.holder_no] = Holder(seen.holder_no, seen.holder_since)
        for delivered in self._delivered:
            for holder in delivered.of(number):
                found[holder.holder_no] = holder
        return tuple(sorted(found.values(), key=lambda holder: holder.holder_no))


class _Delivered:
    """The holders in the ready rows of a customers file, which stand in order."""

    def __init__(self, ready: Written) -> None:
        self._groups = groupby(_holders(ready), key=lambda pair: pair[0])
        self._number, self._holders = "", [Holder(0, None)]
        self._advance()

    def of(self, number: str) -> Sequence[Holder]:
        while self._holders and self._number < number:
            self._advance()
        return self._holders if self._number == number else ()

    def _advance(self) -> None:
        number, group = next(self._groups, ("", iter(())))
        self._number, self._holders = number, [holder for _, holder in group]


def _holders(ready: Written) -> Iterator[tuple[str, Holder]]:
    for text in ready.lines():
        fields = text.decode().split("\t", max(_NUMBER, _HOLDER_NO, _SINCE) + 1)
        since = fields[_SINCE]
        began = None if since == staging.NOTHING else datetime.date.fromisoformat(since)
        yield fields[_NUMBER], Holder(int(fields[_HOLDER_NO]), began)
