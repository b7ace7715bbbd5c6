"""Yen: tax that is contained in or added to an amount, and how a bill differs from the one before.

Amounts are ``int`` yen or ``Decimal`` where a line has parts of a yen; never a float. Specification "formats"
(charges.csv: tax is rounded once per rate and statement, down by default) and §4 (「前回より 330円増」).
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from typing import Final

Amount = int | Decimal

_YEN: Final = Decimal(1)


def whole_yen(amount: Amount, rounding: str = ROUND_DOWN) -> int:
    """``amount`` in whole yen; down means towards zero. ``rounding`` is a mode of :mod:`decimal`."""
    return int(Decimal(amount).quantize(_YEN, rounding=rounding))


def tax_contained(amount: Amount, rate: int, rounding: str = ROUND_DOWN) -> int:
    """The tax of ``rate`` per cent within ``amount`` (税込), in whole yen: once for the sum of a rate, never a line."""
    return whole_yen(Decimal(amount) * rate / (100 + rate), rounding)


def tax_added(amount: Amount, rate: int, rounding: str = ROUND_DOWN) -> int:
    """The tax of ``rate`` per cent that comes on top of ``amount`` (税抜), in whole yen."""
    return whole_yen(Decimal(amount) * rate / 100, rounding)


def is_rounding(stated: Amount, computed: Amount) -> bool:
    """Whether two amounts differ by less than a yen, which is rounding; from one yen on it is an error."""
    return abs(Decimal(stated) - Decimal(computed)) < _YEN


class Direction(StrEnum):
    """Where a bill went against the one before."""

    MORE = "more"
    LESS = "less"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a bill went, for whoever makes words of it: ``yen`` is never negative."""

    direction: Direction
    yen: int


def difference(total: int, before: int) -> Difference:
    """``total`` against the bill ``before``."""
    if total == before:
        return Difference(Direction.SAME, 0)
    return Difference(Direction.MORE if total > before else Direction.LESS, abs(total - before))
