"""Characters that people type or paste without meaning them: other widths, invisible ones, the dozen dashes.

Specification §3, shared by names, customer numbers, telephone numbers, login ids and addresses.
"""

import re
from typing import Final

# What takes no room on the screen: the format characters of Unicode that are never drawn, fillers, variation
# selectors, controls that are no white space. They come along with copy and paste.
INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

# Everything that a keyboard, a word processor or a bank writes where a hyphen is meant. The katakana long
# mark and the waves are among them: an input method makes them of the same key.
DASHES: Final = (
    "-\u00af\u02d7\u058a\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u207b\u208b\u2053\u2212\u223c\u23af"
    "\u2500\u2501\u2796\u2e3a\u2e3b\u301c\u3030\u30fc\ufe31\ufe32\ufe58\ufe63\uff0d\uff5e\uff70~"
)

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def visible(text: str) -> str:
    """``text`` without the characters that nobody sees."""
    return text if text.isascii() and text.isprintable() else INVISIBLE.sub("", text)


def half_width(text: str) -> str:
    """``text`` with full-width letters, digits, symbols and the full-width space made half-width.

    Narrower than NFKC on purpose: ``Ⅻ``, ``①`` and ``²`` stay what they are, for they are no digits.
    """
    return text if text.isascii() else text.translate(_FULL_WIDTH)
