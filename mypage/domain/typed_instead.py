"""What people type in the place of a customer number: told by its pattern only, never by the master (first-try A-05)."""

import re
from enum import Enum, auto
from typing import Final

from mypage.domain import phone
from mypage.domain.characters import DASHES, half_width, visible

_LONGEST_TYPED: Final = 400
# No customer number is longer; a payment slip's bar code and its reference numbers are.
_LONGEST_NUMBER: Final = 20

_BETWEEN = re.compile(rf"[\s{re.escape(DASHES)}]+")
_MOBILE = re.compile(r"0[789]0[0-9]{8}")
# The issuer's number on each bill (適格請求書発行事業者の登録番号).
_ISSUER = re.compile(r"T[0-9]{13}")
_DIGITS = re.compile(r"[0-9]+")


class Instead(Enum):
    """What it looks like."""

    TELEPHONE = auto()
    MAIL_ADDRESS = auto()
    # A number of the bill or the payment slip.
    REFERENCE = auto()


def typed_instead(typed: str, typed_phone: str = "") -> Instead | None:
    """What ``typed`` looks like if it is hardly a customer number, None where nothing speaks against one.

    A telephone number: a mobile one written with its zero or its country, or the number of the field beside it.
    """
    text = _BETWEEN.sub("", half_width(visible(typed[:_LONGEST_TYPED])))
    if "@" in text:
        return Instead.MAIL_ADDRESS
    if _ISSUER.fullmatch(text.upper()) or (_DIGITS.fullmatch(text) and len(text) > _LONGEST_NUMBER):
        return Instead.REFERENCE
    number = phone.fold(typed)
    if number is None:
        return None
    is_mobile = _MOBILE.fullmatch(number) is not None and text.startswith(("0", "+"))
    return Instead.TELEPHONE if is_mobile or number == phone.fold(typed_phone) else None
