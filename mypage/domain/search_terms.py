"""Under which terms a customer is found by staff, and what is looked for where somebody types into the search box.

Specification §5, as forgiving as §3: both sides are folded alike. A term begins with the letter of its kind, so that
one index holds them all and each question is one range of it. Names in kana stand there from each of their signs on
(``decisions``, *Staff search in kana*), kanji and addresses from their beginning. Terms are cut at
:data:`LONGEST`; whoever finds one compares the whole (:func:`holds`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from mypage.domain import corporate_form, kana, phone
from mypage.domain.characters import DASHES, visible
from mypage.domain.identity import fold_code

LONGEST: Final = 24
# A company's name may be long; nobody types its end.
_LONGEST_NAME: Final = 60
# One sign from within a name is in everybody's.
_SHORTEST_PART: Final = 2


class Kind(StrEnum):
    """What a term is; the value is its first letter."""

    PHONE = "p"
    CONTRACT = "c"
    KANA = "K"
    KANA_PART = "k"
    NAME = "n"
    ADDRESS = "a"


# Written out for the loading, where they are added a dozen times a customer.
_PHONE, _KANA, _KANA_PART, _NAME, _ADDRESS = (
    kind.value for kind in (Kind.PHONE, Kind.KANA, Kind.KANA_PART, Kind.NAME, Kind.ADDRESS)
)


class Wanted(NamedTuple):
    """A term that is looked for: all that begin with it, or with ``whole`` itself only."""

    kind: Kind
    term: str
    whole: bool = False

    @property
    def first(self) -> str:
        """Where its range in the index begins."""
        return (self.kind + self.term)[:LONGEST]

    @property
    def end(self) -> str:
        """The first term behind its range. No text holds the last of all code points."""
        return self.first + "\U0010ffff"

    def is_met_by(self, term: str) -> bool:
        """Whether a customer who is known by ``term`` (uncut, with its kind) is one of those looked for."""
        looked_for = self.kind + self.term
        return term == looked_for if self.whole else term.startswith(looked_for)


def of_customer(row: Mapping[str, Any]) -> list[str]:
    """The uncut terms of a row of the customer master (its columns by name); one may come twice."""
    terms = [_PHONE + key for key in row["phone_keys"]]
    _add_kana(terms, row["name_kana"])
    if row["name_kana2"]:
        _add_kana(terms, row["name_kana2"])
    terms += [
        _NAME + name for each in (row["name"], row["billing_name"]) if each and (name := fold_name(each))
    ]
    terms += [
        _ADDRESS + address
        for each in (row["address"], row["billing_address"])
        if each and (address := fold_address(each))
    ]
    return terms


def of_contracts(contracts: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """The uncut terms of the contracts of a customer."""
    folded = (fold_contract(str(each.get("contract_number") or "")) for each in contracts)
    return tuple(dict.fromkeys(Kind.CONTRACT + number for number in folded if number))


def cut(terms: Iterable[str]) -> dict[str, None]:
    """Terms as they stand in the index, each once."""
    return dict.fromkeys(term[:LONGEST] for term in terms)


def wanted(typed: str) -> Iterator[Wanted]:
    """All that ``typed`` may mean, what is most certain first."""
    key = phone.fold(typed)
    if key is not None:
        yield Wanted(Kind.PHONE, key, whole=True)
    number = fold_contract(typed)
    if any(sign.isdigit() for sign in number):
        yield Wanted(Kind.CONTRACT, number, whole=True)
    names = [kana.ordered_keys(typed, fold_v=fold_v) for fold_v in (False, True)]
    for name in dict.fromkeys(key for keys in names for key in keys):
        yield Wanted(Kind.KANA, name)
    # In the order in which it was typed only: turned round, it lies within no name.
    for name in dict.fromkeys(key for keys in names for key in keys[:1]):
        if len(name) >= _SHORTEST_PART:
            yield Wanted(Kind.KANA_PART, name)
    name = fold_name(typed)
    if name:
        yield Wanted(Kind.NAME, name)
    address = fold_address(typed)
    if any(sign.isalnum() for sign in address):
        yield Wanted(Kind.ADDRESS, address)


def _add_kana(terms: list[str], name: str) -> None:
    """The name in both orders from its beginning, and from each further sign on.

    What begins the second word is found by the name in the other order.
    """
    before = len(terms)
    _add_keys(terms, kana.ordered_keys(name))
    if any("ヴ" in term for term in terms[before:]):
        # ビ is found by ヴィ and the other way round; as it stands too, because a part may end between the two signs.
        _add_keys(terms, kana.ordered_keys(name, fold_v=True))


def _add_keys(terms: list[str], ordered: Sequence[str]) -> None:
    keys = [key[:_LONGEST_NAME] for key in ordered]
    terms += [_KANA + key for key in keys]
    if keys:
        whole, others = keys[0], tuple(keys[1:])
        for start in range(1, len(whole) - _SHORTEST_PART + 1):
            part = whole[start:]
            if not others or not others[0].startswith(part):
                terms.append(_KANA_PART + part)


# Signs of names that are written in several ways by the same family: the operator's list has one, the agent types another.
_VARIANTS: Final = str.maketrans(
    "髙﨑嵜濵濱邊邉齋齊斎澤嶋嶌廣國櫻眞惠彌瀨曾會德榮豐壽藏靜冨峯舘桒栁龍槇莊圓學實寶條祐邨淺增鐵",
    "高崎崎浜浜辺辺斉斉斉沢島島広国桜真恵弥瀬曽会徳栄豊寿蔵静富峰館桑柳竜槙荘円学実宝条祐村浅増鉄",
)


# Nearly all names of a master: nothing to fold but spaces and variants.
_ONLY_KANJI = re.compile("[\u3005\u4e00-\u9fff \u3000]*")
_NO_SPACES: Final = {0x20: None, 0x3000: None}


def fold_name(name: str) -> str:
    """A name in kanji as it is compared: without spaces and corporate forms, kana as in names, one form of each sign."""
    if _ONLY_KANJI.fullmatch(name) and not corporate_form.may_stand_in(name):
        return name.translate(_NO_SPACES).translate(_VARIANTS)[:_LONGEST_NAME]
    return "".join(kana.words_of(name)).translate(_VARIANTS)[:_LONGEST_NAME]


_PREFECTURE = re.compile(
    r"^(?:東京都|北海道|(?:京都|大阪)府|(?:神奈川|和歌山|鹿児島)県|[^\s0-9市区町村]{2}県)"
)
_NOT_COUNTING = re.compile("大字|字|[\\s・,、。.]+")
_BETWEEN_NUMBERS = re.compile(f"(?<=[0-9])(?:丁目|番地の|番地|番|号|の|ノ|[{re.escape(DASHES)}])+")
_KANJI_NUMBERS = re.compile("[一二三四五六七八九十]+(?=丁目|番|号)")
_DIGITS: Final = {sign: number for number, sign in enumerate("一二三四五六七八九", 1)}


def fold_address(address: str) -> str:
    """An address as it is compared: without prefecture and spaces, 「4丁目16番25号」 as ``4-16-25``."""
    text = visible(unicodedata.normalize("NFKC", address[:400])).casefold()
    text = _PREFECTURE.sub("", _NOT_COUNTING.sub("", text))
    text = _KANJI_NUMBERS.sub(lambda found: str(_number(found[0])), text)
    return _BETWEEN_NUMBERS.sub("-", text).rstrip("-")


def _number(kanji: str) -> int:
    tens, ten, ones = kanji.rpartition("十")
    whole = (_DIGITS.get(tens, 1) if ten else 0) * 10
    return whole + sum(_DIGITS.get(sign, 0) for sign in ones)


def fold_contract(number: str) -> str:
    """A contract number as it is compared: capitals without spaces and hyphens; empty where there is nothing."""
    return fold_code(unicodedata.normalize("NFKC", number[:80]))


def holds(terms: Iterable[str], looked_for: Wanted) -> bool:
    """Whether one of a customer's uncut terms is what is looked for."""
    return any(looked_for.is_met_by(term) for term in terms)
