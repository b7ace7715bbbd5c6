"""Rows of number_changes.csv: customer numbers that change (specification "formats")."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from mypage.domain import values
from mypage.domain.cell_readers import iso_day, row_values
from mypage.domain.columns import Plan
from mypage.domain.customers import customer_number, fitted
from mypage.domain.row_error import RowError, Tell
from mypage.domain.succession import Follows

KINDS: Final = {
    "変更": Follows.RENUMBERED,
    "統合": Follows.MERGED,
    "分割": Follows.SPLIT,
    "承継": Follows.INHERITED,
    **{kind.value: kind for kind in (Follows.RENUMBERED, Follows.MERGED, Follows.SPLIT, Follows.INHERITED)},
}


class Row(NamedTuple):
    """A number that changes into another on a day (ISO text)."""

    old_number: str
    new_number: str
    shown_old: str
    shown_new: str
    kind: Follows
    changed_on: str
    row: int


class NumberChangeRows:
    """Reads the rows of one file; errors go to ``tell``. ``fold`` makes the key of a customer number."""

    def __init__(self, plan: Plan, fold: Callable[[str], str | None], tell: Tell) -> None:
        self._plan, self._tell = plan, tell
        self._readers: Mapping[str, Callable[[str], Any]] = {
            "old_number": lambda raw: customer_number(raw, fold),
            "new_number": lambda raw: customer_number(raw, fold),
            "kind": lambda raw: values.one_of(raw, KINDS),
            "changed_on": iso_day,
        }

    def rows(self, records: Iterable[list[str]], first_row: int = 2) -> Iterator[Row]:
        """The rows without errors. The first of ``records`` is Excel's row ``first_row``."""
        places = self._plan.places
        for row, record in enumerate(records, first_row):
            cells = fitted(self._plan, record, row, self._tell)
            if cells is None:
                continue
            found = row_values(self._plan, cells, row, self._readers, self._tell)
            if len(found) < len(self._readers):
                continue
            shown_old, shown_new = (cells[places[name]].strip() for name in ("old_number", "new_number"))
            if found["old_number"] == found["new_number"]:
                heading = self._plan.heading("new_number")
                self._tell(RowError("number_unchanged", row, heading, shown_old, shown_new))
                continue
            yield Row(
                old_number=found["old_number"],
                new_number=found["new_number"],
                shown_old=shown_old,
                shown_new=shown_new,
                kind=found["kind"],
                changed_on=found["changed_on"],
                row=row,
            )
