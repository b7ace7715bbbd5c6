"""「請求確定のお知らせ」: of which month a publication tells, and of whose bills.

Source: specification §6 and "decisions", *Mailings*. Told is the newest published billing month only, while it is news:
an operator who loads months of history tells nobody of what they were billed last year.
"""

from collections.abc import Iterable, Set
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import Bill

_TOKYO: Final = ZoneInfo("Asia/Tokyo")
_SHOWN_DIGITS: Final = 4


def is_news(month: BillingMonth, now: datetime) -> bool:
    """Whether a billing month is still news: of last month at the oldest (Asia/Tokyo)."""
    today = now.astimezone(_TOKYO)
    return month >= BillingMonth(today.year, today.month).previous()


def is_told(bills: Iterable[Bill], batch_ids: Set[int] | None = None) -> bool:
    """Whether there is something to tell of a customer's bills of a month, as they are seen.

    At least one stands (取消 is told to nobody), and ``batch_ids``, where they are given, brought one of their versions: a
    publication tells those whom it concerns. A correction that came above it meanwhile takes no notice away.
    """
    seen = list(bills)
    return any(not bill.version.withdrawn for bill in seen) and (
        batch_ids is None
        or any(version.batch_id in batch_ids for bill in seen for version in (bill.version, *bill.earlier))
    )


def ending(number: str) -> str:
    """The last four digits of a customer number: which of their contracts, for whoever holds several.

    Nothing of a number of fewer than eight digits: four would then tell most of it.
    """
    return number[-_SHOWN_DIGITS:] if len(number) >= 2 * _SHOWN_DIGITS else ""
