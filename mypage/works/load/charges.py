"""Check charges.csv: rows → groups → a spool in order of the statements → rows ready to be staged.

A line of the spool is a group of rows that stood together, its key first. Nearly every statement is one group
that was built without a finding: its stored form passes through as bytes. The others (rows that stand apart, a
finding) are taken to pieces and built anew as a whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from mypage.domain import statement_build
from mypage.domain.charges import ChargeRows, Group
from mypage.domain.customer_number import customer_key
from mypage.domain.customers import Holder, holder_for
from mypage.domain.row_error import RowError
from mypage.domain.statement import AmountBasis, PaymentState
from mypage.domain.statement_build import Head
from mypage.store import standing
from mypage.store.staging import NOTHING, escaped
from mypage.works.load.carried import Carried
from mypage.works.load.holders import Holders
from mypage.works.load.ready import Ready
from mypage.works.load.spool import Spool
from mypage.works.load.task import Task

# Fields of a line of the spool; what follows them is what is stored, from the total on.
(_NUMBER, _MONTH, _STATEMENT, _HOLDER, _STATE, _FIRST_USED, _LAST_USED, _ROW, _ROWS, _SHOWN, _BASIS, _TAX_10,
 _TAX_8, _STORED) = range(14)  # fmt: skip
_BUILT, _LOOK_AGAIN, _FLAWED, _WITHDRAWN = b"b", b"l", b"f", b"w"
_INCLUDED: Final = b"i"
_NO: Final = b"0"
_YES: Final = b"1"
_WITHDRAWN_DOCUMENT: Final = escaped(statement_build.withdrawn().document)
# What stands alike on every row of a statement: its place among the stored fields, its column.
_ALIKE: Final = ((0, "total"), (2, "due_on"), (3, "payment_method"), (4, "payment_state"))
_BASES: Final = {AmountBasis.TAX_INCLUDED: "i", AmountBasis.TAX_EXCLUDED: "e"}
_PAYMENT_STATES: Final[dict[PaymentState | None, str]] = {
    None: NOTHING,
    **{state: state.value for state in PaymentState},
}
Fields = list[bytes]


def spool(task: Task, records: Iterable[list[str]], first_row: int, to: Spool) -> Iterator[int]:
    """Read all records into the spool; yields how many rows were read, every now and then."""
    rows = ChargeRows(task.plan, task.fold, task.report.tell)
    add = to.add
    for count, group in enumerate(rows.groups(records, first_row)):
        add(_spooled(group))
        if not count % 1000:
            yield group.first_row + group.rows - 1


def settle(task: Task, lines: Iterator[bytes]) -> Ready:
    """Put the lines of the spool (in order) together to statements, and find their holders."""
    ready = task.ready()
    settling = _Settling(task, ready)
    waiting: list[Fields] = []
    key: Fields = []
    for text in lines:
        fields = text.split(b"\t", _STORED)
        if fields[:3] != key:
            if waiting:
                settling.settle(waiting)
            key, waiting = fields[:3], [fields]
        else:
            waiting.append(fields)
    if waiting:
        settling.settle(waiting)
    settling.finish()
    ready.close()
    task.counts.update(settling.counts())
    task.newest_month = settling.newest_month()
    return ready


def _spooled(group: Group) -> bytes:
    key = group.key
    if group.withdrawn:
        first = last = key.month
        state, document, total, comparable = _WITHDRAWN, _WITHDRAWN_DOCUMENT, 0, 0
    else:
        head = Head(group.basis, group.total, group.tax_10, group.tax_8)
        total, comparable, state = group.total, 0, _LOOK_AGAIN
        if statement_build.is_whole(head, group.lines):
            built = statement_build.build(head, group.line_numbers, group.lines)
            comparable, document = built.comparable, escaped(built.document)
            state = _LOOK_AGAIN if built.findings else _BUILT
        else:
            document = escaped(statement_build.loose(group.line_numbers, group.lines))
        if group.flawed:
            state = _FLAWED
        used = {item.usage_month for item in group.lines}
        if 0 in used or not used:
            used.discard(0)
            used.add(key.month)
        first, last = min(used), max(used)
    return (
        f"{key.number}\t{key.month}\t{key.statement_number}\t{key.holder or ''}\t{state.decode()}\t{first}\t{last}"
        f"\t{group.first_row}\t{group.rows}\t{escaped(group.shown_number)}"
        f"\t{_BASES[group.basis]}"
        f"\t{'' if group.tax_10 is None else group.tax_10}\t{'' if group.tax_8 is None else group.tax_8}"
        f"\t{total}\t{comparable}\t{group.due_on or NOTHING}"
        f"\t{escaped(group.payment_method) if group.payment_method else NOTHING}"
        f"\t{_PAYMENT_STATES[group.payment_state]}\t{document}\n"
    ).encode()


class _Settling:
    def __init__(self, task: Task, ready: Ready) -> None:
        self._task = task
        self._carried = Carried(task, ready)
        self._holders = Holders(task.database, task.overlays)
        self._batch_id = str(task.batch_id).encode()
        self._months: dict[bytes, int] = {}
        self._statements = self._withdrawn = self._lines = self._total = self._customers = self._hidden = 0
        # The customers of one number: its statements stand together, those of its holders do not.
        self._number = b""
        self._keys: set[bytes] = set()

    def counts(self) -> dict[str, object]:
        return {
            "months": sorted(int(month) for month in self._months),
            "by_month": {int(month): statements for month, statements in self._months.items()},
            "statements": self._statements,
            "withdrawn": self._withdrawn,
            "customers": self._customers,
            "lines": self._lines,
            "total": self._total,
            "hidden": self._hidden,
        }

    def newest_month(self) -> int | None:
        return max((int(month) for month in self._months), default=None)

    def finish(self) -> None:
        """No more statements come."""
        self._carried.flush()

    def settle(self, parts: list[Fields]) -> None:
        """Parts with the same number, month and statement number; they may still have different holders."""
        if len(parts) == 1:
            found = self._holder(parts[0])
            if found is not None:
                self._settle_holder(parts, *found)
            return
        by_holder: dict[bytes, list[Fields]] = {}
        certain: dict[bytes, bytes] = {}
        for part in sorted(parts, key=lambda part: int(part[_ROW])):
            found = self._holder(part)
            if found is not None:
                key, hidden = found
                by_holder.setdefault(key, []).append(part)
                certain[key] = max(hidden, certain.get(key, _NO))
        for key, several in by_holder.items():
            self._settle_holder(several, key, certain[key])

    def _settle_holder(self, parts: list[Fields], key: bytes, hidden: bytes) -> None:
        stored: bytes | None = parts[0][_STORED]
        state = parts[0][_STATE]
        if len(parts) > 1 or state not in (_BUILT, _WITHDRAWN):
            stored = self._whole(parts)
        month = parts[0][_MONTH]
        self._statements += 1
        self._months[month] = self._months.get(month, 0) + 1
        for part in parts:
            self._lines += int(part[_ROWS])
        if parts[0][_NUMBER] != self._number:
            self._number, self._keys = parts[0][_NUMBER], set()
        if key not in self._keys:
            self._keys.add(key)
            self._customers += 1
        if stored is None:
            return
        self._total += int(stored[: stored.index(b"\t")])
        withdrawn = _NO
        if state == _WITHDRAWN:
            withdrawn = _YES
            self._withdrawn += 1
        if hidden == _YES:
            self._hidden += 1
        self._carried.write(
            month, b"\t".join((key, month, parts[0][_STATEMENT], self._batch_id, withdrawn, hidden, stored))
        )

    def _holder(self, part: Fields) -> tuple[bytes, bytes] | None:
        """The customer key, and whether it is hidden because that is not certain; None for nobody's."""
        number = part[_NUMBER].decode()
        holders = self._holders.of(number)
        if not holders:
            self._tell(part, "unknown_customer", "customer_number", part[_SHOWN])
            return None
        told = part[_HOLDER]
        if told:
            if int(told) not in [holder.holder_no for holder in holders]:
                self._tell(part, "unknown_holder", "holder_no", told)
                return None
            return customer_key(number, int(told)).encode(), _NO
        if len(holders) == 1 and holders[0].since is None:
            return _key(number, holders[0]), _NO
        if part[_STATE] == _WITHDRAWN and (key := self._standing(part, number, holders)) is not None:
            return key, _NO
        holder_no = holder_for(holders, int(part[_FIRST_USED]), int(part[_LAST_USED]))
        if holder_no is None:
            self._tell(part, "holder_not_certain", "customer_number", part[_SHOWN], warning=True)
            return _key(number, holders[-1]), _YES
        return customer_key(number, holder_no).encode(), _NO

    def _standing(self, part: Fields, number: str, holders: Sequence[Holder]) -> bytes | None:
        """Whose statement 取消 withdraws: of the holders the one who has it, if only one has."""
        month, statement_number = int(part[_MONTH]), int(part[_STATEMENT])
        keys = [(customer_key(number, holder.holder_no), month, statement_number) for holder in holders]
        with self._task.database.reading() as connection:
            having = {version.customer_key for version in standing.versions(connection, keys)}
        return having.pop().encode() if len(having) == 1 else None

    def _whole(self, parts: list[Fields]) -> bytes | None:
        """Build a statement anew from all its parts; None where it has an error (told here or before)."""
        if any(part[_STATE] == _FLAWED for part in parts):
            return None
        first, errors = parts[0], self._task.report.errors
        fields = first[_STORED].split(b"\t", 5)
        for part in parts[1:]:
            self._compare(first, fields, part)
        if self._task.report.errors > errors:
            return None
        if first[_STATE] == _WITHDRAWN:
            return first[_STORED]
        numbers: list[int] = []
        lines: list[statement_build.Line] = []
        for part in parts:
            document = part[_STORED].rpartition(b"\t")[2].decode().replace("\\\\", "\\")
            some_numbers, some_lines = statement_build.parts(document)
            numbers += some_numbers
            lines += some_lines
        built = statement_build.build(_head(first, fields[0]), numbers, lines)
        for finding in built.findings:
            row = dict(finding.facts)
            self._tell(first, finding.code, finding.column, b"", row, warning=finding.warning)
        if self._task.report.errors > errors:
            return None
        fields[1], fields[5] = str(built.comparable).encode(), escaped(built.document).encode() + b"\n"
        return b"\t".join(fields)

    def _compare(self, first: Fields, fields: Fields, part: Fields) -> None:
        """Tell what stands alike on every row of a statement, but does not."""
        others = part[_STORED].split(b"\t", 5)
        pairs = [(column, fields[place], others[place]) for place, column in _ALIKE]
        pairs += [("amount_basis", first[_BASIS], part[_BASIS]), ("tax_10", first[_TAX_10], part[_TAX_10])]
        pairs += [("tax_8", first[_TAX_8], part[_TAX_8])]
        if (first[_STATE] == _WITHDRAWN) != (part[_STATE] == _WITHDRAWN):
            pairs = [("action", b"1", b"2")]
        for column, one, other in pairs:
            if one != other:
                facts = {"row": first[_ROW].decode()}
                self._tell(part, "differs_in_statement", column, b"" if column == "action" else other, facts)

    def _tell(
        self,
        part: Fields,
        code: str,
        column: str,
        value: bytes,
        facts: dict[str, str] | None = None,
        *,
        warning: bool = False,
    ) -> None:
        shown = part[_SHOWN].decode().replace("\\\\", "\\")
        heading = self._task.plan.heading(column)
        text = "" if value == b"\\N" else value.decode()
        self._task.report.tell(RowError(code, int(part[_ROW]), heading, shown, text, facts or {}, warning))


def _key(number: str, holder: Holder) -> bytes:
    return (number if holder.holder_no == 1 else f"{number}-{holder.holder_no}").encode()


def _head(part: Fields, total: bytes) -> Head:
    basis = AmountBasis.TAX_INCLUDED if part[_BASIS] == _INCLUDED else AmountBasis.TAX_EXCLUDED
    tax_10, tax_8 = part[_TAX_10], part[_TAX_8]
    return Head(basis, int(total), int(tax_10) if tax_10 else None, int(tax_8) if tax_8 else None)
