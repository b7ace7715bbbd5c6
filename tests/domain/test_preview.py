"""What makes a file look wrong as a whole, and the largest changes."""

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest

from mypage.domain.billing_month import BillingMonth
from mypage.domain.preview import LARGEST_KEPT, Change, Compared, Largest, MonthSum, doubts

NOVEMBER = BillingMonth(2026, 11)


def codes(
    *months: int, newest: int | None = 202610, compared: Compared | None = None, largest_share: float = 0.3
) -> Sequence[str]:
    """The doubts about a file that holds these months, read in November 2026."""
    found = doubts(
        dict.fromkeys(months, 5),
        newest_published=newest,
        this_month=NOVEMBER,
        shown=15,
        compared=compared,
        largest_share=largest_share,
    )
    return [doubt.code for doubt in found]


@pytest.mark.parametrize(
    ("months", "newest", "expected"),
    [
        ((202611,), 202610, []),
        ((202610,), 202610, []),
        ((202509,), 202611, []),
        ((202508,), 202611, ["month_not_shown"]),
        ((202612,), 202610, ["month_skips"]),
        ((202712,), 202711, ["month_ahead"]),
        ((202701,), None, []),
        ((202702,), None, ["month_ahead"]),
        ((202001, 202611), None, []),
        ((202611, 202711), 202610, ["month_skips"]),
    ],
)
def test_a_month_far_away_is_told(months: tuple[int, ...], newest: int | None, expected: list[str]) -> None:
    assert codes(*months, newest=newest) == expected


def test_a_whole_month_that_is_last_month_s_or_far_from_it_is_told() -> None:
    def told(customers: int, same: int, now: int, before: int) -> Sequence[str]:
        return codes(202611, compared=Compared(customers, same, now, before))

    assert told(20, 20, 1000, 1000) == ["same_as_last_month"]
    assert told(19, 19, 1000, 1000) == []
    assert told(20, 19, 1000, 1000) == []
    assert told(20, 5, 1300, 1000) == []
    assert told(20, 5, 1301, 1000) == ["total_far"]
    assert told(20, 5, 699, 1000) == ["total_far"]
    assert told(0, 0, 500, 0) == ["total_far"]


def test_the_ten_largest_changes_are_kept_in_either_direction() -> None:
    largest = Largest()
    for number in (*range(50, 100), *range(50)):
        largest.add(Change(f"{number:03}", 202611, 1000, 1000 + (number if number % 2 else -number)))
    kept = largest.in_order()
    assert [change.customer_key for change in kept] == [
        f"{number:03}" for number in range(99, 99 - LARGEST_KEPT, -1)
    ]
    unchanged = Largest()
    unchanged.add(Change("1", 202611, 500, 500))
    assert unchanged.in_order() == []


def test_a_month_is_summed_by_method() -> None:
    month = MonthSum()
    month.add(500, "口座振替")
    month.add(300, "")
    month.add(700, "口座振替")
    assert month.as_json()["methods"] == {"": [1, 300], "口座振替": [2, 1200]}
    assert (month.statements, month.total) == (3, 1500)


def test_a_month_that_was_summed_in_two_parts_is_the_same() -> None:
    parts, whole = [MonthSum(customers=2), MonthSum(customers=1)], MonthSum(customers=3)
    bills = [(0, 500, "口座振替"), (0, 700, ""), (1, 900, "口座振替"), (1, -20, "請求書")]
    for part, total, method in bills:
        parts[part].add(total, method)
        whole.add(total, method)
    parts[0].taxes = {"10": 900, "8": Decimal("300.50")}
    parts[1].taxes = {"8": Decimal("1.5"), "none": 880}
    whole.taxes = {"10": 900, "8": Decimal("302.00"), "none": 880}
    summed = MonthSum()
    for each in parts:
        summed.include(MonthSum.of_json(json.loads(json.dumps(each.as_json()))))
    assert summed.as_json() == whole.as_json()
