"""The customer number (お客様番号): what is typed folded to what is compared, and the key of a holder.

Specification §3: full width, spaces and hyphens anywhere, leading zeros kept or left out mean the same; digits
of another script and Roman numerals are no digits. ``customer_key`` is the folded number, and the holder's number
behind a hyphen from the second holder on (``70012``, ``70012-2``); a folded number holds no hyphen.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from mypage.domain.characters import DASHES, half_width, visible

LONGEST: Final = 20
# A number that many characters long is no number, however many zeros and hyphens stand in it.
_LONGEST_TYPED: Final = 64

_BETWEEN = re.compile(rf"[\s{re.escape(DASHES)}]+")
_FOLDED = re.compile(r"[0-9A-Z]+")
_DIGITS = re.compile(r"[0-9]+")
_KEY = re.compile(r"([0-9A-Z]+)(?:-([1-9][0-9]{0,8}))?")


def fold(typed: str, pattern: re.Pattern[str] | str | None = None) -> str | None:
    """The number that is compared, without leading zeros; None if ``typed`` is no customer number.

    Without ``pattern`` a number is 1 to 20 digits. An operator whose numbers hold letters or branch numbers gives
    a regular expression. It is tried on half-width capitals as they are typed, and without spaces and hyphens,
    with leading zeros added, with a hyphen put in anywhere: whatever a person leaves out, ``[0-9]{10}`` accepts
    ``12345678`` and ``[0-9]{5}-[0-9]{2}`` accepts ``7001201``. Zeros alone are no number.
    """
    if len(typed) > _LONGEST_TYPED:
        return None
    if pattern is None and typed.isascii() and typed.isdigit():
        # Nothing to fold, as nearly always in a file; of the rest only the zeros and the length are left to see.
        number = typed.lstrip("0")
        return number if 0 < len(number) <= LONGEST else None
    text = half_width(visible(typed)).upper()
    number = _BETWEEN.sub("", text).lstrip("0")
    if not number or len(number) > LONGEST:
        return None
    if pattern is None:
        return number if _DIGITS.fullmatch(number) else None
    if not _FOLDED.fullmatch(number):
        return None
    expression = _compiled(pattern)
    return number if any(expression.fullmatch(form) for form in _written(text, number)) else None


def _written(text: str, number: str) -> Iterator[str]:
    """The ways in which an operator may write ``number``; ``text`` is how it was typed."""
    yield _BETWEEN.sub("-", text.strip())
    for zeros in range(LONGEST - len(number) + 1):
        padded = "0" * zeros + number
        yield padded
        for place in range(1, len(padded)):
            yield f"{padded[:place]}-{padded[place:]}"


def looks_right(typed: str, pattern: re.Pattern[str] | str | None = None) -> bool:
    """Whether ``typed`` could be one of this operator's numbers: by pattern, never by the master (A-05)."""
    return fold(typed, pattern) is not None


def customer_key(number: str, holder_no: int = 1) -> str:
    """The key of a holder: ``70012``, and ``70012-2`` for the second holder of that number.

    ``number`` is a folded one; ``ValueError`` if it is not, or if ``holder_no`` is below 1.
    """
    key = number if holder_no == 1 else f"{number}-{holder_no}"
    if split_key(key) != (number, holder_no):
        raise ValueError("a customer key needs a folded number and a holder number from 1 on")
    return key


def split_key(key: str) -> tuple[str, int]:
    """The folded number and the holder number of a key; ``ValueError`` if it is no key."""
    found = _KEY.fullmatch(key)
    if found is None or key.startswith("0") or found[2] == "1" or len(found[1]) > LONGEST:
        raise ValueError("not a customer key")
    return found[1], int(found[2] or 1)


@cache
def _compiled(pattern: re.Pattern[str] | str) -> re.Pattern[str]:
    return re.compile(
        pattern.pattern if isinstance(pattern, re.Pattern) else pattern, re.ASCII | re.IGNORECASE
    )
