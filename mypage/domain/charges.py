"""Rows of charges.csv → groups of lines that stand together, or errors (specification "formats").

Bills repeat: the same line stands on thousands of them. So each distinct cell, and each distinct line, is read
once and remembered, and most rows are known by their text: it begins and ends like the row before, and what is
between is the text of a line that was read. A group is a run of rows with the same head; a statement whose rows
stand apart comes as several groups, which whoever sorts them puts together again.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

from mypage.domain import cell_readers, values
from mypage.domain.cell_readers import Remembered, empty_is, text
from mypage.domain.charge_heads import Group, Heads
from mypage.domain.charge_words import LINE_KINDS, TAX_CLASSES
from mypage.domain.columns import Plan
from mypage.domain.customers import fitted
from mypage.domain.repeated_lines import NOTHING_SEEN, Lines, RepeatedLines
from mypage.domain.row_error import RowError, Tell, of_cell
from mypage.domain.statement import LineKind
from mypage.domain.statement_build import Line, line
from mypage.domain.values import Defect

_LINE: Final = (
    "service", "description", "usage_month", "quantity", "unit_price", "amount", "line_kind", "tax_class",
)  # fmt: skip


def _nobody_notes(_error: RowError) -> None:
    return


class ChargeRows:
    """Reads the rows of one file. ``fold`` makes the key of a customer number, None where it is none.

    ``nameless`` is told of each row that does not say to which statement it belongs, with its first error.
    """

    def __init__(
        self,
        plan: Plan,
        fold: Callable[[str], str | None],
        tell: Tell,
        nameless: Tell = _nobody_notes,
    ) -> None:
        self._plan, self._told, self._nameless = plan, tell, nameless
        self._first: RowError | None = None
        self._heads = Heads(plan, fold, self._tell)
        self._read: dict[str, Callable[[str], Any]] = {
            "service": Remembered(text(100)).__getitem__,
            "description": Remembered(text(200, needed=True)).__getitem__,
            "usage_month": Remembered(empty_is(None, values.month)).__getitem__,
            "quantity": Remembered(empty_is(None, values.number)).__getitem__,
            "unit_price": Remembered(empty_is(None, values.number)).__getitem__,
            "amount": Remembered(values.number).__getitem__,
            "line_kind": Remembered(
                empty_is(LineKind.CHARGE, lambda raw: values.one_of(raw, LINE_KINDS))
            ).__getitem__,
            "tax_class": Remembered(lambda raw: values.one_of(raw, TAX_CLASSES)).__getitem__,
        }
        self._columns = [name for name in _LINE if name in plan.places]
        self._head_of, self._line_of = self._getter(self._heads.names), self._getter(self._columns)
        self._line_numbers = Remembered(lambda raw: values.ordinal(raw, 9))
        self._by_cells: dict[tuple[str, ...], Line] = {}
        # The statement whose rows are being read, its head, and how its rows begin and end.
        self._head: tuple[str, ...] | None = None
        self._opened: Group | None = None
        self._seen = NOTHING_SEEN

    def groups(self, lines: Lines, first_row: int = 2) -> Iterator[Group]:
        """The groups of ``lines``, the first of which is Excel's row ``first_row``. Errors go to ``tell``."""
        repeated = RepeatedLines(
            lines,
            self._plan,
            own=("line_number", *_LINE),
            head=self._heads.names,
            most=cell_readers.REMEMBERED,
        )
        by_text, opened, seen = repeated.by_text, self._opened, self._seen
        for row, row_text in enumerate(lines.texts, first_row):
            if row_text.startswith(seen.before) and row_text.endswith(seen.after):
                known = by_text.get(row_text[seen.start : seen.end])
                if known is not None and known[2] == seen.among and opened is not None:
                    opened.rows += 1
                    opened.line_numbers.append(known[0])
                    opened.lines.append(known[1])
                    continue
            done = self._take(row_text, row, lines, repeated)
            if done is not None:
                yield done
            opened, seen = self._opened, self._seen
        if opened is not None:
            yield opened

    def _take(self, row_text: str, row: int, lines: Lines, repeated: RepeatedLines) -> Group | None:
        """Read a row cell by cell; the group that ended before it, if one did."""
        record = lines.record(row_text)
        if len(record) != self._plan.width:
            cells_of_row = fitted(self._plan, record, row, self._tell)
            if cells_of_row is None:
                done = self._turn_to(None, row)
                self._note_nameless()
                return done
            record, row_text = cells_of_row, ""  # it has other delimiters than its cells need
        head = self._head_of(record)
        done = self._turn_to(head, row) if head != self._head else None
        opened = self._opened
        if opened is None or opened.broken:
            self._heads.tell(head, row)
        if opened is None:
            self._note_nameless()
            return done
        if opened.broken:
            self._blame(opened)
        opened.rows += 1
        numbered = self._line(record, row, opened)
        if numbered is not None:
            opened.line_numbers.append(numbered[0])
            opened.lines.append(numbered[1])
            if not opened.broken:
                self._seen = repeated.see(row_text, record, self._seen, *numbered)
        return done

    def _turn_to(self, head: tuple[str, ...] | None, row: int) -> Group | None:
        """Open the group of another head (None: of nothing); the one that was open."""
        done = self._opened
        self._head, self._seen = head, NOTHING_SEEN
        self._opened = None if head is None else self._heads.open(head, row)
        return done

    def _line(self, record: list[str], row: int, opened: Group) -> tuple[int, Line] | None:
        """Line number and line of a row; None where one has an error."""
        number = self._line_numbers[record[self._plan.places["line_number"]]]
        item = self._by_cells.get(cells := self._line_of(record))
        if item is None:
            item = self._new_line(cells, record, row, opened)
            if item is None:
                return None
        if isinstance(number, Defect):
            self._tell_line_number(record, row, opened)
            return None
        return number, item

    def _getter(self, names: Sequence[str]) -> Callable[[list[str]], tuple[str, ...]]:
        # Both have several columns that must be there, so the getter gives a tuple.
        return itemgetter(*(self._plan.places[name] for name in names))

    def _tell(self, error: RowError) -> None:
        if self._first is None:
            self._first = error
        self._told(error)

    def _note_nameless(self) -> None:
        if self._first is not None:
            self._nameless(self._first)
            self._first = None

    def _blame(self, opened: Group) -> None:
        """The first error that was told since is why this group cannot be published."""
        opened.flawed = True
        opened.why = opened.why or self._first
        self._first = None

    def _new_line(self, cells: tuple[str, ...], record: list[str], row: int, opened: Group) -> Line | None:
        """Read a line for the first time. None where it has an error or is the row of a 取消."""
        if opened.withdrawn:
            return None
        number = record[self._plan.places["customer_number"]]
        found: dict[str, Any] = {}
        flawed = False
        for name, raw in zip(self._columns, cells, strict=True):
            value = self._read[name](raw)
            if isinstance(value, Defect):
                self._tell(of_cell(self._plan, name, row, number, raw, value))
                flawed = True
            found[name] = value
        if flawed:
            self._blame(opened)
            if isinstance(self._line_numbers[record[self._plan.places["line_number"]]], Defect):
                self._tell_line_number(record, row, opened)
            return None
        item = line(
            service=found.get("service", ""),
            description=found["description"],
            amount=found["amount"],
            tax_class=found["tax_class"],
            kind=found.get("line_kind", LineKind.CHARGE),
            usage_month=found.get("usage_month"),
            quantity=found.get("quantity"),
            unit_price=found.get("unit_price"),
        )
        if len(self._by_cells) < cell_readers.REMEMBERED:
            self._by_cells[cells] = item
        return item

    def _tell_line_number(self, record: list[str], row: int, opened: Group) -> None:
        if opened.withdrawn:
            return
        raw = record[self._plan.places["line_number"]]
        defect = self._line_numbers[raw]
        assert isinstance(defect, Defect)  # noqa: S101 - the caller saw that it is no number
        number = record[self._plan.places["customer_number"]]
        self._tell(of_cell(self._plan, "line_number", row, number, raw, defect))
        self._blame(opened)
