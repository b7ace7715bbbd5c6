"""The head of a statement in charges.csv: the cells that stand alike on each of its rows (specification "formats")."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from mypage.domain import cell_readers, values
from mypage.domain.cell_readers import Remembered, empty_is, iso_day, text
from mypage.domain.charge_words import ACTIONS, BASES, PAYMENT_STATES, Action
from mypage.domain.columns import Plan
from mypage.domain.customers import customer_number
from mypage.domain.row_error import RowError, Tell, of_cell
from mypage.domain.statement import AmountBasis, PaymentState
from mypage.domain.statement_build import Line
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
# 取消 needs the key only.
_KEY: Final = frozenset(("customer_number", "holder_no", "billing_month", "statement_number"))


class Heads:
    """Reads the heads of one file; errors go to ``tell``. ``names`` are its columns in the order of their cells."""

    def __init__(self, plan: Plan, fold: Callable[[str], str | None], tell: Tell) -> None:
        self._plan, self._tell = plan, tell

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
        }
        self._own = [name for name in _OWN if name in plan.places]
        self._alike = [name for name in _ALIKE if name in plan.places]
        self.names = [*self._own, *self._alike]
        self._customer = self._read["customer_number"]
        self._yen = [(name, self._read[name]) for name in self._own[1:]]
        self._alikes: dict[tuple[str, ...], _Alike] = {}

    def open(self, cells: tuple[str, ...], row: int) -> Group | None:
        """A new group; None where not even its key can be read. An error of the head is told for each of its rows."""
        own = len(self._own)
        alike = self._alikes.get(cells[own:]) or self._new_alike(cells[own:])
        number = self._customer(cells[0])
        if alike.has_no_key or isinstance(number, Defect):
            return None
        broken = alike.broken
        yen: dict[str, int | None] = {}
        for (name, read), raw in zip(self._yen, cells[1:own], strict=True):
            value = read(raw)
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

    def tell(self, cells: tuple[str, ...], row: int) -> None:
        """Tell the errors of a head at a row."""
        withdrawn = (
            "action" in self.names
            and self._read["action"](cells[self.names.index("action")]) is Action.WITHDRAW
        )
        for name, raw in zip(self.names, cells, strict=True):
            value = self._read[name](raw)
            if isinstance(value, Defect) and not (withdrawn and value == values.EMPTY and name not in _KEY):
                self._tell(of_cell(self._plan, name, row, cells[0], raw, value))

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
