"""What is told of one row of a billing file."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from mypage.domain.columns import Plan
from mypage.domain.values import NO_FACTS, Defect

LONGEST_VALUE: Final = 200
LONGEST_NUMBER: Final = 40


class RowError(NamedTuple):
    """An error or warning at a row. ``row`` is Excel's, 0 where the whole file is meant; ``column`` as the file calls it.

    ``code`` and ``facts`` become a sentence where they are shown; ``value`` is the cell as it stood in the file.
    """

    code: str
    row: int
    column: str
    customer_number: str
    value: str
    facts: Mapping[str, str] = NO_FACTS
    warning: bool = False


# Of a batch whose check broke off, and with which nobody went on.
GIVEN_UP: Final = RowError("check_given_up", 0, "", "", "")
Tell = Callable[[RowError], None]
# What is wrong with the file as a whole, so that nobody can say which rows are without it.
_OF_THE_FILE: Final = frozenset(("record_broken", "under_two_numbers"))


def of_cell(plan: Plan, column: str, row: int, number: str, value: str, defect: Defect) -> RowError:
    """The error of a cell; ``number`` and ``value`` as they stood in the file."""
    return RowError(
        defect.code,
        row,
        plan.heading(column),
        told(number.strip(), LONGEST_NUMBER),
        told(value),
        defect.facts,
    )


def told(text: str, longest: int = LONGEST_VALUE) -> str:
    """A text of the file as it is told: cut, and with a sign for NUL, which a database does not keep."""
    return text[:longest].replace("\0", "␀")


def is_of_one_statement(error: RowError) -> bool:
    """Whether a file is right without the statement (or the row) that has this error."""
    return error.row > 0 and error.code not in _OF_THE_FILE
