"""Readers of cells put together: a value for an empty cell, each distinct cell read once, a whole row at a time."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

from mypage.domain import values
from mypage.domain.columns import Plan
from mypage.domain.row_error import Tell, of_cell
from mypage.domain.values import Defect

Value = TypeVar("Value")
# Enough for the tariffs of any operator; a file of nothing but distinct values costs no more memory than this.
REMEMBERED: Final = 40_000


class Remembered(dict[str, "Value | Defect"], Generic[Value]):
    """Cell → value; each distinct cell is read once."""

    def __init__(self, read: Callable[[str], "Value | Defect"]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, raw: str) -> "Value | Defect":
        value = self._read(raw)
        if len(self) < REMEMBERED:
            self[raw] = value
        return value


def empty_is(default: Value, read: Callable[[str], Value | Defect]) -> Callable[[str], Value | Defect]:
    """The same reading, with a value for an empty cell."""

    def reading(raw: str) -> Value | Defect:
        value = read(raw)
        return default if value == values.EMPTY else value

    return reading


def text(longest: int, *, needed: bool = False) -> Callable[[str], str | Defect]:
    """Free text up to that length; with ``needed`` an empty cell is a defect."""

    def reading(raw: str) -> str | Defect:
        read = values.words(raw, longest)
        return values.EMPTY if needed and read == "" else read

    return reading


def iso_day(raw: str) -> str | Defect:
    """A day as ISO text."""
    value = values.day(raw)
    return value if isinstance(value, Defect) else value.isoformat()


def row_values(
    plan: Plan, cells: list[str], row: int, readers: Mapping[str, Callable[[str], Any]], tell: Tell
) -> dict[str, Any]:
    """The values of the columns that the file has; what is wrong goes to ``tell``.

    The first of ``readers`` reads the number by which the row is told.
    """
    shown = cells[plan.places[next(iter(readers))]]
    found: dict[str, Any] = {}
    for name, read in readers.items():
        place = plan.places.get(name)
        if place is None:
            continue
        value = read(cells[place])
        if isinstance(value, Defect):
            tell(of_cell(plan, name, row, shown, cells[place], value))
        else:
            found[name] = value
    return found
