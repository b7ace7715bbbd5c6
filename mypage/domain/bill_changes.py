"""What changed from one bill to the next, line by line (specification §4, ご利用料金の明細).

Lines meet by service and description. What counts in the total only (繰越, 前受金充当, 延滞利息, 返金) is no change
of what is used, and is left out as it is in the comparison of the totals.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from mypage.domain.statement import TOTAL_ONLY, LineItem


class LineChange(NamedTuple):
    """A line that is new (``was`` None), gone (``now`` None) or of another amount; yen, may have decimals."""

    service: str
    description: str
    was: Decimal | None
    now: Decimal | None

    @property
    def difference(self) -> Decimal:
        """How much more it is than before; negative if less."""
        return (self.now or Decimal(0)) - (self.was or Decimal(0))


def changes(now: Iterable[LineItem], before: Iterable[LineItem]) -> tuple[LineChange, ...]:
    """Every line that differs: those of now in their order, then those that are gone."""
    is_now, was = _sums(now), _sums(before)
    return tuple(
        LineChange(*key, was.get(key), is_now.get(key))
        for key in {**is_now, **was}
        if is_now.get(key) != was.get(key)
    )


def _sums(lines: Iterable[LineItem]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if line.kind not in TOTAL_ONLY:
            key = (line.service, line.description)
            sums[key] = sums.get(key, Decimal(0)) + line.amount
    return sums
