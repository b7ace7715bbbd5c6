"""Pairs of what the master holds and what was typed, told apart as the signup tells them (specification §8)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from re import Pattern
from typing import Final

from mypage.domain import customer_number, identity, kana, phone

KEY_SEPARATOR: Final = " "
FIELDS: Final[Mapping[str, str]] = {
    "name_kana": "name_kana",
    "お名前(カナ)": "name_kana",
    "契約者名カナ": "name_kana",
    "customer_number": "customer_number",
    "お客様番号": "customer_number",
    "phone": "phone",
    "電話番号": "phone",
    "registration_key": "registration_key",
    "登録キー": "registration_key",
}


class UnknownField(ValueError):
    """A row compares a field that MyPage does not compare. ``row`` counts from 1."""

    def __init__(self, field: str, row: int) -> None:
        super().__init__(f"row {row}: unknown field {field!r}")
        self.field = field
        self.row = row


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """One row of the answer. Keys of a name (no key holds a space) are parted by one."""

    field: str
    master: str
    typed: str
    same: bool
    master_key: str
    typed_key: str


def compare_pairs(
    rows: Iterable[tuple[str, str, str]], *, pattern: Pattern[str] | str | None = None, fold_v: bool = False
) -> Iterator[ComparedPair]:
    """Compare rows of (field, master, typed), in their order; ``UnknownField`` at the first that has none.

    ``pattern`` and ``fold_v`` are the operator's settings.
    """
    keys_by_field: Mapping[str, Callable[[str], tuple[str, ...]]] = {
        "name_kana": lambda text: kana.ordered_keys(text, fold_v=fold_v),
        "customer_number": lambda text: _one(customer_number.fold(text, pattern)),
        "phone": lambda text: _one(phone.fold(text)),
        "registration_key": lambda text: _one(identity.fold_code(text)),
    }
    for row, (field, master, typed) in enumerate(rows, 1):
        name = FIELDS.get(field.strip())
        if name is None:
            raise UnknownField(field, row)
        master_keys, typed_keys = keys_by_field[name](master), keys_by_field[name](typed)
        yield ComparedPair(
            field=field,
            master=master,
            typed=typed,
            same=not set(master_keys).isdisjoint(typed_keys),
            master_key=KEY_SEPARATOR.join(master_keys),
            typed_key=KEY_SEPARATOR.join(typed_keys),
        )


def _one(key: str | None) -> tuple[str, ...]:
    return (key,) if key else ()
