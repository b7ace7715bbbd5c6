"""Check customers.csv: rows → a spool in order of the customers → the rows of the master that change.

Only what differs from the version that is seen is stored. A snapshot ends the customers that it does not name,
by a tombstone.
"""

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final
from zoneinfo import ZoneInfo

from mypage.domain import batch, identity_change, search_terms
from mypage.domain.customer_number import customer_key
from mypage.domain.customers import CustomerRows, Row, Status, Stored, version
from mypage.domain.identity_change import What
from mypage.domain.row_error import RowError
from mypage.store import customers as store
from mypage.store import staging
from mypage.store.schema import customer_version
from mypage.store.staging import escaped
from mypage.works.load.identity_changes import Changed
from mypage.works.load.in_order import InOrder
from mypage.works.load.ready import Ready
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task, line
from mypage.works.load.terms import Terms

_TOKYO: Final = ZoneInfo("Asia/Tokyo")
_COLUMNS: Final = staging.columns(customer_version)
_COMPARED: Final = [name for name in _COLUMNS if name not in ("customer_key", "batch_id", "tombstone")]
Versions = dict[str, store.Version]


def spool(task: Task, records: Iterable[list[str]], first_row: int, to: Spool) -> Iterator[int]:
    """Read all records into the spool; yields how many rows were read, every now and then."""
    reader = CustomerRows(task.plan, task.fold, task.report.tell)
    for count, row in enumerate(reader.rows(records, first_row)):
        given = json.dumps(row.given, ensure_ascii=False, separators=(",", ":"))
        shown = escaped(row.shown_number)
        to.add(line(row.number, f"{row.holder_no:09}", f"{row.row:012}", shown, escaped(given)))
        if not count % 1000:
            yield row.row


def settle(task: Task, lines: Iterator[bytes]) -> tuple[Ready, ...]:
    """Compare each row with the master, and keep what changes."""
    ready, terms, changed = task.ready(), Terms(task), Changed(task)
    settling = _Settling(task, ready, terms, changed)

    def fetch(number: str, limit: int) -> Sequence[store.Version]:
        with task.database.reading() as connection:
            return store.versions_from(connection, number, limit)

    files = groupby((_row(text) for text in lines), key=lambda row: row.number)
    master = InOrder(fetch)
    if task.snapshot:
        for number, rows, versions in _side_by_side(files, master.every()):
            settling.settle(number, rows, versions)
    else:
        for number, group in files:
            settling.settle(number, list(group), master.of(number))
    settling.finish()
    return task.closed(ready, terms.ready(), changed.ready())


# Column → the warning that lists its old and new value (specification §6; "security": insider with one line in a file).
_IDENTIFIES: Final = {
    What.NAME: "name_changed",
    What.NAME_KANA: "kana_changed",
    What.NAME_KANA2: "kana2_changed",
    What.PHONE: "phone_changed",
    What.PHONE2: "phone2_changed",
}


