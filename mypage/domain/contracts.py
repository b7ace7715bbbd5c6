"""Rows of contracts.csv → the contracts of a customer (specification "formats")."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from mypage.domain import values
from mypage.domain.columns import Plan
from mypage.domain.customers import STATUSES, customer_number, fitted, holder_number
from mypage.domain.row_error import Tell, of_cell
from mypage.domain.values import Defect

# A status in the operator's own words stays as it is written; these three are known in both languages.
_KNOWN_STATUSES: Final = {
    **STATUSES,
    "利用中": STATUSES["契約中"],
    "休止": STATUSES["休止中"],
    "解約": STATUSES["解約済"],
}


class Row(NamedTuple):
    """A contract. ``holder_no`` is 0 where the file does not say; dates as ISO text, the fee as decimal string."""

    number: str
    holder_no: int
    shown_number: str
    row: int
    contract: Mapping[str, str | None]


class ContractRows:
    """Reads the rows of one file; errors go to ``tell``."""

    def __init__(self, plan: Plan, fold: Callable[[str], str | None], tell: Tell) -> None:
        self._plan, self._fold, self._tell = plan, fold, tell
        self._columns = [(name, plan.places.get(name)) for name in _READERS]

    def rows(self, records: Iterable[list[str]], first_row: int = 2) -> Iterator[Row]:
        """The rows without errors. The first of ``records`` is Excel's row ``first_row``."""
        for row, record in enumerate(records, first_row):
            cells = fitted(self._plan, record, row, self._tell)
            if cells is not None:
                read = self._row(cells, row)
                if read is not None:
                    yield read

    def _row(self, cells: list[str], row: int) -> Row | None:
        plan = self._plan
        shown = cells[plan.places["customer_number"]]
        number = customer_number(shown, self._fold)
        holder_no = holder_number(plan, cells)
        contract: dict[str, str | None] = {}
        told = [("customer_number", shown, number), ("holder_no", "", holder_no)]
        if "holder_no" in plan.places:
            told[1] = ("holder_no", cells[plan.places["holder_no"]], holder_no)
        defects = [(name, raw, value) for name, raw, value in told if isinstance(value, Defect)]
        for name, place in self._columns:
            value = None if place is None else _READERS[name](cells[place])
            if isinstance(value, Defect):
                defects.append((name, cells[place or 0], value))
            else:
                contract[name] = value
        for name, raw, defect in defects:
            self._tell(of_cell(plan, name, row, shown, raw, defect))
        if isinstance(number, Defect) or isinstance(holder_no, Defect) or defects:
            return None
        return Row(number, holder_no, shown.strip(), row, contract)


def _text(longest: int, *, needed: bool) -> Callable[[str], str | Defect | None]:
    def reading(raw: str) -> str | Defect | None:
        return values.words(raw, longest) or (values.EMPTY if needed else None)

    return reading


def _day(raw: str) -> str | Defect | None:
    value = values.day(raw)
    if isinstance(value, Defect):
        return None if value == values.EMPTY else value
    return value.isoformat()


def _fee(raw: str) -> str | Defect | None:
    value = values.number(raw)
    if isinstance(value, Defect):
        return None if value == values.EMPTY else value
    return f"{value:f}"


def _status(raw: str) -> str | Defect:
    text = values.words(raw, 20)
    if isinstance(text, Defect):
        return text
    known = values.one_of(text, _KNOWN_STATUSES)
    if isinstance(known, Defect):
        return text or values.EMPTY
    return known.value


_READERS: Final[Mapping[str, Callable[[str], str | Defect | None]]] = {
    "contract_number": _text(40, needed=True),
    "service": _text(100, needed=True),
    "course": _text(100, needed=True),
    "status": _status,
    "started_on": _day,
    "ended_on": _day,
    "equipment": _text(200, needed=False),
    "monthly_fee": _fee,
}
