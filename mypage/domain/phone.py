"""Telephone numbers, folded to what is compared.

Specification §3: hyphens of any code point, brackets, dots, slashes and spaces do not count; ``+81``, ``+81 (0)``,
``0081`` and a leading zero that a spreadsheet took are the same number. A key is the national number with its
zero (``0748621234``), a foreign one keeps its plus (``+12025550123``).
"""

import re
from typing import Final

from mypage.domain.characters import DASHES, half_width, visible

# The longest national number has ten digits behind its zero, the shortest nine.
_NATIONAL_DIGITS: Final = 10
_LONGEST: Final = 15  # ITU-T E.164
_LONGEST_TYPED: Final = 64

_BETWEEN = re.compile(rf"[\s{re.escape(DASHES)}一()\[\]{{}}<>〔〕【】「」.,/・･·•｡。、､]+")
_NUMBER = re.compile(r"(\+?)([0-9]+)")


def fold(typed: str) -> str | None:
    """The number that is compared, None if ``typed`` is none: letters, nothing, or one digit all over."""
    if len(typed) > _LONGEST_TYPED:
        return None
    found = _NUMBER.fullmatch(_BETWEEN.sub("", half_width(visible(typed))))
    if found is None or len(set(found[2])) == 1:
        return None
    plus, digits = found[1], found[2].lstrip("0")
    # No Japanese number of eleven digits begins with 81 behind its zeros: there it is the country.
    if digits.startswith("81") and (plus or len(digits) > _NATIONAL_DIGITS):
        plus, digits = "", digits[2:].lstrip("0")
        if len(digits) > _NATIONAL_DIGITS:
            return None
    if not digits or len(digits) > _LONGEST or (plus and len(set(digits)) == 1):
        return None
    return f"+{digits}" if plus else f"0{digits}"


def phone_defect(phone: str) -> str | None:
    """Why a number of the master cannot be matched by what its holder types, None if it can.

    ``phone_empty``; ``phone_dummy``: all one digit; ``phone_unreadable``: no number, or more than one in the cell.
    Specification "formats", customers.csv.
    """
    digits = _BETWEEN.sub("", half_width(visible(phone)))
    if not digits:
        return "phone_empty"
    if len(set(digits)) == 1 and digits[0] in "0123456789":
        return "phone_dummy"
    return "phone_unreadable" if fold(phone) is None else None


def phone_keys(*phones: str | None) -> frozenset[str]:
    """The keys of all numbers of a contract that can be compared: defective and missing ones give none."""
    return frozenset(key for key in (fold(phone) for phone in phones if phone) if key is not None)
