"""A kana name in Latin letters, in the spellings that people use: only to refuse it as a password."""

from itertools import product
from typing import Final

from mypage.domain import kana

_ROWS: Final = {
    "": "アイウエオ", "k": "カキクケコ", "s": "サシスセソ", "t": "タチツテト", "n": "ナニヌネノ",
    "h": "ハヒフヘホ", "m": "マミムメモ", "r": "ラリルレロ", "g": "ガギグゲゴ", "z": "ザジズゼゾ",
    "d": "ダヂヅデド", "b": "バビブベボ", "p": "パピプペポ",
}  # fmt: skip
_KUNREI: Final = {
    sound: consonant + vowel for consonant, row in _ROWS.items() for sound, vowel in zip(row, "aiueo", strict=True)
} | {"ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ン": "n", "ヴ": "vu", "ー": "-"}  # fmt: skip
_HEPBURN: Final = _KUNREI | {"シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji"}
_I_ROW: Final = frozenset("キシチニヒミリギジビピ")
_DOUBLED: Final = frozenset("".join(_ROWS[consonant] for consonant in "kstp"))
_LONG_VOWELS: Final = (("ou", "o"), ("oo", "o"), ("uu", "u"), ("-", ""))
_STYLES: Final = tuple(product((_HEPBURN, _KUNREI), (True, False), (True, False), (True, False)))


def spellings(name_kana: str) -> frozenset[str]:
    """The whole name in either order, and each of its words, in small Latin letters.

    Hepburn and Kunrei, long vowels written or left out. Kana of banks hold no small signs, so ジユ is read as
    ジュ and as ジユ, ツト as ット and as ツト. Names that hold anything but kana give none.
    """
    words = kana.words_of(name_kana)
    if not words or not _HEPBURN.keys() >= set("".join(words)):
        return frozenset()
    found: set[str] = set()
    for table, small_y, small_tsu, long in _STYLES:
        spelled = [_spelled(word, table, small_y=small_y, small_tsu=small_tsu) for word in words]
        if not long:
            spelled = [_shortened(word) for word in spelled]
        found.update(spelled, ["".join(spelled), "".join(spelled[::-1])])
    return frozenset(spelling.replace("-", "") for spelling in found)


def _spelled(word: str, table: dict[str, str], *, small_y: bool, small_tsu: bool) -> str:
    letters = ""
    for sound, following in zip(word, word[1:] + " ", strict=True):
        spelled = table[sound]
        if small_y and sound in _I_ROW and following in "ヤユヨ":
            spelled = spelled[:-1]
        elif small_tsu and sound == "ツ" and following in _DOUBLED:
            spelled = table[following][0].replace("c", "t")
        elif sound in "ヤユヨ" and letters.endswith(("sh", "ch", "j")):
            spelled = spelled[1:]
        letters += spelled
    return letters


def _shortened(letters: str) -> str:
    for long, short in _LONG_VOWELS:
        letters = letters.replace(long, short)
    return letters
