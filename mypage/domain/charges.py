"""Rows of charges.csv → groups of lines that stand together, or errors (specification "formats").

Bills repeat: the same line stands on thousands of them. So each distinct cell, and each distinct line, is read
once and remembered; a row costs three look-ups. A group is a run of rows with the same head; a statement whose
rows stand apart comes as several groups, which whoever sorts them puts together again.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter
from typing import Any, Final, Generic, NamedTuple, TypeVar

from mypage.domain import values
from mypage.domain.columns import Plan
from mypage.domain.customers import customer_number, fitted
from mypage.domain.row_error import Tell, of_cell
from mypage.domain.statement import AmountBasis, Line, LineKind, PaymentState, TaxClass, line
from mypage.domain.values import Defect

Number = int | Decimal
Value = TypeVar("Value")
# Enough for the tariffs of any operator; a file of nothing but distinct values costs no more memory than this.
REMEMBERED: Final = 40_000


class Action(StrEnum):
    """処理区分: 通常 / 取消."""

    NORMAL = "normal"
    WITHDRAW = "withdraw"


ACTIONS: Final = {
    "通常": Action.NORMAL,
    "normal": Action.NORMAL,
    "取消": Action.WITHDRAW,
    "withdraw": Action.WITHDRAW,
}
BASES: Final = {
    "税込": AmountBasis.TAX_INCLUDED,
    "税抜": AmountBasis.TAX_EXCLUDED,
    **{basis.value: basis for basis in AmountBasis},
}
LINE_KINDS: Final = {
    "料金": LineKind.CHARGE,
    "消費税": LineKind.TAX,
    "過月調整": LineKind.ADJUSTMENT,
    "繰越": LineKind.CARRIED_OVER,
    "前受金充当": LineKind.PREPAID_USED,
    "分割": LineKind.INSTALMENT,
    "延滞利息": LineKind.LATE_INTEREST,
    "返金": LineKind.REFUND,
    **{kind.value: kind for kind in LineKind},
}
TAX_CLASSES: Final = {
    "10%": TaxClass.STANDARD,
    "8%": TaxClass.REDUCED,
    "軽減8": TaxClass.REDUCED,
    "軽減8%": TaxClass.REDUCED,
    "0%": TaxClass.ZERO,
    "非課税": TaxClass.EXEMPT,
    "不課税": TaxClass.OUT_OF_SCOPE,
    "立替": TaxClass.PASS_THROUGH,
    **{tax_class.value: tax_class for tax_class in TaxClass},
}
PAYMENT_STATES: Final = {
    "請求済": PaymentState.BILLED,
    "支払済": PaymentState.PAID,
    "一部入金": PaymentState.PARTLY_PAID,
    "未確認": PaymentState.UNCONFIRMED,
    "振替不能": PaymentState.FAILED,
    "返金済": PaymentState.REFUNDED,
    **{state.value: state for state in PaymentState},
}


class Key(NamedTuple):
    """Which statement a group belongs to; ``holder`` is 0 where the file does not say."""

    number: str
    month: int
    statement_number: int
    holder: int


class Group(NamedTuple):
    """Rows that stand together. ``flawed``: an error of one of its rows was told already."""

    key: Key
    shown_number: str
    first_row: int
    rows: int
    withdrawn: bool
    flawed: bool
    basis: AmountBasis
    total: int
    tax_10: int | None
    tax_8: int | None
    due_on: datetime.date | None
    payment_method: str | None
    payment_state: PaymentState | None
    line_numbers: Sequence[int]
    lines: Sequence[Line]


class _Remembered(dict[str, "Value | Defect"], Generic[Value]):
    """Cell → value; each distinct cell is read once."""

    def __init__(self, read: Callable[[str], "Value | Defect"]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, raw: str) -> "Value | Defect":
        value = self._read(raw)
        if len(self) < REMEMBERED:
            self[raw] = value
        return value


def _or(default: Value, read: Callable[[str], Value | Defect]) -> Callable[[str], Value | Defect]:
    """The same reading, with a value for an empty cell."""

    def reading(raw: str) -> Value | Defect:
        value = read(raw)
        return default if value == values.EMPTY else value

    return reading


def _text(longest: int, *, needed: bool = False) -> Callable[[str], str | Defect]:
    def reading(raw: str) -> str | Defect:
        text = values.words(raw, longest)
        return values.EMPTY if needed and text == "" else text

    return reading


_HEAD: Final = (
    "customer_number", "holder_no", "billing_month", "statement_number", "action",
    "total", "amount_basis", "tax_10", "tax_8", "due_on", "payment_method", "payment_state",
)  # fmt: skip
_LINE: Final = (
    "service", "description", "usage_month", "quantity", "unit_price", "amount", "line_kind", "tax_class",
)  # fmt: skip
# 取消 needs the key only.
_KEY: Final = frozenset(("customer_number", "holder_no", "billing_month", "statement_number"))
_IN_PLACE_OF_A_DEFECT: Final = {"total": 0, "amount_basis": AmountBasis.TAX_INCLUDED}


class ChargeRows:
    """Reads the rows of one file. ``fold`` makes the key of a customer number, None where it is none."""

    def __init__(self, plan: Plan, fold: Callable[[str], str | None], tell: Tell) -> None:
        self._plan, self._tell = plan, tell

        def customer(raw: str) -> str | Defect:
            return customer_number(raw, fold)

        self._read: dict[str, Callable[[str], Any]] = {
            "customer_number": customer,
            "holder_no": _Remembered(_or(0, lambda raw: values.ordinal(raw, 9))).__getitem__,
            "billing_month": _Remembered(values.month).__getitem__,
            "statement_number": _Remembered(_or(1, values.ordinal)).__getitem__,
            "action": _Remembered(_or(Action.NORMAL, lambda raw: values.one_of(raw, ACTIONS))).__getitem__,
            "total": values.whole_number,
            "amount_basis": _Remembered(
                _or(AmountBasis.TAX_INCLUDED, lambda raw: values.one_of(raw, BASES))
            ).__getitem__,
            "tax_10": _Remembered(_or(None, values.whole_number)).__getitem__,
            "tax_8": _Remembered(_or(None, values.whole_number)).__getitem__,
            "due_on": _Remembered(_or(None, values.day)).__getitem__,
            "payment_method": _Remembered(_text(50)).__getitem__,
            "payment_state": _Remembered(
                _or(None, lambda raw: values.one_of(raw, PAYMENT_STATES))
            ).__getitem__,
            "service": _Remembered(_text(100)).__getitem__,
            "description": _Remembered(_text(200, needed=True)).__getitem__,
            "usage_month": _Remembered(_or(None, values.month)).__getitem__,
            "quantity": _Remembered(_or(None, values.number)).__getitem__,
            "unit_price": _Remembered(_or(None, values.number)).__getitem__,
            "amount": _Remembered(values.number).__getitem__,
            "line_kind": _Remembered(
                _or(LineKind.CHARGE, lambda raw: values.one_of(raw, LINE_KINDS))
            ).__getitem__,
            "tax_class": _Remembered(lambda raw: values.one_of(raw, TAX_CLASSES)).__getitem__,
        }
        self._head = [name for name in _HEAD if name in plan.places]
        self._line = [name for name in _LINE if name in plan.places]
        self._line_numbers = _Remembered(lambda raw: values.ordinal(raw, 9))
        self._lines: dict[tuple[str, ...], Line] = {}

    def groups(self, records: Iterable[list[str]], first_row: int = 2) -> Iterator[Group]:
        """The groups of ``records``, the first of which is Excel's row ``first_row``. Errors go to ``tell``."""
        places = self._plan.places
        head_of = itemgetter(*(places[name] for name in self._head))
        line_of = itemgetter(*(places[name] for name in self._line))
        place_of_number = places["line_number"]
        width = self._plan.width
        lines, line_numbers = self._lines, self._line_numbers
        head: tuple[str, ...] | None = None
        opened: _Open | None = None
        row = first_row - 1
        for record in records:
            row += 1
            if len(record) != width:
                cells_of_row = fitted(self._plan, record, row, self._tell)
                if cells_of_row is None:
                    if opened is not None:
                        yield opened.group()
                    opened = head = None
                    continue
                record = cells_of_row
            if (this := head_of(record)) != head:
                if opened is not None:
                    yield opened.group()
                head = this
                opened = self._open(this, row)
            if opened is None or opened.broken:
                self._tell_head(this, row)
                if opened is None:
                    continue
            opened.rows += 1
            number = line_numbers[record[place_of_number]]
            item = lines.get(cells := line_of(record))
            if item is None:
                item = self._new_line(cells, record, row, opened)
                if item is None:
                    continue
            if type(number) is not int:
                self._tell_line_number(record, row, opened)
                continue
            opened.numbers.append(number)
            opened.lines.append(item)
        if opened is not None:
            yield opened.group()

    def _open(self, cells: tuple[str, ...], row: int) -> "_Open | None":
        """A new group; None where not even its key can be read. An error of the head is told for each of its rows."""
        read = self._read
        found: dict[str, Any] = {name: read[name](raw) for name, raw in zip(self._head, cells, strict=True)}
        withdrawn = found.get("action") is Action.WITHDRAW
        broken = False
        for name, value in found.items():
            if isinstance(value, Defect):
                if name in _KEY:
                    return None
                broken = broken or not (withdrawn and value == values.EMPTY)
                found[name] = _IN_PLACE_OF_A_DEFECT.get(name)
        return _Open(cells[0], row, found, withdrawn, broken)

    def _tell_head(self, cells: tuple[str, ...], row: int) -> None:
        withdrawn = (
            "action" in self._head
            and self._read["action"](cells[self._head.index("action")]) is Action.WITHDRAW
        )
        for name, raw in zip(self._head, cells, strict=True):
            value = self._read[name](raw)
            if isinstance(value, Defect) and not (withdrawn and value == values.EMPTY and name not in _KEY):
                self._tell(of_cell(self._plan, name, row, cells[0], raw, value))

    def _new_line(self, cells: tuple[str, ...], record: list[str], row: int, opened: "_Open") -> Line | None:
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
            opened.flawed = True
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
        if len(self._lines) < REMEMBERED:
            self._lines[cells] = item
        return item

    def _tell_line_number(self, record: list[str], row: int, opened: "_Open") -> None:
        if opened.withdrawn:
            return
        raw = record[self._plan.places["line_number"]]
        defect = self._line_numbers[raw]
        assert isinstance(defect, Defect)  # noqa: S101 - the caller saw that it is no number
        number = record[self._plan.places["customer_number"]]
        self._tell(of_cell(self._plan, "line_number", row, number, raw, defect))
        opened.flawed = True


class _Open:
    """The group whose rows are being read."""

    __slots__ = ("_found", "_row", "_shown", "broken", "flawed", "lines", "numbers", "rows", "withdrawn")

    def __init__(self, shown: str, row: int, found: dict[str, Any], withdrawn: bool, broken: bool) -> None:
        self._shown, self._row, self._found = shown, row, found
        self.withdrawn, self.broken, self.flawed, self.rows = withdrawn, broken, broken, 0
        self.numbers: list[int] = []
        self.lines: list[Line] = []

    def group(self) -> Group:
        found = self._found.get
        return Group(
            Key(
                self._found["customer_number"],
                self._found["billing_month"],
                found("statement_number", 1),
                found("holder_no", 0),
            ),
            self._shown.strip(),
            self._row,
            self.rows,
            self.withdrawn,
            self.flawed,
            found("amount_basis", AmountBasis.TAX_INCLUDED),
            found("total", 0),
            found("tax_10"),
            found("tax_8"),
            found("due_on"),
            found("payment_method") or None,
            found("payment_state"),
            self.numbers,
            self.lines,
        )
