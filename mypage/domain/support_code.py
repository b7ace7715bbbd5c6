"""The number that a caller reads out to be known by (お電話用の確認番号), and what it is good for.

Specification §4 and §5: good for ten minutes, once. Nine digits in groups of three. The last one is a check digit: a
digit that was misheard, or two that changed places, make no other number, so the agent is told at once and nobody's
try is used up. The other eight make ninety million numbers: with five thousand of them alive at one moment, who types
a number of the right shape at random hits one in eighteen thousand tries.

It says who calls, to whoever has just logged in. That is enough for looking and for sending again to the address that
is registered, and never for what hands an account over: there a thief of the telephone would be the caller.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import islice
from typing import Final

from mypage.domain.identity import fold_code

LENGTH: Final = 9
LIFE: Final = timedelta(minutes=10)
# A call in which the number was redeemed is over by then: whoever calls again is asked again.
CALL_LASTS: Final = timedelta(minutes=30)
_GROUP: Final = 3
# The first digit is no zero: a number that begins with one is taken for a telephone number.
_LEAST: Final = 10 ** (LENGTH - 2)
_NUMBERS: Final = 9 * _LEAST
# H. M. Damm's quasigroup of order 10: finds every wrong digit and every two neighbours that changed places.
_CHECK: Final = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
_LONGEST_TYPED: Final = 40


class State(StrEnum):
    """What became of a customer's newest number."""

    NONE = "none"
    LIVE = "live"
    USED = "used"
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why a number that was typed opens nothing; for staff only."""

    MISHEARD = "misheard"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    USED = "used"
    OF_ANOTHER = "of_another"


@dataclass(frozen=True, slots=True)
class SupportCode:
    """A number as it is kept: never its digits. ``redeemed_by`` is the id of a member of staff."""

    made_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None = None
    redeemed_by: str | None = None


def number(secret: str, salt: str) -> str:
    """The digits that a key makes of a salt: the same whenever they are asked for, so they rest nowhere."""
    made = hmac.new(secret.encode(), f"support code\n{salt}".encode(), sha256).digest()
    digits = str(_LEAST + int.from_bytes(made) % _NUMBERS)
    return digits + _checked(digits)


def kept(secret: str, digits: str) -> str:
    """What is kept of a number and found by it."""
    return hmac.new(secret.encode(), f"support code kept\n{digits}".encode(), sha256).hexdigest()


def could_be_one(typed: str) -> bool:
    """Whether what was typed is a number by its shape: nine digits, however they are written, the last one right."""
    return read(typed) is not None


def is_as_long_as_one(typed: str) -> bool:
    """Whether it has as many digits as a number: then one of them was misheard or mistyped."""
    folded = _folded(typed)
    return len(folded) == LENGTH and folded.isascii() and folded.isdigit()


def read(typed: str) -> str | None:
    """The digits of a number, None where it cannot be one."""
    folded = _folded(typed)
    if not is_as_long_as_one(typed) or folded[0] == "0":
        return None
    return folded if _checked(folded) == "0" else None


def groups(digits: str) -> list[str]:
    """The digits as one says them: three at a time."""
    each = iter(digits)
    return ["".join(group) for group in iter(lambda: list(islice(each, _GROUP)), [])]


def state(code: SupportCode | None, now: datetime) -> State:
    """What became of it by ``now``."""
    if code is None:
        return State.NONE
    if code.redeemed_at is not None:
        return State.USED
    return State.LIVE if now < code.expires_at else State.EXPIRED


def refusal(code: SupportCode, staff_id: str, now: datetime) -> Refusal | None:
    """Why a member of staff who types it gets no answer.

    None where it is live, and for whoever redeemed it and types it again within its time: that is the same use.
    """
    if now >= code.expires_at:
        return Refusal.EXPIRED if code.redeemed_at is None else Refusal.USED
    return Refusal.USED if code.redeemed_at is not None and code.redeemed_by != staff_id else None


def _folded(typed: str) -> str:
    return fold_code(typed) if len(typed) <= _LONGEST_TYPED else ""


def _checked(digits: str) -> str:
    """The check digit of ``digits``; "0" where they end with theirs."""
    row = 0
    for digit in digits:
        row = int(_CHECK[row][int(digit)])
    return str(row)
