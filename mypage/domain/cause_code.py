"""The code of a cause (``A-03``) as somebody types it who has it read out."""

import re
import unicodedata
from typing import Final

from mypage.domain.characters import DASHES, visible

_TYPED: Final = re.compile(rf"([A-Fa-f])[\s{re.escape(DASHES)}一の]*([0-9]{{2}})")
_LONGEST_TYPED: Final = 20


def read(typed: str) -> str | None:
    """The code in its one form, None where it cannot be one. Whether there is such a cause, ``words.causes`` says."""
    if len(typed) > _LONGEST_TYPED:
        return None
    found = _TYPED.fullmatch(unicodedata.normalize("NFKC", visible(typed)).strip())
    return f"{found[1].upper()}-{found[2]}" if found else None
