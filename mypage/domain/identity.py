"""Who may register: the claim of a person compared with the holders of the master.

Specification §2: number, phone and name must all match one holder who may register. The person is told one
message for every miss; which item missed is for staff. Every comparison is made in every case, and against a
stand-in where the number is unknown, so that no miss is quicker than another.
"""

import hmac
import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from mypage.domain import customer_number, kana, phone
from mypage.domain.characters import DASHES, half_width, visible

# By letter is proven after the activation: here it is the same as none.
Proof = Literal["none", "key", "letter"]

_BETWEEN = re.compile(rf"[\s{re.escape(DASHES)}]+")


class HolderStatus(StrEnum):
    """契約中, 休止中, 解約済 (specification "formats", customers.csv)."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class MissedItem(StrEnum):
    """What a claim missed. For staff and the trail only, never for the person."""

    CUSTOMER_NUMBER = "customer_number"
    PHONE = "phone"
    NAME_KANA = "name_kana"
    REGISTRATION_KEY = "registration_key"
    NOT_YET_CONTRACTED = "not_yet_contracted"
    ENDED_TOO_LONG_AGO = "ended_too_long_ago"
    WEB_REGISTRATION_OFF = "web_registration_off"
    DEFICIENT = "deficient"


@dataclass(frozen=True, slots=True)
class IdentityClaim:
    """What a person typed on screen 1, as typed."""

    customer_number: str
    phone: str
    name_kana: str
    registration_key: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimKeys:
    """A claim folded to what is compared; None or empty where nothing was left."""

    customer_number: str | None
    phone: str | None
    name_keys: frozenset[str]
    registration_key: str


@dataclass(frozen=True, slots=True)
class Holder:
    """What the master says of one holder of a customer number.

    ``name_keys`` and ``phone_keys`` hold the keys of the second reading and second number too; ``deficient`` is a
    row whose kana or phone is to be put right first.
    """

    customer_key: str
    name_keys: frozenset[str]
    phone_keys: frozenset[str]
    status: HolderStatus
    contracted_on: date | None = None
    ended_on: date | None = None
    web_registration: bool = True
    registration_key: str | None = None
    deficient: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The claim is this holder's, who may register."""

    holder: Holder


@dataclass(frozen=True, slots=True)
class Miss:
    """No holder matched. ``missed`` is told of the holder who came nearest, whose key is ``nearest``.

    ``nearest`` is None where nobody has that number; then ``missed`` is the number alone.
    """

    missed: tuple[MissedItem, ...]
    nearest: str | None = None


# Nobody: compared like anybody where a number has no holder.
_NOBODY: Final = Holder("0", frozenset({"-"}), frozenset({"-"}), HolderStatus.ACTIVE, registration_key="-")


def claim_keys(
    claim: IdentityClaim, *, pattern: re.Pattern[str] | str | None = None, fold_v: bool = False
) -> ClaimKeys:
    """Fold what was typed, by the operator's settings for numbers and for ヴ."""
    return ClaimKeys(
        customer_number=customer_number.fold(claim.customer_number, pattern),
        phone=phone.fold(claim.phone),
        name_keys=kana.name_keys(claim.name_kana, fold_v=fold_v),
        registration_key=fold_code(claim.registration_key or ""),
    )


def fold_code(typed: str) -> str:
    """A code (登録キー, serial number) as it is compared: capitals without spaces and hyphens."""
    return _BETWEEN.sub("", half_width(visible(typed))).upper()


def compare(
    claim: ClaimKeys,
    holders: Iterable[Holder],
    today: date,
    months_after_end: int = 3,
    proof: Proof = "none",
) -> Match | Miss:
    """The newest of ``holders`` whom the claim matches and who may register, else what was missed.

    ``holders`` are those of the claimed number, or others to compare it with where nobody has it: one of another
    number never matches, and the miss names nobody. ``today`` is the date in Japan. With ``proof`` ``key`` the
    registration key must match too, and a holder without one cannot register.
    """
    newest_first = sorted(holders, key=_age, reverse=True)
    compared = [
        (holder, _missed(claim, holder, today, months_after_end, proof))
        for holder in newest_first or [_NOBODY]
    ]
    # min() keeps the first of equals: the newest holder.
    nearest, missed = min(compared, key=lambda pair: len(pair[1]))
    if MissedItem.CUSTOMER_NUMBER in missed:
        return Miss((MissedItem.CUSTOMER_NUMBER,))
    return Miss(missed, nearest.customer_key) if missed else Match(nearest)


def has_number_and_phone(claim: ClaimKeys, holders: Iterable[Holder]) -> bool:
    """Whether number and telephone are those of one of ``holders``: what a mail does not tell whoever got it."""
    found = [
        claim.customer_number == holder.customer_key.partition("-")[0] and claim.phone in holder.phone_keys
        for holder in holders
    ]
    return any(found)


def may_register(holder: Holder, today: date, months_after_end: int = 3) -> tuple[MissedItem, ...]:
    """Why this holder may not register on the web, empty if allowed: status, 「Web登録不可」, defects."""
    found = {
        MissedItem.NOT_YET_CONTRACTED: holder.status == HolderStatus.ACTIVE
        and holder.contracted_on is not None
        and today < holder.contracted_on,
        MissedItem.ENDED_TOO_LONG_AGO: holder.status == HolderStatus.ENDED
        and (holder.ended_on is None or today > months_later(holder.ended_on, months_after_end)),
        MissedItem.WEB_REGISTRATION_OFF: not holder.web_registration,
        MissedItem.DEFICIENT: holder.deficient,
    }
    return tuple(item for item, so in found.items() if so)


def months_later(day: date, months: int) -> date:
    """The same day of the month that many months later, the last one where that month is shorter."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    if year > date.max.year:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _age(holder: Holder) -> int:
    return customer_number.split_key(holder.customer_key)[1]


def _missed(
    claim: ClaimKeys, holder: Holder, today: date, months_after_end: int, proof: Proof
) -> tuple[MissedItem, ...]:
    number = holder.customer_key.partition("-")[0]
    held_key = fold_code(holder.registration_key or "")
    # Any text can be typed, halves of surrogate pairs too, which UTF-8 does not have.
    same_key = hmac.compare_digest(
        claim.registration_key.encode(errors="surrogatepass"), held_key.encode(errors="surrogatepass")
    )
    found = {
        MissedItem.CUSTOMER_NUMBER: claim.customer_number != number,
        MissedItem.PHONE: claim.phone is None or claim.phone not in holder.phone_keys,
        MissedItem.NAME_KANA: claim.name_keys.isdisjoint(holder.name_keys),
        MissedItem.REGISTRATION_KEY: not (same_key and held_key) and proof == "key",
    }
    return tuple(item for item, so in found.items() if so) + may_register(holder, today, months_after_end)
