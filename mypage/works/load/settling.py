"""Put parts of statements together to statements, find their holders, and write them as rows ready to be staged."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from mypage.domain.customer_number import customer_key
from mypage.domain.customers import Holder, holder_for
from mypage.domain.row_error import RowError
from mypage.works.load import whole_statement
from mypage.works.load.carried import Carried, Entry
from mypage.works.load.charge_lines import (
    BUILT,
    FIRST_USED,
    HOLDER,
    LAST_USED,
    MONTH,
    NUMBER,
    ROW,
    ROWS,
    SHOWN,
    STATE,
    STATEMENT,
    STORED,
    WITHDRAWN,
    Fields,
)
from mypage.works.load.holders import Holders
from mypage.works.load.part_errors import PartErrors
from mypage.works.load.ready import Ready
from mypage.works.load.statements import Statements
from mypage.works.load.task import TAX_ROUNDINGS, Task

_NO: Final = b"0"
_YES: Final = b"1"


class Settling:
    """Takes the lines of a spool in order, then ends. What another one made of the lines behind them can be added."""

    def __init__(self, task: Task, ready: Ready) -> None:
        self._task, self._ready = task, ready
        self._errors = PartErrors(task)
        self._rounding = TAX_ROUNDINGS[task.rules.tax_rounding]
        self._standing = Statements(task)
        self._carried = Carried(task, self._standing, self._write, self._leave_out)
        self._holders = Holders(task)
        self._batch_id = str(task.batch_id).encode()
        self._months: Counter[bytes] = Counter()
        self._statements = self._withdrawn = self._lines = self._total = self._customers = self._hidden = 0
        # The customers of one number: its statements stand together, those of its holders do not.
        self._number = b""
        self._keys: set[bytes] = set()

    def take(self, lines: Iterator[bytes]) -> None:
        """Settle all statements of these lines."""
        waiting: list[Fields] = []
        for text in lines:
            fields = text.split(b"\t", STORED)
            if waiting:
                first = waiting[0]
                if fields[NUMBER] == first[NUMBER] and fields[:HOLDER] == first[:HOLDER]:
                    waiting.append(fields)
                    continue
                self._settle(waiting)
            waiting = [fields]
        if waiting:
            self._settle(waiting)
        self._carried.flush()

    @property
    def rows(self) -> int:
        """How many were written so far."""
        return self._ready.rows_written

    def told(self) -> dict[str, Any]:
        """What another one takes over by :meth:`absorb`; the rows lie in the task's file."""
        self._ready.close()
        return {
            "months": [[month.decode(), statements] for month, statements in self._months.items()],
            "sums": [
                self._statements,
                self._withdrawn,
                self._lines,
                self._total,
                self._customers,
                self._hidden,
            ],
            "is_in_order": self._task.is_in_order,
            "moved": self._carried.moved.as_json(),
        }

    def absorb(self, told: Mapping[str, Any]) -> None:
        """Take over what one told that settled the numbers behind those that were taken here; its rows still come."""
        self._months.update({month.encode(): statements for month, statements in told["months"]})
        statements, withdrawn, lines, total, customers, hidden = told["sums"]
        self._statements += statements
        self._withdrawn += withdrawn
        self._lines += lines
        self._total += total
        self._customers += customers
        self._hidden += hidden
        self._task.is_in_order = self._task.is_in_order and told["is_in_order"]
        self._carried.moved.absorb(told["moved"])

    def append(self, lines: Iterable[bytes]) -> None:
        """Write the rows of one that was absorbed."""
        self._ready.extend(lines)

    def count(self) -> None:
        """No more statements come: the task learns what was counted."""
        months = {int(month): statements for month, statements in self._months.items()}
        self._task.counts.update(
            {
                "months": sorted(months),
                "by_month": months,
                "statements": self._statements,
                "withdrawn": self._withdrawn,
                "customers": self._customers,
                "lines": self._lines,
                "total": self._total,
                "hidden": self._hidden,
            }
        )
        self._task.newest_month = max(months, default=None)

    def finish(self) -> tuple[Ready, ...]:
        """Nor do rows: those that are ready."""
        made = self._task.closed(self._ready)
        self._carried.finish(self._ready)
        return made

    def _settle(self, parts: list[Fields]) -> None:
        """Parts with the same number, month and statement number; they may still have different holders."""
        if len(parts) == 1:
            found = self._holder(parts[0])
            if isinstance(found, RowError):
                self._nobody_s(parts[0], found)
            else:
                self._settle_holder(parts, *found)
            return
        by_holder: dict[bytes, list[Fields]] = {}
        certain: dict[bytes, bytes] = {}
        for part in sorted(parts, key=lambda part: int(part[ROW])):
            found = self._holder(part)
            if isinstance(found, RowError):
                self._nobody_s(part, found)
                continue
            key, hidden = found
            by_holder.setdefault(key, []).append(part)
            certain[key] = max(hidden, certain.get(key, _NO))
        for key, several in by_holder.items():
            self._settle_holder(several, key, certain[key])

    def _settle_holder(self, parts: list[Fields], key: bytes, hidden: bytes) -> None:
        first = parts[0]
        stored, why = first[STORED], None
        if len(parts) == 1 and first[STATE] == BUILT and self._carried.lets_pass(first[MONTH]):
            # Nearly all of a month go here.
            self._count(first[NUMBER], key, first[MONTH], int(first[ROWS]))
            self._write_line(b"\t".join((key, first[MONTH], first[STATEMENT])), _NO, hidden, stored)
            return
        if len(parts) > 1 or first[STATE] not in (BUILT, WITHDRAWN):
            stored, why = whole_statement.whole(parts, self._rounding, self._errors.tell)
        entry = Entry(
            number=first[NUMBER].decode(),
            key=key,
            month=int(first[MONTH]),
            statement_number=int(first[STATEMENT]),
            withdrawn=first[STATE] == WITHDRAWN,
            hidden=hidden == _YES,
            rows=sum([int(part[ROWS]) for part in parts]),
            stored=stored,
            error=partial(self._error_of_statement, first),
        )
        self._carried.take(entry, why)

    def _write(self, entry: Entry) -> None:
        self._count_entry(entry)
        self._withdrawn += entry.withdrawn
        withdrawn, hidden = _YES if entry.withdrawn else _NO, _YES if entry.hidden else _NO
        self._write_line(entry.line_key, withdrawn, hidden, entry.stored)

    def _write_line(self, line_key: bytes, withdrawn: bytes, hidden: bytes, stored: bytes) -> None:
        self._total += int(stored[: stored.index(b"\t")])
        self._hidden += hidden == _YES
        self._ready.write(b"\t".join((line_key, self._batch_id, withdrawn, hidden, stored)))

    def _leave_out(self, entry: Entry, why: RowError) -> None:
        if self._task.left_out is None and entry.key:
            self._count_entry(entry)
        self._task.leave_out(why, entry.month, entry.statement_number)

    def _count_entry(self, entry: Entry) -> None:
        self._count(entry.number.encode(), entry.key, b"%d" % entry.month, entry.rows)

    def _count(self, number: bytes, key: bytes, month: bytes, rows: int) -> None:
        self._statements += 1
        self._lines += rows
        self._months[month] += 1
        if number != self._number:
            self._number, self._keys = number, set()
        if key not in self._keys:
            self._keys.add(key)
            self._customers += 1

    def _nobody_s(self, part: Fields, why: RowError) -> None:
        """Left out in its turn: the same file leaves out the same in the same order, however it is read."""
        entry = Entry(
            number=part[NUMBER].decode(),
            key=b"",
            month=int(part[MONTH]),
            statement_number=int(part[STATEMENT]),
            withdrawn=False,
            hidden=False,
            rows=0,
            stored=b"",
            error=partial(self._error_of_statement, part),
        )
        self._carried.take(entry, why)

    def _holder(self, part: Fields) -> tuple[bytes, bytes] | RowError:
        """The customer key, and whether it is hidden because that is not certain; an error (told) for nobody's."""
        number = part[NUMBER].decode()
        holders = self._holders.of(number)
        if not holders:
            return self._errors.tell(part, "unknown_customer", "customer_number", part[SHOWN])
        told = part[HOLDER]
        if told:
            if int(told) not in [holder.holder_no for holder in holders]:
                return self._errors.tell(part, "unknown_holder", "holder_no", told)
            return customer_key(number, int(told)).encode(), _NO
        if len(holders) == 1 and holders[0].since is None:
            return _key(number, holders[0]), _NO
        if part[STATE] == WITHDRAWN and (key := self._having(part, number, holders)) is not None:
            return key, _NO
        holder_no = holder_for(holders, int(part[FIRST_USED]), int(part[LAST_USED]))
        if holder_no is None:
            self._errors.tell(part, "holder_not_certain", "customer_number", part[SHOWN], warning=True)
            return _key(number, holders[-1]), _YES
        return customer_key(number, holder_no).encode(), _NO

    def _having(self, part: Fields, number: str, holders: Sequence[Holder]) -> bytes | None:
        """Whose statement 取消 withdraws: of the holders the one who has it, if only one has."""
        month, statement_number = int(part[MONTH]), int(part[STATEMENT])
        keys = [customer_key(number, holder.holder_no) for holder in holders]
        (having,) = self._standing.standing([self._standing.sought(number, keys, month, statement_number)])
        return having[0].customer_key.encode() if len(having) == 1 else None

    def _error_of_statement(self, part: Fields, code: str, warning: bool) -> RowError:
        return self._errors.made(part, code, "customer_number", part[SHOWN], warning=warning)


def _key(number: str, holder: Holder) -> bytes:
    return (number if holder.holder_no == 1 else f"{number}-{holder.holder_no}").encode()
