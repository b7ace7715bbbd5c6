"""Names in katakana, folded into keys that are equal where the names mean the same.

Specification §3 and its table of cases (``tests/identity.csv``). Two names are the same if their sets of keys
meet. A key is computed when the master is loaded and stored with the version of the rule that made it;
whoever changes what a key looks like raises :data:`NAME_RULE_VERSION`.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from mypage.domain import corporate_form
from mypage.domain.characters import DASHES, INVISIBLE

NAME_RULE_VERSION: Final = 1
# Twice what a cell of the master may hold; beyond it is no name, and folding it would take time.
LONGEST: Final = 400

_MARKS = "\u3099\u309a"  # combining voiced and half-voiced mark
_KANA = "ァ-ヺー"

# Names that came from banks cannot hold small kana.
_LARGE = dict(zip(map(ord, "ァィゥェォッャュョヮヵヶ"), "アイウエオツヤユヨワカケ", strict=True)) | dict(
    zip(range(0x31F0, 0x3200), "クシストヌハヒフヘホムラリルレロ", strict=True)
)
_SAME_SOUND = {
    ord("ヂ"): "ジ", ord("ヅ"): "ズ", ord("ヰ"): "イ", ord("ヱ"): "エ", ord("ヲ"): "オ",
    ord("ヷ"): "ヴア", ord("ヸ"): "ヴイ", ord("ヹ"): "ヴエ", ord("ヺ"): "ヴオ",
}  # fmt: skip
_KATAKANA = {code: code + 0x60 for code in [*range(0x3041, 0x3097), 0x309D, 0x309E]}
_CLEAN_FOLD = _LARGE | _SAME_SOUND | {0x3000: " "}
# Circled signs lose their circle in NFKC, and with it what tells a corporate form from a name.
_BEFORE_NFKC = {ord("㊑"): "(株)", ord("㊒"): "(有)", ord("㊔"): "(名)", ord("㊖"): "(財)", ord("㊓"): "(社)"}
_AFTER_NFKC = _LARGE | {
    hiragana: _LARGE.get(katakana, chr(katakana)) for hiragana, katakana in _KATAKANA.items()
}

_CLEAN = re.compile(f"[{_KANA} \u3000]*")
_ONLY_KANA = re.compile(f"[{_KANA} ]*")
_SPACED_MARK = re.compile(f" ([{_MARKS}])")
_ITERATION = re.compile("([ァ-ヺ])([ヽヾ]+)")
_LEFT_OVER_VOICE = re.compile(f"[{_MARKS}]")
_LEFT_OVER = re.compile("[ヽヾ]")
_LONG_MARK = re.compile(f"(?<=[{_KANA}])[{re.escape(DASHES)}]+")
_KANJI_ONE = re.compile(f"(?<=[{_KANA}])[一㇐]+")
_OTHER_DASHES = re.compile(f"[{re.escape(DASHES.replace('ー', ''))}゠=]")
_V_ROW = re.compile("ヴ([アイエオユ]?)")
_B_ROW = {"": "ブ", "ア": "バ", "イ": "ビ", "エ": "ベ", "オ": "ボ", "ユ": "ビユ"}

_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANJI = re.compile(f"[{_HAN}]")
# Kanji that look like カ ロ ニ エ タ ト ハ チ ミ ー: typed or scanned in their place.
_LOOKALIKES = frozenset("力口二工夕卜八千三一")
_UNREADABLE = re.compile("[?？\u3013\u25a0\u25a1\ufffc\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")


def name_rule(*, fold_v: bool = False) -> int:
    """The number to store beside keys: another one wherever keys may differ, ``fold_v`` included."""
    return NAME_RULE_VERSION * 2 + fold_v


def name_keys(name: str, *, fold_v: bool = False) -> frozenset[str]:
    """The keys under which ``name`` is known: joined, and with the first word last where there are several.

    With two words the second key is the name in the other order; with three (a middle name) it still finds
    「スミス ジョン ポール」 by 「ジョン ポール スミス」. ``fold_v`` takes ヴァ ヴィ ヴ ヴェ ヴォ for
    バ ビ ブ ベ ボ. Empty where nothing is left: such a name is the same as none, not even itself.
    """
    return frozenset(ordered_keys(name, fold_v=fold_v))


def ordered_keys(name: str, *, fold_v: bool = False) -> tuple[str, ...]:
    """:func:`name_keys` with the key of the name as it was written first."""
    return _ordered_keys(name, fold_v)


# Asked three times in a row of each name of a master: what identifies its holder, what is wrong with it, what finds it.
@lru_cache(maxsize=16)
def _ordered_keys(name: str, fold_v: bool) -> tuple[str, ...]:
    words = words_of(name)
    joined = _joined(words, fold_v)
    if not joined.strip("ー"):
        return ()
    if len(words) == 1:
        return (joined,)
    turned = _joined([*words[1:], words[0]], fold_v)
    return (joined,) if turned == joined else (joined, turned)


def same_name(a: str, b: str, *, fold_v: bool = False) -> bool:
    """Whether two names mean the same."""
    return not name_keys(a, fold_v=fold_v).isdisjoint(name_keys(b, fold_v=fold_v))


def kana_defect(name_kana: str) -> str | None:
    """Why a name of the master cannot be matched by what its holder types, None if it can.

    ``kana_empty``: nothing to compare; ``kana_unreadable``: a character was lost on the way (〓, ?, gaiji);
    ``kana_lookalike``: 力, 口, 二 … among kana; ``kana_kanji``: kanji otherwise. Corporate forms in kanji are
    no defect, they are folded away. Specification "formats", customers.csv.
    """
    if _UNREADABLE.search(name_kana):
        return "kana_unreadable"
    keys = ordered_keys(name_kana)
    if not keys:
        return "kana_empty"
    kanji = _KANJI.findall(keys[0])
    if not kanji:
        return None
    among_kana = re.search(f"[{_KANA}]", keys[0]) is not None
    return "kana_lookalike" if among_kana and _LOOKALIKES.issuperset(kanji) else "kana_kanji"


def _joined(words: list[str], fold_v: bool) -> str:
    key = "".join(words)
    if "一" in key or "㇐" in key:
        key = _KANJI_ONE.sub(_as_long_marks, key)
    if fold_v and "ヴ" in key:
        key = _V_ROW.sub(lambda found: _B_ROW[found[1]], key)
    return key


def _as_long_marks(found: re.Match[str]) -> str:
    return "ー" * len(found[0])


def words_of(name: str) -> list[str]:
    """The words of ``name``, folded, without corporate forms; none in what is too long for a name."""
    if len(name) > LONGEST:
        return []
    # Nine of ten names of a master are clean katakana: one pass, a tenth of the time.
    text = name.translate(_CLEAN_FOLD) if _CLEAN.fullmatch(name) else _untangled(name)
    if corporate_form.may_stand_in(text):
        text = corporate_form.without(text)
    if not _ONLY_KANA.fullmatch(text):
        text = _without_signs(text)
        # Taking signs out may have joined the parts of a word such as カブシキ-ガイシャ.
        text = corporate_form.without(text)
    return text.split()


def _untangled(name: str) -> str:
    """``name`` in full-width katakana and half-width letters, dashes after a kana as long marks."""
    text = unicodedata.normalize("NFKC", name.translate(_BEFORE_NFKC))
    if _ONLY_KANA.fullmatch(text):
        return text.translate(_CLEAN_FOLD)
    text = INVISIBLE.sub("", text)
    text = unicodedata.normalize("NFKC", text.casefold()).translate(_AFTER_NFKC)
    text = unicodedata.normalize("NFC", _SPACED_MARK.sub(r"\1", " ".join(text.split())))
    # A mark left over belongs to no kana: typed twice, or on one that has no voiced sound.
    text = _LEFT_OVER.sub("", _ITERATION.sub(_repeated, _LEFT_OVER_VOICE.sub("", text)))
    return _LONG_MARK.sub(_as_long_marks, text.translate(_SAME_SOUND))


def _repeated(found: re.Match[str]) -> str:
    """スヾ is スズ, サヽ is ササ: the iteration mark repeats the kana, voiced or not."""
    plain = unicodedata.normalize("NFD", found[1])[0]
    voiced = unicodedata.normalize("NFC", plain + "\u3099")
    return found[1] + "".join(plain if mark == "ヽ" else voiced for mark in found[2])


def _without_signs(text: str) -> str:
    """Punctuation parts words; marks that belong to no letter and controls vanish; all else counts."""
    kept = []
    for sign in _OTHER_DASHES.sub(" ", text):
        category = unicodedata.category(sign)
        if category[0] in "PZ" or category in ("Sm", "Sk", "Sc"):
            kept.append(" ")
        elif category[0] != "M" and category not in ("Cc", "Cf"):
            kept.append(sign)
    return unicodedata.normalize("NFKC", "".join(kept))
