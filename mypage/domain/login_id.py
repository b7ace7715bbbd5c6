"""The login id (アカウントID): how it is written, compared and refused.

Specification §2: 5–30 half-width letters, digits and symbols; upper and lower case are the same id; ASCII only,
after NFKC.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

from mypage.domain.characters import visible

SHORTEST: Final = 5
LONGEST: Final = 30
# Folding takes time; nobody means an id of this length.
_LONGEST_TYPED: Final = 400
_NUMBERS_TRIED: Final = 10


def normalise(typed: str) -> str:
    """The id as it is kept and shown: half-width, nothing invisible, no white space around it."""
    return unicodedata.normalize("NFKC", visible(typed[:_LONGEST_TYPED])).strip()


def key(typed: str) -> str:
    """The id as it is compared and unique."""
    return normalise(typed).casefold()


def problems(typed: str) -> tuple[str, ...]:
    """Codes of every rule that the id fails, in the order shown; empty if it is a good one.

    ``login_id_empty`` alone, or ``login_id_too_short``, ``login_id_too_long``, ``login_id_has_space``,
    ``login_id_not_half_width``. Whether it is taken is the store's to say (``login_id_taken``).
    """
    login_id = normalise(typed)
    if not login_id:
        return ("login_id_empty",)
    found = {
        "login_id_too_short": len(login_id) < SHORTEST,
        "login_id_too_long": len(login_id) > LONGEST,
        "login_id_has_space": any(sign.isspace() for sign in login_id),
        "login_id_not_half_width": not all("!" <= sign <= "~" or sign.isspace() for sign in login_id),
    }
    return tuple(code for code, so in found.items() if so)


def alternatives(login_id: str, taken: Callable[[str], bool], count: int = 3) -> tuple[str, ...]:
    """Up to ``count`` good ids like ``login_id`` that are free (first-try B-01).

    ``taken`` is asked with keys (:func:`key`), some thirty times at most; what cannot stand in an id is left out.
    Empty where nothing of ``login_id`` can, or where all of them are taken.
    """
    free: list[str] = []
    for proposal in _proposals(login_id):
        if len(free) == count:
            break
        if not taken(key(proposal)):
            free.append(proposal)
    return tuple(free)


def _proposals(login_id: str) -> Iterator[str]:
    stem = "".join(sign for sign in normalise(login_id) if "!" <= sign <= "~")
    if not stem:
        return
    if stem != normalise(login_id) and SHORTEST <= len(stem) <= LONGEST:
        yield stem
    for number in range(1, _NUMBERS_TRIED + 1):
        for joint in ("", "-", "_"):
            ending = f"{joint}{number}"
            proposal = stem[: LONGEST - len(ending)] + ending
            if len(proposal) < SHORTEST:
                proposal = stem + joint + f"{number:0{SHORTEST - len(stem + joint)}d}"
            yield proposal
