"""Find pages of the help by a person's own words, forgiving and ranked.

Typed text and the phrases of the pages are folded alike: width, script (hiragana or katakana), voiced marks, small
kana, long marks and spaces make no difference, so ``ﾒｰﾙか とどかない`` is ``めーるがとどかない``. What is said in many
ways (来ない, 届かない, did not arrive) is one *notion*; what no notion knows counts by its pairs of signs, so that a slip
of the finger costs little. What few pages know says more than what all know. A page is as near as the nearest of
its phrases (the cosine of the two).
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from mypage.domain.characters import DASHES, INVISIBLE

# Who types more wants to tell a story; its beginning says what it is about.
LONGEST: Final = 200
# Found by trying the phrases of tests/words/test_help_search.py; none of them is delicate.
_NOTION: Final = 3.0
_PAIR: Final = 1.0
_KANJI: Final = 0.5
# What no page knows is noise or a slip: it counts, but less than a rare word that is known.
_UNKNOWN: Final = 1.5
_LEAST: Final = 0.3
_LEAST_OF_BEST: Final = 0.5
_MOST: Final = 8

_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_SAME_SOUND = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖぢづをゐゑ", "あいうえおつやゆよわかけじずおいえ")
_LONG_MARKS = re.compile(f"(?<=[ぁ-ゖ])(?:[{re.escape(DASHES)}]|一(?=[ぁ-ゖ]))+")
_OTHER = re.compile(r"[^0-9a-zぁ-ゖ々一-鿿]+")
_NEEDLESS_SPACE = re.compile("(?<![0-9a-z]) | (?![0-9a-z])")
_LATIN = re.compile("[0-9a-z ]+")
_RUN = re.compile("[0-9a-z]+|[ぁ-ゖ々一-鿿]+")
_WHOLE_CODE = re.compile("([a-z])[ -]?(0?[0-9]|[1-9][0-9])")
_CODE_WITHIN = re.compile("(?<![0-9a-z])([a-z])[ -]?([0-9]{2})(?![0-9a-z])")


@dataclass(frozen=True, slots=True)
class Entry:
    """A page that can be found, and the ``phrases`` in which people ask for it."""

    key: str
    phrases: tuple[str, ...]


def folded(text: str) -> str:
    """``text`` as it is compared: hiragana without voiced marks, Latin words with one space between them."""
    plain = unicodedata.normalize("NFKC", text[:LONGEST]).casefold()
    plain = INVISIBLE.sub("", plain).translate(_HIRAGANA).translate(_SAME_SOUND)
    marks = unicodedata.normalize("NFD", plain)
    plain = "".join(sign for sign in marks if unicodedata.category(sign) != "Mn")
    return _NEEDLESS_SPACE.sub("", _OTHER.sub(" ", _LONG_MARKS.sub("", plain)))


def code_of(typed: str) -> str | None:
    """The code that ``typed`` is and nothing else: ``a03``, ``Ａ－０３``, ``A 3`` are ``A-03``."""
    found = _WHOLE_CODE.fullmatch(_code_text(typed).strip())
    return f"{found[1].upper()}-{found[2]:>02}" if found else None


def code_within(typed: str) -> str | None:
    """The first code that stands in a longer text, written with both of its digits."""
    found = _CODE_WITHIN.search(_code_text(typed))
    return f"{found[1].upper()}-{found[2]}" if found else None


def _code_text(typed: str) -> str:
    plain = INVISIBLE.sub("", unicodedata.normalize("NFKC", typed[:LONGEST])).casefold()
    return "".join("-" if sign in DASHES else sign for sign in plain)


class Index:
    """The pages, ready to be searched. ``notions``: a name and all the ways in which people say it."""

    def __init__(self, entries: Iterable[Entry], notions: Mapping[str, Iterable[str]]) -> None:
        named = {folded(way): name for name, ways in notions.items() for way in ways}
        # The longest way first: 仮登録 is not 登録 with something before it.
        self._ways = [(way, _pattern(way), named[way]) for way in sorted(named, key=len, reverse=True)]
        pages = {entry.key: [self._features(phrase) for phrase in entry.phrases] for entry in entries}
        self._rarity = _rarity([set().union(*phrases) for phrases in pages.values()])
        self._pages = {key: [self._direction(each) for each in phrases] for key, phrases in pages.items()}

    def find(self, typed: str) -> tuple[str, ...]:
        """The keys of the pages that ``typed`` asks for, the nearest first; empty where none is near enough."""
        asked = self._direction(self._features(typed))
        near = {
            key: max((_cosine(asked, each) for each in phrases), default=0.0)
            for key, phrases in self._pages.items()
        }
        least = max(_LEAST, _LEAST_OF_BEST * max(near.values(), default=0.0))
        ranked = sorted(near, key=lambda key: near[key], reverse=True)
        return tuple(key for key in ranked[:_MOST] if near[key] >= least)

    def _direction(self, features: Mapping[str, float]) -> dict[str, float]:
        """``features`` weighed by how rare they are, as a vector of length 1 (of none: none)."""
        weighed = {name: weight * self._rarity.get(name, _UNKNOWN) for name, weight in features.items()}
        length = math.hypot(*weighed.values())
        return {name: weight / length for name, weight in weighed.items()}

    def _features(self, text: str) -> dict[str, float]:
        """What a text is made of, with its weights: notions, and the pairs of signs between them."""
        plain, features = folded(text), dict[str, float]()
        for way, pattern, notion in self._ways:
            # Asked first, because most ways stand in no text, and a pattern costs five times as much.
            if way in plain and pattern.search(plain):
                plain = pattern.sub(" ", plain)
                features[f"notion {notion}"] = _NOTION
        for run in _RUN.findall(plain):
            for pair in _pairs(run):
                features.setdefault(pair, _KANJI if len(pair) == 1 else _PAIR)
        return features


def _pattern(way: str) -> re.Pattern[str]:
    """A Latin way stands as a word of its own; a Japanese one anywhere, for there are no spaces."""
    return re.compile(f"(?<![0-9a-z]){way}(?![0-9a-z])" if _LATIN.fullmatch(way) else way)


def _pairs(run: str) -> Iterator[str]:
    if run.isascii():
        # Words of other scripts count by three signs, else every "th" would be alike.
        yield from (f" {run} "[start : start + 3] for start in range(len(run)))
        return
    yield from (one + other for one, other in pairwise(run))
    yield from (sign for sign in run if sign >= "一")


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(weight * other[name] for name, weight in one.items() if name in other)


def _rarity(pages: list[set[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for page in pages:
        for name in page:
            counts[name] = counts.get(name, 0) + 1
    return {name: math.log(1 + len(pages) / count) for name, count in counts.items()}
