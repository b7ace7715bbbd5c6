"""Second factors of whoever logs in, staff or subscriber: an authenticator app, passkeys, recovery codes.

Sources: specification §5, "security" (insider with the database), RFC 6238. An app's code is good for the step of
thirty seconds in which it was made and for one before and after, and once. A recovery code is good once.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

from mypage.domain.letter import ALPHABET

STEP_SECONDS: Final = 30
# A telephone's clock may be that many steps ahead or behind.
DRIFT: Final = 1
DIGITS: Final = 6
RECOVERY_CODES: Final = 10
# 16 letters of 20: 69 bits, so a hash of one cannot be turned round by trying.
CODE_LENGTH: Final = 16
CODE_GROUP: Final = 4
MOST_PASSKEYS: Final = 10
LONGEST_LABEL: Final = 40
# Nobody types more; what is longer is not worth folding.
_LONGEST_TYPED: Final = 100


class Method(StrEnum):
    """How somebody proves to be the owner, besides the password."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose factors they are: a kind of login (``staff``, ``account``) and its id."""

    kind: str
    id: str

    @property
    def word(self) -> str:
        """The owner as one text, as it stands in the trail and in what is encrypted."""
        return f"{self.kind}:{self.id}"

    @property
    def account_id(self) -> str | None:
        """The web login, where the owner is one: the trail of a subscriber is found by it."""
        return self.id if self.kind == "account" else None


def step_of(moment: datetime) -> int:
    """The time step of RFC 6238 at that moment."""
    return int(moment.timestamp()) // STEP_SECONDS


def steps_accepted(moment: datetime) -> range:
    """The steps whose codes are accepted at that moment."""
    now = step_of(moment)
    return range(now - DRIFT, now + DRIFT + 1)


def digits_typed(typed: str) -> str:
    """The digits of an app's code however they are written: full-width, in groups; empty for what cannot be one."""
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED])
    digits = "".join(sign for sign in folded if sign not in " -\t\u3000ー‐−")
    return digits if len(digits) == DIGITS and digits.isascii() and digits.isdigit() else ""


def code_typed(typed: str) -> str:
    """The letters of a recovery code however they are written; empty for what cannot be one."""
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).upper()
    letters = "".join(sign for sign in folded if sign.isalnum())
    return letters if len(letters) == CODE_LENGTH and set(letters) <= set(ALPHABET) else ""


def code_shown(letters: str) -> str:
    """A recovery code in groups, as it is written down."""
    return "-".join(letters[at : at + CODE_GROUP] for at in range(0, len(letters), CODE_GROUP))


def code_hash(owner: Owner, letters: str) -> str:
    """What the database keeps of a recovery code."""
    return sha256(f"recovery-code\n{owner.word}\n{letters}".encode()).hexdigest()


def label_of(typed: str) -> str:
    """The name that somebody gives to a passkey, on one line; a plain word where they give none."""
    folded = " ".join("".join(sign if sign.isprintable() else " " for sign in typed[:_LONGEST_TYPED]).split())
    return folded[:LONGEST_LABEL] or "パスキー"
