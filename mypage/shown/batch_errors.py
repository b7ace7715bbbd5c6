"""What a check told, grouped by cause, for the page of a batch: masked, because everybody at the desk sees the screen.

The file for Excel (``error_report``) holds what stood in the file: whoever puts it right needs it, and the trail knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mypage.domain import masking
from mypage.domain.batch import Kind
from mypage.domain.columns import name_of
from mypage.domain.row_error import RowError
from mypage.services.batches import Batch, LeftOut
from mypage.shown.error_report import said
from mypage.words import batch_page as words

ROWS_SHOWN: Final = 5
# Of changes to what customers are recognised by more are listed: each one is to be looked at.
CHANGES_SHOWN: Final = 100
_NAMES: Final = frozenset(("name", "name_kana", "name_kana2", "billing_name"))
_PHONES: Final = frozenset(("phone", "phone2"))
_PLACES: Final = frozenset(("address", "billing_address"))
_HIDDEN: Final = frozenset(("postal_code", "billing_postal_code", "registration_key"))
# Warnings that tell an old and a new value of what customers are recognised by, and the column.
IDENTITY: Final[Mapping[str, str]] = {
    "name_changed": "name",
    "kana_changed": "name_kana",
    "kana2_changed": "name_kana2",
    "phone_changed": "phone",
    "phone2_changed": "phone2",
}


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One row of the file. ``row`` is Excel's, None where the whole file is meant; ``words`` where they add something."""

    row: int | None
    customer_number: str
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """A value by which a customer is recognised, before and after, masked."""

    row: int
    customer_number: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cause:
    """Rows with the same error in the same column: the first ones, and how many there are."""

    code: str
    is_warning: bool
    column: str
    title: str
    fix: str
    count: int
    rows: tuple[ErrorRow, ...]
    changes: tuple[Change, ...] = ()

    @property
    def more(self) -> int:
        """How many are in the file for Excel only."""
        return self.count - max(len(self.rows), len(self.changes))


def causes(batch: Batch, errors: Sequence[RowError]) -> tuple[Cause, ...]:
    """All causes: errors before warnings, the most frequent first."""
    of: dict[tuple[str, str, bool], list[RowError]] = {}
    for error in errors:
        of.setdefault((error.code, error.column, error.warning), []).append(error)
    return tuple(
        _cause(batch.kind, told, of.get((told["code"], told["column"], told["warning"]), []))
        for told in batch.counts.get("causes", ())
    )


def left_out_words(batch: Batch, left_out: LeftOut) -> str:
    """Why something was left out."""
    return said(left_out.code, _facts(left_out.code, left_out.facts, batch.kind))


def _cause(kind: Kind, told: Mapping[str, Any], errors: Sequence[RowError]) -> Cause:
    code = told["code"]
    first = errors[: CHANGES_SHOWN if code in IDENTITY else ROWS_SHOWN]
    facts = _facts(code, first[0].facts, kind) if first else {}
    is_identity = code in IDENTITY
    has_own_words = words.has_gaps(code)
    fix = words.fix(code) or (said(f"{code}.fix", facts) if first else "")
    title = words.title(code) if has_own_words else None
    return Cause(
        code=code,
        is_warning=told["warning"],
        column=told["column"],
        title=title or said(code, facts),
        fix=fix,
        count=told["count"],
        rows=() if is_identity else tuple(_row(kind, each, has_own_words=has_own_words) for each in first),
        changes=tuple(map(_change, first)) if is_identity else (),
    )


def _row(kind: Kind, error: RowError, *, has_own_words: bool) -> ErrorRow:
    return ErrorRow(
        error.row or None,
        error.customer_number,
        masked(kind, error.column, error.value),
        said(error.code, _facts(error.code, error.facts, kind)) if has_own_words else "",
    )


def _change(error: RowError) -> Change:
    column = IDENTITY[error.code]
    before, after = (_masked(column, str(error.facts.get(each, ""))) for each in ("before", "after"))
    return Change(error.row, error.customer_number, error.column, before or "なし", after or "なし")


def masked(kind: Kind, heading: str, value: str) -> str:
    """The value of a cell as it is shown; nothing where the column is not known and a person may stand in it."""
    if kind is not Kind.CUSTOMERS or not value:
        return value
    column = name_of(kind, heading)
    return "" if column is None else _masked(column, value)


def _masked(column: str, value: str) -> str:
    if column in _NAMES:
        return masking.name(value) or ""
    if column in _PHONES:
        return masking.phone(value) or ""
    if column in _PLACES:
        return f"{masking.municipality(value) or ''}{masking.HIDDEN}"
    return masking.HIDDEN if column in _HIDDEN and value else value


def _facts(code: str, facts: Mapping[str, str], kind: Kind) -> Mapping[str, str]:
    column = IDENTITY.get(code) if kind is Kind.CUSTOMERS else None
    return facts if column is None else {name: _masked(column, value) for name, value in facts.items()}
