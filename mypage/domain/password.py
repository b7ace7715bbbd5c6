"""Rules for passwords, in the two profiles of specification §2.

``operator``: 8–16 half-width characters, at least two of lower case, upper case and digits, symbols allowed.
``strict``: at least 15 characters of any script, 64 and more accepted, no composition. In both never a common
password, the login id, the customer number, the phone or the name. Passwords are compared exactly as typed;
nothing here changes one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from mypage.domain import customer_number as numbers
from mypage.domain import kana, romaji
from mypage.domain import login_id as login_ids
from mypage.domain import phone as phones

ProfileName = Literal["operator", "strict"]

_RUNS: Final = (
    "0123456789" * 13,
    "abcdefghijklmnopqrstuvwxyz" * 6,
    "qwertyuiopasdfghjklzxcvbnm",
    "1234567890qwertyuiop",
)
_LONGEST_UNIT: Final = 4
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Profile:
    """The lengths of a profile, and its rules by code in the order shown on the screen."""

    shortest: int
    longest: int
    rules: tuple[str, ...]


_IN_BOTH: Final = (
    "password_common",
    "password_is_login_id",
    "password_is_customer_number",
    "password_is_phone",
    "password_is_name",
)
PROFILES: Final[Mapping[ProfileName, Profile]] = {
    "operator": Profile(
        8,
        16,
        ("password_under_8", "password_over_16", "password_not_half_width", "password_one_kind", *_IN_BOTH),
    ),
    # 128: twice what must be accepted, room for any passphrase, and nothing that slows a form down.
    "strict": Profile(15, 128, ("password_under_15", "password_over_128", "password_unprintable", *_IN_BOTH)),
}


def weaknesses(
    password: str,
    profile: ProfileName,
    login_id: str = "",
    customer_number: str = "",
    phone: str | Iterable[str] = (),
    names: Iterable[str] = (),
) -> tuple[str, ...]:
    """Codes of every rule of ``profile`` that ``password`` fails, in the order shown; empty if it is a good one.

    Of the person: ``login_id`` as typed, ``customer_number`` (or a customer key), one ``phone`` or several, and
    ``names`` in any script. What is not known yet is left out.
    """
    fails = _rules(
        password, login_id, customer_number, [phone] if isinstance(phone, str) else list(phone), names
    )
    return tuple(code for code in PROFILES[profile].rules if fails[code]())


def could_be_one(password: str) -> bool:
    """Whether any profile lets this be somebody's password. What most scanners submit is not."""
    return not all(weaknesses(password, profile) for profile in PROFILES)


def hints(password: str) -> tuple[str, ...]:
    """What may have gone wrong at the keyboard; nothing is refused for it.

    ``password_hint_full_width``: characters that are not half-width; ``password_hint_caps_lock``: letters, all of
    them capitals.
    """
    found = {
        "password_hint_full_width": not password.isascii(),
        "password_hint_caps_lock": password.isupper(),
    }
    return tuple(code for code, so in found.items() if so)


def is_common(password: str) -> bool:
    """Whether it is among the passwords that are tried first, upper and lower case alike.

    Also a run of the keyboard or the alphabet, one of up to four characters repeated, or a common one repeated.
    """
    lower = password.lower()
    if not _LONGEST_UNIT <= len(lower) <= PROFILES["strict"].longest:
        return False
    if lower in _common() or any(lower in run or lower[::-1] in run for run in _RUNS):
        return True
    unit = _repeated_unit(lower)
    return unit is not None and (len(unit) <= _LONGEST_UNIT or unit in _common())


def _rules(
    password: str, login_id: str, customer_number: str, phone: list[str], names: Iterable[str]
) -> dict[str, Callable[[], bool]]:
    kinds = [str.islower, str.isupper, str.isdigit]
    return {
        "password_under_8": lambda: len(password) < PROFILES["operator"].shortest,
        "password_over_16": lambda: len(password) > PROFILES["operator"].longest,
        "password_under_15": lambda: len(password) < PROFILES["strict"].shortest,
        "password_over_128": lambda: len(password) > PROFILES["strict"].longest,
        "password_not_half_width": lambda: not all("!" <= sign <= "~" for sign in password),
        "password_unprintable": lambda: not all(sign.isprintable() or sign == "\u3000" for sign in password),
        "password_one_kind": lambda: sum(any(map(kind, password)) for kind in kinds) < 2,
        "password_common": lambda: is_common(password),
        "password_is_login_id": lambda: bool(login_id) and login_ids.key(password) == login_ids.key(login_id),
        "password_is_customer_number": lambda: _is_number(password, customer_number),
        "password_is_phone": lambda: bool(phones.phone_keys(password) & phones.phone_keys(*phone)),
        "password_is_name": lambda: any(_is_name(password, name) for name in names),
    }


def _is_number(password: str, customer_number: str) -> bool:
    pattern = r"[0-9A-Z]+"
    folded = numbers.fold(password, pattern)
    return folded is not None and folded == numbers.fold(customer_number.partition("-")[0], pattern)


def _is_name(password: str, name: str) -> bool:
    if kana.same_name(password, name):
        return True
    plain = _SIGNS.sub("", unicodedata.normalize("NFKC", password).casefold())
    return bool(plain) and plain in romaji.spellings(name)


def _repeated_unit(text: str) -> str | None:
    """The shortest text of which ``text`` is made by repeating, the last time perhaps cut; None if there is none."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1))[: len(text)] == text:
            return text[:length]
    return None


@cache
def _common() -> frozenset[str]:
    listed = files("mypage.domain").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("# "))
