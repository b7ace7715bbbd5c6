"""What is shown of what is personal: never all of it.

To subscribers of telephone and address (specification §4, ご契約内容), to staff of everything until [表示する] (§5):
enough to recognise whoever gives the whole of it on the telephone, too little to learn it from the screen.
"""

import re
import unicodedata

from mypage.domain import corporate_form

_SHOWN_DIGITS = 4
# Always as many, so that nobody counts the letters behind them.
HIDDEN = "＊＊＊"
_LONG_WORD = 3
_PREFECTURE = r"(?:東京都|北海道|(?:京都|大阪)府|(?:神奈川|和歌山|鹿児島)県|[^\s0-9]{2}県)"
# Names that hold a 市, 町, 村 or 郡 before their end; all others end at the first of these signs.
_ODD_CITIES = (
    "(?:四日市|廿日市|野々市|市川|市原|八日市場|町田|大町|十日町|村上|村山|東村山|武蔵村山|羽村|田村|大村|"
    "郡山|大和郡山|蒲郡|小郡|郡上|都城|都留|京都)市"
)
_COUNTY = r"(?:余市|高市|[^\s0-9市区町村郡]{1,4})郡(?:余市|玉村|大町|市貝|市川三郷|市川|上市|下市|中村|[^\s0-9市区町村]{1,5})[町村]"
_WARD = r"[^\s0-9市区町村]{1,4}区"
_CITY = r"[^\s0-9市区町村郡]{1,6}[市町村]"
_MUNICIPALITY = re.compile(
    rf"{_PREFECTURE}?(?:{_COUNTY}|(?:{_ODD_CITIES}|[^\s0-9市区町村郡]{{1,6}}市)(?:{_WARD})?|{_WARD}|{_CITY})"
)


def last_four(phone: str | None) -> str | None:
    """The last four digits, None where the number has fewer than eight (four would then tell most of it)."""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", phone or ""))
    return digits[-_SHOWN_DIGITS:] if len(digits) >= 2 * _SHOWN_DIGITS else None


def municipality(address: str | None) -> str | None:
    """Prefecture and municipality of a Japanese address, None where it does not begin with one.

    Where it cannot be told where the municipality ends, less is shown, never more.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", address or ""))
    found = _MUNICIPALITY.match(plain)
    return found[0] if found else None


def phone(number: str | None) -> str | None:
    """``＊＊＊1234``: what stands for a telephone number, None where there is none."""
    return f"{HIDDEN}{last_four(number) or ''}" if number else None


def name(written: str | None) -> str | None:
    """``サト＊＊＊　ハ＊＊＊``: the beginning of each word of a name, None where there is none.

    Two letters of a long first word: サトウ and ササキ are told apart, and no name of one letter is shown whole. What
    a company is (株式会社, カ)) says nothing of anybody and stays.
    """
    words = unicodedata.normalize("NFKC", written or "").split()
    whole = " ".join(words)
    own = corporate_form.without(whole)
    if own != whole and own and own in whole:
        return whole.replace(own, _masked(own.split()), 1)
    return _masked(words) or None


def _masked(words: list[str]) -> str:
    return "　".join(_begun(word, is_first=not place) for place, word in enumerate(words))


def _begun(word: str, *, is_first: bool) -> str:
    shown = 2 if is_first and len(word) >= _LONG_WORD else 1
    return f"{word[:shown] if len(word) > 1 else ''}{HIDDEN}"


def email(address: str | None) -> str | None:
    """``t＊＊＊@example.jp``: the domain stays, because a mistyped one is what staff look for; None without address."""
    if not address:
        return None
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}{HIDDEN}{at}{domain}" if at else HIDDEN


def login_id(typed: str | None) -> str | None:
    """``ta＊＊＊``: the beginning of an アカウントID, None where there is none."""
    return f"{typed[:2]}{HIDDEN}" if typed else None
