"""The call for which staff look or act: with whom, and how that person was verified (specification §5).

Noted once and good for that customer and that member of staff, until it is ended or half an hour after its last use.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

UNUSED_FOR: Final = timedelta(minutes=30)


class Caller(Enum):
    """Who calls."""

    SELF = ("self", "本人")
    FAMILY = ("family", "家族")
    AGENT = ("agent", "代理人")
    CORPORATE = ("corporate", "法人担当者")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label


class Verified(Enum):
    """By what the caller was verified. What a neighbour knows as well stands first, and alone it is weak."""

    IDENTITY = ("identity", "お客様番号・電話番号・お名前")
    ADDRESS = ("address", "ご住所")
    BILL = ("bill", "最近のご請求額")
    CONTRACT = ("contract", "ご契約内容")
    CODE = ("code", "お電話用の確認番号")
    DOCUMENT = ("document", "書面（委任状・身分証の写しなど）")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label


def is_over(used_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """Whether a call is good no more."""
    return ended_at is not None or now >= used_at + UNUSED_FOR


def may_hand_over(verified: Collection[Verified]) -> bool:
    """Whether a caller was verified by more than the code that they read out (specification §5)."""
    return any(each is not Verified.CODE for each in verified)
