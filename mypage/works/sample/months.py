"""Months as ordinals (year × 12 + month − 1): the sample steps through millions of them."""

import calendar
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """The billing months of the sample as ordinals (year × 12 + month − 1), both ends included."""

    first: int
    last: int


def ordinal(day: date) -> int:
    """The month of *day* as a number that counts months."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """The first day of a month given as an ordinal."""
    return date(month // 12, month % 12 + 1, 1)


def days_in(month: int) -> int:
    """How many days a month given as an ordinal has."""
    return calendar.monthrange(month // 12, month % 12 + 1)[1]
