"""Check payments.csv: rows → a spool in order of the statements → what each says of its statement.

All of them are stored, also where nothing changes: taking an earlier file back must leave what this one says.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from mypage.domain import batch
from mypage.domain.customer_number import customer_key
from mypage.domain.payments import CARRIED, PaymentRows, Row, Stored, version
from mypage.domain.row_error import RowError
from mypage.store import payments as store
from mypage.store.staging import escaped
from mypage.store.standing import Key
from mypage.works.load.holders import Holders
from mypage.works.load.in_order import number_of
from mypage.works.load.ready import Ready
from mypage.works.load.spool import Spool
from mypage.works.load.statements import UNDER_TWO_NUMBERS, Moved, Sought, Statements
from mypage.works.load.task import Task, line

_AT_ONCE: Final = 500


def spool(task: Task, records: Iterable[list[str]], first_row: int, to: Spool) -> Iterator[int]:
    """Read all records into the spool; yields how many rows were read, every now and then."""
    reader = PaymentRows(task.plan, task.fold, task.report.tell)
    for count, row in enumerate(reader.rows(records, first_row)):
        if isinstance(row, Row):
            given = json.dumps(row.given, separators=(",", ":"))
            key = (row.number, f"{row.month:06}", f"{row.statement_number:018}", f"{row.row:012}")
            to.add(line(*key, str(row.holder_no), escaped(row.shown_number), escaped(given)))
        else:
            task.leave_out(row.error, row.month, row.statement_number)
        if not count % 1000:
            yield row.row if isinstance(row, Row) else row.error.row


def settle(task: Task, lines: Iterator[bytes]) -> tuple[Ready, ...]:
    """Find whose statement each row means."""
    settling = _Settling(task)
    rows = (_row(text) for text in lines)
    for _, several in groupby(rows, key=lambda row: (row.number, row.month, row.statement_number)):
        settling.settle(list(several))
    return settling.finish()


class _Meant(NamedTuple):
    """A row with the statement that it may mean; ``own`` is the only key where the file or the master says whose."""

    row: Row
    own: str | None
    sought: Sought


class _Settling:
    def __init__(self, task: Task) -> None:
        self._task, self._ready = task, task.ready()
        self._holders, self._statements = Holders(task), Statements(task)
        self._absent = [name for name in CARRIED if name not in task.plan.places]
        self._waiting: list[list[_Meant]] = []
        self._moved = Moved()
        self._months: set[int] = set()
        self._states: Counter[str] = Counter()
        self._customers = self._lines = self._paid = 0
        self._number = ""

    def settle(self, rows: Sequence[Row]) -> None:
        """The rows of one number, month and statement number: one, or one for each of several holders."""
        meant: list[_Meant] = []
        for row in rows:
            holders = [holder.holder_no for holder in self._holders.of(row.number)]
            if not holders:
                self._leave_out(row, self._tell(row, "unknown_customer", "customer_number", row.shown_number))
                continue
            if row.holder_no and row.holder_no not in holders:
                self._leave_out(row, self._tell(row, "unknown_holder", "holder_no", str(row.holder_no)))
                continue
            keys = [customer_key(row.number, holder_no) for holder_no in holders]
            own = customer_key(row.number, row.holder_no) if row.holder_no else None
            sought = self._statements.sought(
                row.number, keys if own is None else [own], row.month, row.statement_number
            )
            meant.append(_Meant(row, own, sought))
        if meant:
            self._waiting.append(meant)
        if len(self._waiting) == _AT_ONCE:
            self._flush()

    def finish(self) -> tuple[Ready, ...]:
        """No more rows come."""
        self._flush()
        counts = {"months": sorted(self._months), "statements": self._lines, "customers": self._customers}
        counts |= {"lines": self._lines, "total": self._paid}
        self._task.counts.update(counts, states=dict(sorted(self._states.items())))
        made = self._task.closed(self._ready)
        self._moved.tell_twice(self._ready, self._task.report.tell)
        return made

    def _flush(self) -> None:
        sought = [each.sought for group in self._waiting for each in group]
        standing = iter(self._statements.standing(sought))
        found: list[tuple[Row, str]] = []
        for group in self._waiting:
            by_key: dict[str, list[Row]] = {}
            for meant in group:
                key = self._key(meant, [each.customer_key for each in next(standing)])
                if isinstance(key, RowError):
                    self._leave_out(meant.row, key)
                else:
                    by_key.setdefault(key, []).append(meant.row)
            for key, rows in by_key.items():
                if self._is_once(rows):
                    found.append((rows[0], key))
        self._write(found)
        self._waiting = []

    def _key(self, meant: _Meant, having: Sequence[str]) -> str | RowError:
        """Under which key the statement stands."""
        if len(having) == 1:
            return having[0]
        if having or meant.own is None:
            return self._tell(meant.row, "statement_not_certain", "customer_number", meant.row.shown_number)
        self._tell(meant.row, "unknown_statement", "customer_number", meant.row.shown_number, warning=True)
        return meant.own

    def _is_once(self, rows: Sequence[Row]) -> bool:
        """Of two rows about one statement nobody knows which is right."""
        if len(rows) == 1:
            return True
        facts = {"row": str(rows[0].row)}
        errors = [
            self._tell(row, "payment_twice", "customer_number", row.shown_number, facts) for row in rows[1:]
        ]
        self._leave_out(rows[0], errors[0])
        return False

    def _write(self, found: Sequence[tuple[Row, str]]) -> None:
        below: dict[Key, Any] = {}
        if self._absent:
            with self._task.database.reading() as connection:
                below = _seen(
                    store.versions(connection, [(key, row.month, row.statement_number) for row, key in found])
                )
        for row, key in found:
            whole = version(row.given, below.get((key, row.month, row.statement_number)))
            if number_of(key) != row.number:
                error = self._error(row, UNDER_TWO_NUMBERS, "customer_number", row.shown_number)
                self._moved.note(f"{key}\t{row.month}\t{row.statement_number}".encode(), error)
            self._ready.write(
                line(
                    key,
                    str(row.month),
                    str(row.statement_number),
                    str(self._task.batch_id),
                    *[None if each is None else str(each) for each in whole.values()],
                )
            )
            self._count(row, whole)

    def _count(self, row: Row, whole: dict[str, Stored]) -> None:
        self._lines += 1
        self._months.add(row.month)
        self._states[str(whole["state"])] += 1
        self._paid += int(whole["paid_amount"] or 0)
        self._customers += row.number != self._number
        self._number = row.number

    def _leave_out(self, row: Row, why: RowError) -> None:
        self._task.leave_out(why, row.month, row.statement_number)

    def _tell(
        self,
        row: Row,
        code: str,
        column: str,
        value: str,
        facts: dict[str, str] | None = None,
        *,
        warning: bool = False,
    ) -> RowError:
        error = self._error(row, code, column, value, facts, warning=warning)
        self._task.report.tell(error)
        return error

    def _error(
        self,
        row: Row,
        code: str,
        column: str,
        value: str,
        facts: dict[str, str] | None = None,
        *,
        warning: bool = False,
    ) -> RowError:
        heading = self._task.plan.heading(column)
        return RowError(code, row.row, heading, row.shown_number, value, facts or {}, warning)


def _row(text: bytes) -> Row:
    number, month, statement_number, row, holder_no, shown, given = (
        text.decode().rstrip("\n").replace("\\\\", "\\").split("\t")
    )
    return Row(number, int(holder_no), int(month), int(statement_number), shown, int(row), json.loads(given))


def _seen(rows: Sequence[Any]) -> dict[Key, Any]:
    """By statement the published version that is seen, as a row of a file would give it."""
    found: dict[Key, Any] = {}
    ordered = sorted(rows, key=store.key_of)
    for key, versions in groupby(ordered, key=store.key_of):
        several = list(versions)
        seen = batch.seen(several, {row.batch_id: row.pub_seq for row in several})
        if seen is not None:
            found[key] = seen._mapping
    return found