class _Settling:
    def __init__(self, task: Task, ready: Ready, terms: Terms, changed: Changed) -> None:
        self._task, self._ready, self._terms, self._identities = task, ready, terms, changed
        self._customers = self._new = self._changed = self._unchanged = self._ended = self._known = 0
        self._today = task.now.astimezone(_TOKYO).date()

    def settle(self, number: str, rows: Sequence[Row], versions: Sequence[store.Version]) -> None:
        """The rows of a number in the file, and its published versions in the master."""
        standing = _seen(versions)
        self._known += sum(each.status != Status.ENDED for each in standing.values())
        written: list[tuple[int, bytes]] = []
        for row in self._once(rows):
            self._customers += 1
            key = customer_key(number, row.holder_no)
            made = self._made(row, standing.get(key))
            if made is not None:
                written.append((row.holder_no, made))
        if standing and written:
            self._note_former(standing, max(holder_no for holder_no, _ in written))
        if self._task.snapshot:
            named = {customer_key(number, row.holder_no) for row in rows}
            for key, each in standing.items():
                if key not in named and each.status != Status.ENDED:
                    self._ended += 1
                    written.append((each.holder_no, self._tombstone(each)))
        for _, text in sorted(written):
            self._ready.write(text)

    def _note_former(self, standing: Versions, newest: int) -> None:
        """Who stops being the holder of the number, where the file brings a new one.

        Of those in the master only: nobody has a session for a holder whom it does not know yet.
        """
        if all(each.holder_no < newest for each in standing.values()):
            self._task.former_holders.extend(standing)

    def finish(self) -> None:
        """Count, and refuse a snapshot that would end too many."""
        counts = {"customers": self._customers, "lines": self._customers, "new": self._new}
        counts |= {"changed": self._changed, "unchanged": self._unchanged, "ended": self._ended}
        self._task.counts.update(counts)
        limit = self._known * self._task.rules.largest_share_ended
        if self._ended > limit and not self._task.confirmed:
            facts = {"ended": str(self._ended), "known": str(self._known)}
            self._task.report.tell(RowError("snapshot_ends_many", 0, "", "", "", facts))

    def _once(self, rows: Sequence[Row]) -> Iterator[Row]:
        seen: dict[int, Row] = {}
        for row in rows:
            first = seen.setdefault(row.holder_no, row)
            if first is not row:
                code = (
                    "customer_twice" if first.shown_number == row.shown_number else "customer_twice_but_zeros"
                )
                facts = {"row": str(first.row), "number": first.shown_number}
                heading = self._task.plan.heading("customer_number")
                self._task.report.tell(
                    RowError(code, row.row, heading, row.shown_number, row.shown_number, facts)
                )
                continue
            yield row

    def _made(self, row: Row, standing: store.Version | None) -> bytes | None:
        """The line of a row that is new or changed."""
        stands = None if standing is None else _plain(standing)
        below = None if standing is None or standing.tombstone else stands
        whole = version(row, below, fold_v=self._task.rules.fold_v)
        if stands is None:
            self._new += 1
        else:
            # Whoever a snapshot has ended comes back as the same person, too, or as somebody else.
            self._tell_changes(row, stands, whole)
            if below is not None and all(whole[name] == below[name] for name in _COMPARED):
                self._unchanged += 1
                return None
            self._changed += 1
        return self._line(whole, tombstone=False)

    def _tell_changes(self, row: Row, below: Mapping[str, Stored], whole: Mapping[str, Stored]) -> None:
        """Tell what identifies the customer and changes: one line of a file can put a stranger's phone there."""
        changes = identity_change.changes(below, whole, fold_v=self._task.rules.fold_v)
        self._identities.add(customer_key(row.number, row.holder_no), row.row, changes)
        for what, before, after in changes:
            facts, heading = {"before": before, "after": after}, self._task.plan.heading(what)
            self._task.report.tell(
                RowError(_IDENTIFIES[what], row.row, heading, row.shown_number, after, facts, warning=True)
            )

    def _tombstone(self, standing: store.Version) -> bytes:
        whole = _plain(standing)
        whole["status"] = Status.ENDED.value
        whole["ended_on"] = whole["ended_on"] or self._today.isoformat()
        return self._line(whole, tombstone=True)

    def _line(self, whole: Mapping[str, Stored], *, tombstone: bool) -> bytes:
        key = customer_key(str(whole["number"]), int(str(whole["holder_no"])))
        self._terms.add(key, search_terms.of_customer(whole))
        rest = [_stored(whole[name]) for name in _COMPARED]
        return line(key, str(self._task.batch_id), "1" if tombstone else "0", *rest)


def _side_by_side(
    files: Iterator[tuple[str, Iterator[Row]]], master: Iterator[tuple[str, Sequence[store.Version]]]
) -> Iterator[tuple[str, list[Row], Sequence[store.Version]]]:
    """All numbers of the file and of the master in order, with what each has of them."""
    file, known = next(files, None), next(master, None)
    while file is not None or known is not None:
        number = min(each[0] for each in (file, known) if each is not None)
        rows: list[Row] = []
        versions: Sequence[store.Version] = ()
        if file is not None and file[0] == number:
            rows = list(file[1])
            file = next(files, None)
        if known is not None and known[0] == number:
            versions = known[1]
            known = next(master, None)
        yield number, rows, versions


def _row(text: bytes) -> Row:
    number, holder_no, row, shown, given = text.decode().rstrip("\n").replace("\\\\", "\\").split("\t")
    return Row(number, int(holder_no), shown, int(row), json.loads(given))


def _seen(versions: Sequence[store.Version]) -> Versions:
    found: Versions = {}
    for key, group in groupby(versions, key=lambda row: row.customer_key):
        several = list(group)
        seen = batch.seen(several, {row.batch_id: row.pub_seq for row in several})
        if seen is not None:
            found[key] = seen
    return found


def _plain(row: store.Version) -> dict[str, Any]:
    """A row of the master in the form of a file's row: dates as ISO text."""
    found = {}
    for name in _COMPARED:
        value = getattr(row, name)
        found[name] = value.isoformat() if isinstance(value, datetime.date) else value
    return found


def _stored(value: Stored) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list):
        return escaped(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return escaped(str(value))
