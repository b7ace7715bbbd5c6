"""The preview of a charges batch for its page: what would be seen, against the month before (specification §6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from mypage.domain.billing_month import BillingMonth
from mypage.domain.statement import TaxClass
from mypage.services.batches import Batch
from mypage.words.filters import yen_ja
from mypage.words.sentences import sentence


class Figure(NamedTuple):
    """A line of a month: now, the month before and the difference in words; the latter two empty where not compared."""

    label: str
    now: str
    before: str = ""
    difference: str = ""


class Bill(NamedTuple):
    """A statement to look at: whose, of which month; before and now in yen where it is a change."""

    customer_key: str
    month: BillingMonth
    before: int = 0
    now: int = 0

    @property
    def difference(self) -> str:
        """``+330円``."""
        return f"{self.now - self.before:+,}円"


@dataclass(frozen=True, slots=True)
class Month:
    """A billing month of the file; ``groups`` are counts, payment methods and tax classes, each with its title."""

    month: BillingMonth
    is_compared: bool
    groups: tuple[tuple[str, tuple[Figure, ...]], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """``against`` is the month before; ``missing`` customers had a bill then and have none now."""

    months: tuple[Month, ...]
    against: BillingMonth | None
    corrects: int
    missing: int
    missing_first: tuple[str, ...]
    largest: tuple[Bill, ...]
    samples: tuple[Bill, ...]


def of(batch: Batch) -> Preview | None:
    """The preview that the last check of the batch came to; None for kinds and states without one."""
    told: Mapping[str, Any] | None = batch.counts.get("preview")
    if told is None:
        return None
    before = told["before"]
    newest = max(told["months"], default="")
    return Preview(
        months=tuple(
            _month(int(month), sums, before if month == newest else None)
            for month, sums in sorted(told["months"].items(), reverse=True)
        ),
        against=None if told["against"] is None else BillingMonth.from_int(told["against"]),
        corrects=told["corrects"],
        missing=told["missing"],
        missing_first=tuple(told["missing_first"]),
        largest=tuple(
            Bill(key, BillingMonth.from_int(month), was, now) for key, month, was, now in told["largest"]
        ),
        samples=tuple(Bill(key, BillingMonth.from_int(month)) for key, month in told["samples"]),
    )


def _month(month: int, sums: Mapping[str, Any], before: Mapping[str, Any] | None) -> Month:
    groups = (
        ("件数と金額", tuple(_counts(sums, before))),
        ("お支払方法", tuple(_methods(sums["methods"], None if before is None else before["methods"]))),
        ("税区分", tuple(_taxes(sums["taxes"], None if before is None else before["taxes"]))),
    )
    return Month(BillingMonth.from_int(month), before is not None, tuple(each for each in groups if each[1]))


def _counts(sums: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Figure]:
    for label, name, unit in (
        ("明細", "statements", "件"),
        ("お客様", "customers", "件"),
        ("ご請求額の合計", "total", "円"),
    ):
        yield _figure(label, sums[name], None if before is None else before[name], unit)


def _methods(now: Mapping[str, Any], before: Mapping[str, Any] | None) -> Iterator[Figure]:
    for method in sorted({*now, *(before or ())}):
        count, yen = now.get(method, (0, 0))
        figure = _figure("", yen, None if before is None else before.get(method, (0, 0))[1], "円")
        yield figure._replace(label=f"{method or '指定なし'}（{count:,}件）")


def _taxes(now: Mapping[str, str], before: Mapping[str, str] | None) -> Iterator[Figure]:
    for tax in sorted({*now, *(before or ())}):
        label = sentence(f"tax_{TaxClass(tax).value}", "ja")
        was = None if before is None else Decimal(before.get(tax, "0"))
        yield _figure(label, Decimal(now.get(tax, "0")), was, "円")


def _figure(label: str, now: int | Decimal, before: int | Decimal | None, unit: str) -> Figure:
    def said(amount: int | Decimal) -> str:
        return yen_ja(amount) if unit == "円" else f"{amount:,}{unit}"

    if before is None:
        return Figure(label, said(now))
    difference = now - before
    sign = "+" if difference > 0 else ""
    return Figure(label, said(now), said(before), f"{sign}{said(difference)}" if difference else "同じ")
