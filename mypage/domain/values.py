"""Cells of the billing files: text → value, or a :class:`Defect` that says by code what is wrong with it.

Rules of specification "formats", *Values*. Nothing here makes sentences: a defect is a code with facts, the
words are made where they are shown (``mypage/words/batch.py``).
"""

import datetime
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

Value = TypeVar("Value")

NO_FACTS: Final[Mapping[str, str]] = {}
LARGEST_AMOUNT: Final = 10**12
MOST_DECIMALS: Final = 6


class Defect(NamedTuple):
    """Why a cell has no value. ``facts`` fill the gaps of the sentence."""

    code: str
    facts: Mapping[str, str] = NO_FACTS


EMPTY: Final = Defect("empty")

# C0 and C1 without tab and line ends, what could not be decoded, overrides of the writing direction.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_GAIJI = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffd-\uffff\ue000-\uf8ff\U000f0000-\U0010ffff\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")

_EXCEL_ERRORS = frozenset(
    (
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
    )
)
_DIGITS_LOST = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_HASHES = re.compile("#{2,}")

_MINUSES = str.maketrans(dict.fromkeys("−‐‑‒–—―▲△ー", "-"))
_NUMBER = re.compile(r"-?[¥\\]?-?([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?円?")
_IN_BRACKETS = re.compile(r"\(([^()-]+)\)")

_ERAS: Final[Mapping[str, tuple[int, int]]] = {
    # era: (year before its first, last year that it has)
    "令和": (2018, 81),
    "R": (2018, 81),
    "平成": (1988, 31),
    "H": (1988, 31),
    "昭和": (1925, 64),
    "S": (1925, 64),
}
_YEAR = r"(?:(?P<era>令和|平成|昭和|[RHS]) ?(?P<era_year>元|[0-9]{1,2})|(?P<year>[0-9]{4}))"
_DATE = re.compile(
    _YEAR
    + r"(?:([./-])(?P<m1>[0-9]{1,2})\4(?P<d1>[0-9]{1,2})|年 ?(?P<m2>[0-9]{1,2})月 ?(?P<d2>[0-9]{1,2})日)"
    + r"(?:[ T]00?:00(?::00(?:\.0+)?)?)?"
)
_MONTH = re.compile(_YEAR + r"(?:[./-](?P<m1>[0-9]{1,2})|年 ?(?P<m2>[0-9]{1,2})月(?:分|度)?)")
_PACKED_DATE = re.compile(r"(?P<year>[0-9]{4})(?P<m1>[0-9]{2})(?P<d1>[0-9]{2})")
_PACKED_MONTH = re.compile(r"(?P<year>[0-9]{4})(?P<m1>[0-9]{2})")
_SERIAL = re.compile(r"[0-9]{5}(\.[0-9]+)?")
_MONTH_NAME = re.compile(
    r"((Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*-[0-9]{2,4}"
    r"|[0-9]{1,2}-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)",
    re.IGNORECASE,
)
OLDEST_YEAR: Final = 1900
NEWEST_YEAR: Final = 2100


def unfit(raw: str) -> Defect | None:
    """A gaiji (private use), a control character, NUL, or a byte that the encoding does not have."""
    found = _UNFIT.search(raw)
    if found is None:
        return None
    mark = found.group()
    place = {"mark": f"U+{ord(mark):04X}", "at": str(found.start() + 1)}
    if _CONTROL.match(mark):
        return Defect("control_character", place)
    if _GAIJI.match(mark):
        return Defect("gaiji", place)
    return Defect("undecodable", {"at": place["at"]})


def words(raw: str, longest: int = 200) -> str | Defect:
    """Free text: white space around it is cut off, line ends and tabs inside become one space."""
    defect = unfit(raw)
    if defect is not None:
        return defect
    text = raw.strip()
    if "\n" in text or "\t" in text or "\r" in text:
        text = _SPACES.sub(" ", text)
    if text.startswith("#"):
        destroyed = broken_by_excel(text)
        if destroyed is not None:
            return destroyed
    if len(text) > longest:
        return Defect("too_long", {"longest": str(longest)})
    return text


def broken_by_excel(text: str) -> Defect | None:
    """What a spreadsheet programme destroyed is refused by name."""
    if text.startswith("#"):
        if text.upper() in _EXCEL_ERRORS:
            return Defect("excel_error", {"error": text.upper()})
        if _HASHES.fullmatch(text):
            return Defect("excel_hashes")
    if _DIGITS_LOST.fullmatch(text):
        return Defect("excel_digits_lost")
    return None


