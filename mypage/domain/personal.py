"""What is personal of a customer and stands masked before staff, until they let it be shown ([表示する])."""

from enum import Enum


class Personal(Enum):
    """A group of facts that is shown together: its word in the trail, and the words on the screen."""

    NAME = ("name", "お名前")
    PHONE = ("phone", "電話番号")
    ADDRESS = ("address", "ご住所")
    BILLING = ("billing", "請求先")
    EMAIL = ("email", "メールアドレス")
    LOGIN_ID = ("login_id", "アカウントID")

    def __init__(self, word: str, label: str) -> None:
        self.word = word
        self.label = label


_NAMED = {fact.word: fact for fact in Personal}


def named(word: str) -> Personal | None:
    """The group of that word; None where there is none."""
    return _NAMED.get(word)
