"""The billing month (請求年月) and the window of months that is shown.

Sources: specification §4 (the window is the newest published billing month and the 14 before it, none older
than the operator's first month) and its fixed path ``/statements/2026-10``.
"""

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

_URL_FORM = re.compile(r"([0-9]{4})-([0-9]{2})")
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
MONTHS_SHOWN: Final = 15


class ShownMonth(NamedTuple):
    """The parts of a month from which a page, mail or bill makes its words."""

    year: int
    month: int


@dataclass(frozen=True, order=True, slots=True)
class BillingMonth:
    """A calendar month in which a bill is issued; ordered by time.

    Raises ``ValueError`` for a month that no calendar has or a year outside 1900–2999.
    """

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (FIRST_YEAR <= self.year <= LAST_YEAR and 1 <= self.month <= 12):
            raise ValueError(f"no such billing month: {self.year}-{self.month}")

    @classmethod
    def parse(cls, text: str) -> "BillingMonth | None":
        """The month that a URL names (``2026-10``, nothing else), None if ``text`` names none."""
        found = _URL_FORM.fullmatch(text)
        if found is None:
            return None
        year, month = int(found[1]), int(found[2])
        if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
            return None
        return cls(year, month)

    @classmethod
    def from_int(cls, number: int) -> "BillingMonth":
        """The month that the database keeps as ``202610``; ``ValueError`` if it is none."""
        return cls(number // 100, number % 100)

    @property
    def as_int(self) -> int:
        """``202610``: the form in the database, in the order of time."""
        return self.year * 100 + self.month

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def plus(self, months: int) -> "BillingMonth":
        """The month that many months later (earlier if negative)."""
        count = self.year * 12 + self.month - 1 + months
        return BillingMonth(count // 12, count % 12 + 1)

    def previous(self) -> "BillingMonth":
        """The month before."""
        return self.plus(-1)

    def next(self) -> "BillingMonth":
        """The month after."""
        return self.plus(1)

    def shown(self) -> ShownMonth:
        """Year and month for whoever makes words of them."""
        return ShownMonth(self.year, self.month)


def window(
    newest: BillingMonth, first_month: BillingMonth, length: int = MONTHS_SHOWN
) -> tuple[BillingMonth, ...]:
    """The months shown, newest first: ``newest`` and those before it, ``length`` in all.

    None lies before ``first_month``. Empty where the newest month lies before the operator's first one or
    ``length`` is not positive.
    """
    span = (newest.year - first_month.year) * 12 + newest.month - first_month.month + 1
    return tuple(newest.plus(-step) for step in range(min(length, span)))
