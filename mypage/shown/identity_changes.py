"""Values by which customers are recognised, before and after: masked until they are to be shown."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from mypage.domain import masking
from mypage.domain.customer_number import split_key
from mypage.domain.identity_change import Change, What
from mypage.words.staff_identity import WHATS

_PHONES: Final = frozenset((What.PHONE, What.PHONE2))
_NAMES: Final = frozenset((What.NAME, What.NAME_KANA, What.NAME_KANA2))
_NONE: Final = "なし"
# Masked alike, and still different: who compares must know.
_ALIKE: Final = "（見えている部分は同じ）"


class ShownChange(NamedTuple):
    """A line: what changes, from what to what."""

    label: str
    before: str
    after: str


def lines(changes: Iterable[Change], *, shows_all: bool) -> Iterator[ShownChange]:
    """The lines of a customer; ``shows_all``: nothing of them is masked."""
    for what, before, after in changes:
        shown = [value if shows_all else _masked(what, value) for value in (before, after)]
        note = _ALIKE if shown[0] == shown[1] else ""
        yield ShownChange(WHATS[what], shown[0] or _NONE, f"{shown[1] or _NONE}{note}")


def number(customer_key: str) -> str:
    """A customer's number, with the holder where the number had others."""
    folded, holder_no = split_key(customer_key)
    return f"{folded}（名義{holder_no}）" if holder_no > 1 else folded


def _masked(what: What, value: str) -> str:
    if what in _PHONES:
        return masking.phone(value) or ""
    return (masking.name(value) or "") if what in _NAMES else value
