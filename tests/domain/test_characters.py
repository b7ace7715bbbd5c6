"""Widths, invisible characters and dashes."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from mypage.domain.characters import DASHES, INVISIBLE, half_width, visible

# Format characters that are drawn: they stand around digits of Arabic, Syriac and Kaithi, or in Egyptian blocks.
DRAWN = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}


def test_every_format_character_that_is_not_drawn_is_invisible() -> None:
    every = {code for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"}
    assert {code for code in every - DRAWN if not INVISIBLE.match(chr(code))} == set()


def test_no_dash_is_invisible_and_every_dash_of_unicode_is_known() -> None:
    assert not any(INVISIBLE.match(dash) for dash in DASHES)
    # Scripts that nobody mixes with Japanese digits: Hebrew, Canadian syllabics, Yezidi; double and oblique ones.
    other = set("־᐀⸗⸚⹀⹝゠〜〰𐺭")
    pd = {chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Pd"}
    assert pd - other - set(DASHES) == set()


def test_full_width_is_made_half_width_and_nothing_else() -> None:
    assert half_width("０７４８－６２（１２）ａＺ　！～") == "0748-62(12)aZ !~"
    assert half_width("Ⅻ①²१") == "Ⅻ①²१"
    assert half_width("0748") == "0748"


def test_what_nobody_sees_is_taken_away() -> None:
    assert visible("a\u200bb\u2060\ufeff\x00c") == "abc"
    assert visible("abc") == "abc"
    assert visible("\x00") == ""


@given(st.text())
def test_idempotent(text: str) -> None:
    assert half_width(half_width(text)) == half_width(text)
    assert visible(visible(text)) == visible(text)
