"""The nickname (ニックネーム) by which the portal greets.

Specification §2: 1–20 letters, digits, kana, kanji, spaces; no ``. / : @`` (it must carry no address into a mail),
no invisible characters.
"""

import unicodedata
from typing import Final

from mypage.domain.characters import visible

LONGEST: Final = 20
_LONGEST_TYPED: Final = 400
# Kana are written with this sign between foreign names, though Unicode counts it as punctuation.
_MIDDLE_DOT: Final = "・"
_MOST_MARKS: Final = 2


def normalise(typed: str) -> str:
    """The nickname as it is kept: one width, single spaces, nothing invisible."""
    return " ".join(unicodedata.normalize("NFKC", visible(typed[:_LONGEST_TYPED])).split())


def problems(typed: str) -> tuple[str, ...]:
    """Codes of every rule that the nickname fails, in the order shown; empty if it is a good one.

    ``nickname_empty`` alone, or ``nickname_too_long``, ``nickname_forbidden_character``.
    """
    nickname = normalise(typed)
    if not nickname:
        return ("nickname_empty",)
    found = {
        "nickname_too_long": len(nickname) > LONGEST,
        "nickname_forbidden_character": not _is_allowed(nickname),
    }
    return tuple(code for code, so in found.items() if so)


def _is_allowed(nickname: str) -> bool:
    """Letters of any script, digits, spaces; marks only on letters, and not in heaps."""
    marks = _MOST_MARKS
    for sign in nickname:
        category = unicodedata.category(sign)
        if category in ("Mn", "Mc"):
            marks += 1
            if marks > _MOST_MARKS:
                return False
        elif category[0] == "L":
            marks = 0
        elif category in ("Nd", "Zs") or sign == _MIDDLE_DOT:
            marks = _MOST_MARKS
        else:
            return False
    return True
