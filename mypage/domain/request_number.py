"""The number on a page that tells of a fault of ours: read out on the telephone, found by staff (first-try F-02)."""

from typing import Final

from mypage.domain.identity import fold_code

# Letters and digits that nobody confuses when they are read out on the phone.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 8
_LONGEST_TYPED: Final = 40


def made_of(random: bytes) -> str:
    """A number of :data:`LENGTH` random bytes. Not quite even (256 is no multiple of 31), which it need not be."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in random)


def read(typed: str) -> str | None:
    """The number that was typed, however it was grouped; None where it cannot be one."""
    folded = fold_code(typed) if len(typed) <= _LONGEST_TYPED else ""
    return folded if len(folded) == LENGTH and set(folded) <= set(ALPHABET) else None