def number(raw: str) -> int | Decimal | Defect:
    """An amount, price or quantity: whole numbers as ``int``, others as ``Decimal`` with at most six decimals.

    ``1,234``, ``１２３４``, ``▲500``, ``(500)``, ``¥500``, ``500円`` …; never a float.
    """
    if raw.isascii() and raw.isdigit() and len(raw) <= 12:
        return int(raw)
    text = _folded(raw)
    if isinstance(text, Defect):
        return text
    plain = text.translate(_MINUSES).replace(" ", "").removeprefix("+")
    bracketed = _IN_BRACKETS.fullmatch(plain.removesuffix("円"))
    if bracketed:
        plain = "-" + bracketed.group(1)
    found = _NUMBER.fullmatch(plain)
    if found is None or plain.count("-") > 1:
        return Defect("not_a_number")
    # Counted before it is read: Python reads no number of thousands of digits.
    digits = found.group(1).replace(",", "").lstrip("0") or "0"
    if len(digits) >= len(str(LARGEST_AMOUNT)):
        return Defect("too_large")
    whole = int(digits)
    sign = -1 if "-" in plain else 1
    decimals = (found.group(2) or ".").rstrip("0")
    if len(decimals) > MOST_DECIMALS + 1:
        return Defect("too_many_decimals", {"most": str(MOST_DECIMALS)})
    if decimals == ".":
        return sign * whole
    return sign * Decimal(f"{whole}{decimals}")


def whole_number(raw: str) -> int | Defect:
    """A number without decimals (yen of a total, a tax)."""
    value = number(raw)
    return Defect("not_whole") if isinstance(value, Decimal) else value


def ordinal(raw: str, longest: int = 18) -> int | Defect:
    """A number that counts or names: 1, 2, 3 …; at most ``longest`` digits."""
    text = _folded(raw)
    if isinstance(text, Defect):
        return text
    digits = text.lstrip("0")
    if not digits.isdigit() or not digits.isascii():
        return Defect("not_a_count")
    return int(digits) if len(digits) <= longest else Defect("too_large")


def day(raw: str) -> datetime.date | Defect:
    """A date of the calendar, western or Japanese."""
    text = _folded(raw)
    if isinstance(text, Defect):
        return text
    found = _DATE.fullmatch(text) or _PACKED_DATE.fullmatch(text)
    if found is None:
        return _dateless(text, "not_a_date")
    return _day_of(found)


def month(raw: str) -> int | Defect:
    """A month as yyyymm. A date that is the first of a month is taken for it: Excel makes that of ``2026/10``."""
    text = _folded(raw)
    if isinstance(text, Defect):
        return text
    found = _MONTH.fullmatch(text) or _PACKED_MONTH.fullmatch(text)
    if found is None:
        as_date = _DATE.fullmatch(text) or _PACKED_DATE.fullmatch(text)
        if as_date is None:
            return _dateless(text, "not_a_month")
        exact = _day_of(as_date)
        if isinstance(exact, Defect):
            return exact
        return exact.year * 100 + exact.month if exact.day == 1 else Defect("not_a_month")
    year = _year_of(found)
    month_of_year = _part(found, "m")
    if isinstance(year, Defect):
        return year
    if not 1 <= month_of_year <= 12:
        return Defect("no_such_month")
    return year * 100 + month_of_year


def one_of(raw: str, known: Mapping[str, Value]) -> Value | Defect:
    """One of a few words, half or full width, upper or lower case."""
    text = _folded(raw)
    if isinstance(text, Defect):
        return text
    value = known.get(text.lower().replace(" ", ""))
    return Defect("unknown_word") if value is None else value


def _folded(raw: str) -> str | Defect:
    defect = unfit(raw)
    if defect is not None:
        return defect
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        return EMPTY
    return broken_by_excel(text) or text


def _dateless(text: str, code: str) -> Defect:
    if _SERIAL.fullmatch(text):
        return Defect("excel_serial_date")
    if _MONTH_NAME.fullmatch(text):
        return Defect("excel_month_name")
    return Defect(code)


def _part(found: re.Match[str], letter: str) -> int:
    groups = found.groupdict()
    return int(groups[f"{letter}1"] or groups[f"{letter}2"])


def _year_of(found: re.Match[str]) -> int | Defect:
    groups = found.groupdict()
    if groups.get("era"):
        before_first, last = _ERAS[groups["era"]]
        era_year = 1 if groups["era_year"] == "元" else int(groups["era_year"])
        if not 1 <= era_year <= last:
            return Defect("no_such_era_year")
        return before_first + era_year
    year = int(groups["year"])
    return year if OLDEST_YEAR <= year <= NEWEST_YEAR else Defect("year_out_of_range")


def _day_of(found: re.Match[str]) -> datetime.date | Defect:
    year = _year_of(found)
    if isinstance(year, Defect):
        return year
    try:
        return datetime.date(year, _part(found, "m"), _part(found, "d"))
    except ValueError:
        return Defect("no_such_date")
