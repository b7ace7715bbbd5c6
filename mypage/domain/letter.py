"""The ten-character code in a letter to the customer's address, and what such a letter is worth.

Specification §2 (``signup_proof`` = ``letter``): 30 days, 5 tries; §3: compared upper-case, without spaces and hyphens.
The code is made from a signing key whenever it is needed and rests nowhere: the same letter has the same code, and
without the key nobody learns it from the database.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from mypage.domain.identity import fold_code

# Nothing that is read for something else on paper (0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V), and no vowel: no code is a word.
ALPHABET: Final = "34679CDFGHJKMNPRTWXY"
LENGTH: Final = 10
LIFE: Final = timedelta(days=30)
MOST_TRIES: Final = 5
# A letter that has not come by then is taken for lost, and a new one may be asked for.
LOST_AFTER: Final = timedelta(days=7)
# Letters to one customer in 30 days, the first included: nobody fills a stranger's letter box with them.
MOST_LETTERS: Final = 3
WINDOW: Final = timedelta(days=30)
_HALF: Final = LENGTH // 2


class State(StrEnum):
    """What a letter is worth: waiting to be posted, on its way, too old, or its tries used up."""

    WAITING = "waiting"
    POSTED = "posted"
    EXPIRED = "expired"
    USED_UP = "used_up"


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a letter goes, and where."""

    name: str
    postal_code: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter with a code. ``posted_at`` is when it was handed to whoever prints and posts it."""

    serial: int
    asked_at: datetime
    posted_at: datetime | None
    expires_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why no new letter is sent now: ``letter_waiting``, ``letter_on_its_way`` or ``letter_limit``.

    ``until`` is None where nobody knows how long.
    """

    code: str
    until: datetime | None


def recipient(master: Mapping[str, Any]) -> Recipient | None:
    """To whom the letter about a customer goes; None where the master has no address.

    Where the service is, not where the bill goes: the code must reach who lives with the contract, and not who pays
    for it (a landlord, a company, a child far away). Only without that address is it the bill's.
    """
    if master["address"]:
        return Recipient(master["name"], master["postal_code"] or "", master["address"])
    if master["billing_address"]:
        name = master["billing_name"] or master["name"]
        return Recipient(name, master["billing_postal_code"] or "", master["billing_address"])
    return None


def code(secret: str, customer_key: str, account_id: str, serial: int) -> str:
    """The code of a letter under one signing key."""
    named = f"letter code\n{customer_key}\n{account_id}\n{serial}".encode()
    number = int.from_bytes(hmac.new(secret.encode(), named, sha256).digest())
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)


def printed(letters: str) -> str:
    """A code as it stands on paper: in two halves, which no spreadsheet takes for a number."""
    return f"{letters[:_HALF]}-{letters[_HALF:]}"


def is_complete(typed: str) -> bool:
    """Whether ``typed`` has as many letters as a code: what has not is no try."""
    return len(fold_code(typed)) == LENGTH


def opens(typed: str, codes: Sequence[str]) -> bool:
    """Whether ``typed`` is one of ``codes`` (one for each signing key). All are compared."""
    folded = fold_code(typed).encode(errors="surrogatepass")
    found = [hmac.compare_digest(folded, each.encode()) for each in codes]
    return any(found)


def state(letter: Letter, now: datetime) -> State:
    """What a letter is worth at ``now``. The 30 days begin when it is handed to be posted."""
    if letter.tries >= MOST_TRIES:
        return State.USED_UP
    if letter.expires_at is None:
        return State.WAITING
    return State.POSTED if now < letter.expires_at else State.EXPIRED


def not_yet(letters: Sequence[Letter], now: datetime) -> NotYet | None:
    """Why a new letter may not be asked for at ``now``; None if it may. ``letters``: all of the customer, oldest first."""
    newest, found = letters[-1], []
    worth = state(newest, now)
    if worth is State.WAITING:
        return NotYet("letter_waiting", None)
    if worth is State.POSTED and newest.posted_at is not None and now < newest.posted_at + LOST_AFTER:
        found.append(NotYet("letter_on_its_way", newest.posted_at + LOST_AFTER))
    counted = [each.asked_at + WINDOW for each in letters if now < each.asked_at + WINDOW]
    if len(counted) >= MOST_LETTERS:
        found.append(NotYet("letter_limit", counted[-MOST_LETTERS]))
    return max(found, key=lambda each: each.until or now, default=None)
