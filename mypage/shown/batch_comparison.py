"""Two batches of a kind side by side in figures: what a correction file holds more, less, or with other sums."""

from typing import NamedTuple

from mypage.domain.billing_month import BillingMonth
from mypage.services.batch_comparison import Difference
from mypage.services.batches import Batch
from mypage.shown.batch_page import COUNTS
from mypage.words.filters import month_ja, yen_ja


class Pair(NamedTuple):
    """A figure of both batches, and the difference in words."""

    label: str
    first: str
    second: str
    difference: str


class Statement(NamedTuple):
    """A statement that both tell differently, in words."""

    customer_key: str
    month: BillingMonth
    number: int
    first: str
    second: str
    difference: str


def figures(first: Batch, second: Batch) -> list[Pair]:
    """Counts, the sum, and the sums of the months."""
    pairs = []
    for name, label in COUNTS:
        counts = [each.counts.get(name) or 0 for each in (first, second)]
        if any(counts):
            pairs.append(_pair(label, counts[0], counts[1], "件"))
    if "total" in first.counts or "total" in second.counts:
        pairs.append(_pair("金額の合計", first.counts.get("total", 0), second.counts.get("total", 0), "円"))
    pairs += _months(first, second)
    pairs.append(_pair("エラー", first.errors, second.errors, "件"))
    pairs.append(_pair("注意", first.warnings, second.warnings, "件"))
    return pairs


def statement(found: Difference) -> Statement:
    """A difference in words."""
    first, second = (
        "取り消し" if is_gone else "なし" if total is None else yen_ja(total)
        for total, is_gone in (
            (found.first, found.is_withdrawn_first),
            (found.second, found.is_withdrawn_second),
        )
    )
    difference = "" if found.first is None or found.second is None else f"{found.second - found.first:+,}円"
    return Statement(
        found.customer_key, BillingMonth.from_int(found.month), found.number, first, second, difference
    )


def _months(first: Batch, second: Batch) -> list[Pair]:
    """The sums of each month; a month that is in one of them only is told as well."""
    sums = [(each.counts.get("preview") or {}).get("months", {}) for each in (first, second)]
    pairs = []
    for month in sorted({*sums[0], *sums[1]}, reverse=True):
        said = month_ja(BillingMonth.from_int(int(month)))
        for label, name, unit in (("明細", "statements", "件"), ("金額", "total", "円")):
            values = [each[month][name] if month in each else 0 for each in sums]
            pairs.append(_pair(f"{said}の{label}", values[0], values[1], unit))
    return pairs


def _pair(label: str, first: int, second: int, unit: str) -> Pair:
    difference = f"{second - first:+,}{unit}" if second != first else "同じ"
    return Pair(label, f"{first:,}{unit}", f"{second:,}{unit}", difference)
