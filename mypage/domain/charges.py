"""Rows of charges.csv → groups of lines that stand together, or errors (specification "formats").

Bills repeat: the same line stands on thousands of them. So each distinct cell, and each distinct line, is read
once and remembered, and most rows are known by their text: it begins and ends like the row before, and what is
between is the text of a line that was read. A group is a run of rows with the same head; a statement whose rows
stand apart comes as several groups, which whoever sorts them puts together again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple

from mypage.domain import cell_readers, values
from mypage.domain.cell_readers import Remembered, empty_is, iso_day, text
from mypage.domain.charge_words import ACTIONS, BASES, LINE_KINDS, PAYMENT_STATES, TAX_CLASSES, Action
from mypage.domain.columns import Plan
from mypage.domain.customers import customer_number, fitted
from mypage.domain.repeated_lines import Lines, RepeatedLines
from mypage.domain.row_error import RowError, Tell, of_cell
from mypage.domain.statement import AmountBasis, LineKind, PaymentState
from mypage.domain.statement_build import Line, line
from mypage.domain.values import Defect


class Key(NamedTuple):
    """Which statement a group belongs to; ``holder`` is 0 where the file does not say."""

    number: str
    month: int
    statement_number: int
    holder: int


@dataclass(slots=True)
class Group:
    """Rows that stand together. ``flawed``: an error of one of its rows was told already, first ``why``.

    ``due_on`` is ISO text.
    """

    key: Key
    shown_number: str
    first_row: int
    withdrawn: bool
    flawed: bool
    broken: bool  # its head has an error, to be told at each of its rows
    basis: AmountBasis
    total: int
    tax_10: int | None
    tax_8: int | None
    due_on: str | None
    payment_method: str | None
    payment_state: PaymentState | None
    line_numbers: list[int]
    lines: list[Line]
    rows: int = 0
    why: RowError | None = None


class _Alike(NamedTuple):
    """The cells of a head in which bills resemble one another, read together."""

    month: int
    statement_number: int
    holder: int
    withdrawn: bool
    basis: AmountBasis
    due_on: str | None
    payment_method: str | None
    payment_state: PaymentState | None
    has_no_key: bool
    broken: bool


_OWN: Final = ("customer_number", "total", "tax_10", "tax_8")
_ALIKE: Final = (
    "holder_no", "billing_month", "statement_number", "action", "amount_basis", "due_on", "payment_method",
    "payment_state",
)  # fmt: skip
_LINE: Final = (
    "service", "description", "usage_month", "quantity", "unit_price", "amount", "line_kind", "tax_class",
)  # fmt: skip
# 取消 needs the key only.
_KEY: Final = frozenset(("customer_number", "holder_no", "billing_month", "statement_number"))


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

        def customer(raw: str) -> str | Defect:
            return customer_number(raw, fold)

        self._read: dict[str, Callable[[str], Any]] = {
            "customer_number": customer,
            "holder_no": Remembered(empty_is(0, lambda raw: values.ordinal(raw, 9))).__getitem__,
            "billing_month": Remembered(values.month).__getitem__,
            "statement_number": Remembered(empty_is(1, values.ordinal)).__getitem__,
            "action": Remembered(
                empty_is(Action.NORMAL, lambda raw: values.one_of(raw, ACTIONS))
            ).__getitem__,
            "total": values.whole_number,
            "amount_basis": Remembered(
                empty_is(AmountBasis.TAX_INCLUDED, lambda raw: values.one_of(raw, BASES))
            ).__getitem__,
            "tax_10": Remembered(empty_is(None, values.whole_number)).__getitem__,
            "tax_8": Remembered(empty_is(None, values.whole_number)).__getitem__,
            "due_on": Remembered(empty_is(None, iso_day)).__getitem__,
            "payment_method": Remembered(text(50)).__getitem__,
            "payment_state": Remembered(
                empty_is(None, lambda raw: values.one_of(raw, PAYMENT_STATES))
            ).__getitem__,
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
        self._own = [name for name in _OWN if name in plan.places]
        self._alike = [name for name in _ALIKE if name in plan.places]
        self._head = [*self._own, *self._alike]
        self._line = [name for name in _LINE if name in plan.places]
        self._line_numbers = Remembered(lambda raw: values.ordinal(raw, 9))
        self._lines: dict[tuple[str, ...], Line] = {}
        self._alikes: dict[tuple[str, ...], _Alike] = {}

    def groups(self, lines: Lines, first_row: int = 2) -> Iterator[Group]:
        """The groups of ``lines``, the first of which is Excel's row ``first_row``. Errors go to ``tell``."""
        head_of, line_of = self._getter(self._head), self._getter(self._line)
        place_of_number = self._plan.places["line_number"]
        width = self._plan.width
        by_cells, line_numbers = self._lines, self._line_numbers
        repeated = RepeatedLines(
            lines, self._plan, own=("line_number", *_LINE), head=self._head, most=cell_readers.REMEMBERED
        )
        by_text, seen = repeated.by_text, repeated.nothing_seen
        head: tuple[str, ...] | None = None
        opened: Group | None = None
        row = first_row - 1
        for row_text in lines.texts:
            row += 1
            if row_text.startswith(seen.before) and row_text.endswith(seen.after):
                known = by_text.get(row_text[seen.start : seen.end])
                if known is not None and known[2] == seen.among and opened is not None:
                    opened.rows += 1
                    opened.line_numbers.append(known[0])
                    opened.lines.append(known[1])
                    continue
            record = lines.record(row_text)
            if len(record) != width:
                cells_of_row = fitted(self._plan, record, row, self._tell)
                if cells_of_row is None:
                    if opened is not None:
                        yield opened
                    opened = head = None
                    seen = repeated.nothing_seen
                    self._note_nameless()
                    continue
                record, row_text = cells_of_row, ""  # it has other delimiters than its cells need
            if (this := head_of(record)) != head:
                if opened is not None:
                    yield opened
                head = this
                seen = repeated.nothing_seen
                opened = self._open(this, row)
            if opened is None or opened.broken:
                self._tell_head(this, row)
                if opened is None:
                    self._note_nameless()
                    continue
                self._blame(opened)
            opened.rows += 1
            number = line_numbers[record[place_of_number]]
            item = by_cells.get(cells := line_of(record))
            if item is None:
                item = self._new_line(cells, record, row, opened)
                if item is None:
                    continue
            if type(number) is not int:
                self._tell_line_number(record, row, opened)
                continue
            opened.line_numbers.append(number)
            opened.lines.append(item)
            if not opened.broken:
                seen = repeated.see(row_text, record, seen, number, item)
        if opened is not None:
            yield opened

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

    def _open(self, cells: tuple[str, ...], row: int) -> Group | None:
        """A new group; None where not even its key can be read. An error of the head is told for each of its rows."""
        own = len(self._own)
        alike = self._alikes.get(cells[own:]) or self._new_alike(cells[own:])
        number = self._read["customer_number"](cells[0])
        if alike.has_no_key or isinstance(number, Defect):
            return None
        broken = alike.broken
        yen: dict[str, int | None] = {}
        for name, raw in zip(self._own[1:], cells[1:own], strict=True):
            value = self._read[name](raw)
            if isinstance(value, Defect):
                broken = broken or not (alike.withdrawn and value == values.EMPTY)
                value = None
            yen[name] = value
        return Group(
            key=Key(number, alike.month, alike.statement_number, alike.holder),
            shown_number=cells[0].strip(),
            first_row=row,
            withdrawn=alike.withdrawn,
            flawed=broken,
            broken=broken,
            basis=alike.basis,
            total=yen["total"] or 0,
            tax_10=yen.get("tax_10"),
            tax_8=yen.get("tax_8"),
            due_on=alike.due_on,
            payment_method=alike.payment_method,
            payment_state=alike.payment_state,
            line_numbers=[],
            lines=[],
        )

    def _new_alike(self, cells: tuple[str, ...]) -> _Alike:
        found: dict[str, Any] = {
            name: self._read[name](raw) for name, raw in zip(self._alike, cells, strict=True)
        }
        wrong = {name for name, value in found.items() if isinstance(value, Defect)}
        found = {name: value for name, value in found.items() if name not in wrong}
        alike = _Alike(
            month=found.get("billing_month", 0),
            statement_number=found.get("statement_number", 1),
            holder=found.get("holder_no", 0),
            withdrawn=found.get("action") is Action.WITHDRAW,
            basis=found.get("amount_basis", AmountBasis.TAX_INCLUDED),
            due_on=found.get("due_on"),
            payment_method=found.get("payment_method") or None,
            payment_state=found.get("payment_state"),
            has_no_key=not wrong.isdisjoint(_KEY),
            broken=bool(wrong),
        )
        if len(self._alikes) < cell_readers.REMEMBERED:
            self._alikes[cells] = alike
        return alike

    def _tell_head(self, cells: tuple[str, ...], row: int) -> None:
        withdrawn = (
            "action" in self._head
            and self._read["action"](cells[self._head.index("action")]) is Action.WITHDRAW
        )
        for name, raw in zip(self._head, cells, strict=True):
            value = self._read[name](raw)
            if isinstance(value, Defect) and not (withdrawn and value == values.EMPTY and name not in _KEY):
                self._tell(of_cell(self._plan, name, row, cells[0], raw, value))

    def _new_line(self, cells: tuple[str, ...], record: list[str], row: int, opened: Group) -> Line | None:
        """Read a line for the first time. None where it has an error or is the row of a 取消."""
        if opened.withdrawn:
            return None
        number = record[self._plan.places["customer_number"]]
        found: dict[str, Any] = {}
        flawed = False
        for name, raw in zip(self._line, cells, strict=True):
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
        if len(self._lines) < cell_readers.REMEMBERED:
            self._lines[cells] = item
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
