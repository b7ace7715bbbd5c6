"""What is told of one row of a billing file."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from mypage.domain.columns import Plan
from mypage.domain.values import NO_FACTS, Defect

LONGEST_VALUE = 200


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


Tell = Callable[[RowError], None]


def of_cell(plan: Plan, column: str, row: int, number: str, value: str, defect: Defect) -> RowError:
    """The error of a cell; ``number`` and ``value`` as they stood in the file."""
    return RowError(
        defect.code, row, plan.heading(column), number.strip()[:40], value[:LONGEST_VALUE], defect.facts
    )
