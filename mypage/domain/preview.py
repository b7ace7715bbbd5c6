"""What a charges file would change, as its operator looks at it before publishing (specification §6).

A month in the file is told against the newest published month before it. Files that look wrong as a whole are told
("formats": same as last month's, a month far away, a total far from last month's).
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from mypage.domain.billing_month import BillingMonth

LARGEST_KEPT: Final = 10
MISSING_KEPT: Final = 100
# Below so many customers, bills that are all the same as a month before say nothing.
_SAME_SAYS_SOMETHING: Final = 20
# The month after next is further than any operator bills ahead.
_MONTHS_AHEAD: Final = 2


class Change(NamedTuple):
    """A customer's month before and now, in yen."""

    customer_key: str
    month: int
    before: int
    now: int


class Doubt(NamedTuple):
    """Why a file looks wrong as a whole: a code with facts."""

    code: str
    facts: Mapping[str, str]


@dataclass(slots=True)
class MonthSum:
    """What a month comes to. ``methods``: payment method → (statements, yen); ``taxes``: tax class → yen."""

    statements: int = 0
    customers: int = 0
    total: int = 0
    methods: dict[str, tuple[int, int]] = field(default_factory=dict)
    taxes: dict[str, int | Decimal] = field(default_factory=dict)

    def add(self, total: int, method: str) -> None:
        """Count a statement that stands."""
        self.statements += 1
        self.total += total
        count, yen = self.methods.get(method, (0, 0))
        self.methods[method] = (count + 1, yen + total)

    def include(self, other: "MonthSum") -> None:
        """Add what other customers of the month come to."""
        self.statements += other.statements
        self.customers += other.customers
        self.total += other.total
        for method, (count, yen) in other.methods.items():
            counted, so_far = self.methods.get(method, (0, 0))
            self.methods[method] = (counted + count, so_far + yen)
        for tax, amount in other.taxes.items():
            self.taxes[tax] = self.taxes.get(tax, 0) + amount

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> "MonthSum":
        """What :meth:`as_json` made."""
        methods = {method: (count, yen) for method, (count, yen) in told["methods"].items()}
        taxes: dict[str, int | Decimal] = {tax: Decimal(yen) for tax, yen in told["taxes"].items()}
        return cls(told["statements"], told["customers"], told["total"], methods, taxes)

    def as_json(self) -> dict[str, Any]:
        """The form in which it is kept; amounts of lines may have decimals and are strings."""
        return {
            "statements": self.statements,
            "customers": self.customers,
            "total": self.total,
            "methods": {method: list(sums) for method, sums in sorted(self.methods.items())},
            "taxes": {tax: str(yen) for tax, yen in sorted(self.taxes.items())},
        }


class Largest:
    """The ten largest of many changes, in flat memory."""

    def __init__(self) -> None:
        self._kept: list[tuple[int, str, Change]] = []

    def add(self, change: Change) -> None:
        """Take a change; one that changes nothing is none."""
        size = abs(change.now - change.before)
        if not size:
            return
        entry = (size, change.customer_key, change)
        if len(self._kept) < LARGEST_KEPT:
            heapq.heappush(self._kept, entry)
        elif entry > self._kept[0]:
            heapq.heapreplace(self._kept, entry)

    def in_order(self) -> list[Change]:
        """The largest first."""
        return [change for _, _, change in sorted(self._kept, reverse=True)]


class Compared(NamedTuple):
    """A whole month against the one before: how many customers have both, and how many of those the same bills."""

    customers: int
    same: int
    now: int
    before: int


def doubts(
    months: Mapping[int, int],
    *,
    newest_published: int | None,
    this_month: BillingMonth,
    shown: int,
    compared: Compared | None,
    largest_share: float,
) -> Iterator[Doubt]:
    """Why the file looks wrong as a whole. ``months``: yyyymm → statements; ``shown``: how long a month is seen."""
    for month, statements in sorted(months.items()):
        facts = {"month": str(BillingMonth.from_int(month)), "statements": f"{statements:,}"}
        # Whoever loads the history of years at the first time skips and goes back as a matter of course.
        ahead = 0 if newest_published is None else _apart(month, newest_published)
        if ahead > 1:
            yield Doubt(
                "month_skips", {**facts, "newest": str(BillingMonth.from_int(newest_published or month))}
            )
        elif _apart(month, this_month.as_int) > _MONTHS_AHEAD:
            yield Doubt("month_ahead", facts)
        elif ahead <= -shown:
            yield Doubt("month_not_shown", {**facts, "shown": str(shown)})
    if compared is None:
        return
    if compared.customers >= _SAME_SAYS_SOMETHING and compared.same == compared.customers:
        yield Doubt("same_as_last_month", {"customers": f"{compared.customers:,}"})
    elif abs(compared.now - compared.before) > largest_share * abs(compared.before):
        facts = {"now": f"{compared.now:,}", "before": f"{compared.before:,}"}
        yield Doubt("total_far", facts)


def _apart(month: int, other: int) -> int:
    """How many months ``month`` lies after ``other``."""
    return (month // 100 - other // 100) * 12 + month % 100 - other % 100
