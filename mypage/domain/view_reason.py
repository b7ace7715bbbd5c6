"""Why staff open the portal as the subscriber sees it: one click each, and a word in the trail."""

from enum import Enum


class ViewReason(Enum):
    """A reason: its word in the trail, and what stands beside the button."""

    BILL = ("bill", "ご請求の内容のお尋ね")
    PAYMENT = ("payment", "お支払いのお尋ね")
    SCREEN = ("screen", "画面の見方のお尋ね")
    FAULT = ("fault", "表示の不具合の確認")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label


_NAMED = {reason.word: reason for reason in ViewReason}


def named(word: str) -> ViewReason | None:
    """The reason of that word; None where there is none."""
    return _NAMED.get(word)
