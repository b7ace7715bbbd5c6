"""How money, months, days and instants are written on a page, per language."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from mypage.domain.billing_month import BillingMonth

TOKYO = ZoneInfo("Asia/Tokyo")
_WEEKDAYS_JA = "月火水木金土日"


def _plain(amount: int | Decimal) -> int | Decimal:
    """Without zeros at the end of the fraction: a database keeps 2.2 as 2.200000."""
    if isinstance(amount, int):
        return amount
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


def yen_ja(amount: int | Decimal) -> str:
    """``12,345円``."""
    return f"{_plain(amount):,}円"


def yen_en(amount: int | Decimal) -> str:
    """``¥12,345``; a minus stands before the sign."""
    plain = _plain(amount)
    return f"-¥{-plain:,}" if plain < 0 else f"¥{plain:,}"


def month_ja(month: BillingMonth) -> str:
    """``2026年10月``."""
    return f"{month.year}年{month.month}月"


def month_en(month: BillingMonth) -> str:
    """``October 2026``."""
    return date(month.year, month.month, 1).strftime("%B %Y")


def day_ja(day: date) -> str:
    """``2026年10月27日（火）``."""
    return f"{day.year}年{day.month}月{day.day}日（{_WEEKDAYS_JA[day.weekday()]}）"


def day_en(day: date) -> str:
    """``Tuesday, 27 October 2026``."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def moment_ja(instant: datetime) -> str:
    """``2026年10月27日（火）15時04分``, Asia/Tokyo."""
    local = instant.astimezone(TOKYO)
    return f"{day_ja(local.date())}{local.hour}時{local.minute:02}分"


def moment_en(instant: datetime) -> str:
    """``15:04 on Tuesday, 27 October 2026 (Japan time)``."""
    local = instant.astimezone(TOKYO)
    return f"{local:%H:%M} on {day_en(local.date())} (Japan time)"


def change_ja(amount: int) -> str:
    """``前回より 330円増``, ``前回より 330円減`` or ``前回と同じ``."""
    if amount == 0:
        return "前回と同じ"
    return f"前回より {amount:,}円増" if amount > 0 else f"前回より {-amount:,}円減"


def change_en(amount: int) -> str:
    """``¥330 more than the last bill``, ``¥330 less …`` or ``Same as the last bill``."""
    if amount == 0:
        return "Same as the last bill"
    return f"¥{abs(amount):,} {'more' if amount > 0 else 'less'} than the last bill"


def quantity(number: Decimal) -> str:
    """A quantity or unit price without zeros that say nothing: ``2.2``, ``1``, ``1,200``."""
    whole = number.to_integral_value()
    return f"{whole:,f}" if number == whole else f"{number.normalize():,f}"


def filters(language: str) -> Mapping[str, Callable[..., Any]]:
    """The template filters of one language."""
    if language == "en":
        return {
            "yen": yen_en,
            "month": month_en,
            "day": day_en,
            "moment": moment_en,
            "change": change_en,
            "quantity": quantity,
        }
    return {
        "yen": yen_ja,
        "month": month_ja,
        "day": day_ja,
        "moment": moment_ja,
        "change": change_ja,
        "quantity": quantity,
    }
