"""Rows of customers.csv → rows of the customer master, and whose statement it is (specification "formats").

A row is a version of (customer number, holder number). What a file does not have as a column is taken from the
version below: an absent column never erases, an empty cell does.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from mypage.domain import kana, phone, values
from mypage.domain.columns import Plan, Unsplit
from mypage.domain.row_error import LONGEST_NUMBER, RowError, Tell, of_cell, told
from mypage.domain.values import Defect

Stored = str | int | bool | None | list[str]


class Status(StrEnum):
    """契約中 / 休止中 / 解約済."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


STATUSES: Final = {
    "契約中": Status.ACTIVE,
    "休止中": Status.SUSPENDED,
    "解約済": Status.ENDED,
    **{status.value: status for status in Status},
}
WEB_REGISTRATION: Final = {"可": True, "不可": False, "yes": True, "no": False, "true": True, "false": False}

# What a row takes over from the version below where its file has no such column.
CARRIED: Final = (
    "holder_since", "name", "name_kana", "name_kana2", "phone", "phone2", "postal_code", "address",
    "billing_name", "billing_postal_code", "billing_address", "status", "contracted_on", "ended_on",
    "web_registration", "registration_key",
)  # fmt: skip
_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−ー]+")


class Row(NamedTuple):
    """A row of the file. ``given`` holds only the columns that the file has; dates as ISO text."""

    number: str
    holder_no: int
    shown_number: str
    row: int
    given: Mapping[str, Stored]


class Holder(NamedTuple):
    """Who holds a customer number from when on; ``since`` None is from the beginning."""

    holder_no: int
    since: datetime.date | None


class CustomerRows:
    """Reads the rows of one file; errors and warnings go to ``tell``."""

    def __init__(self, plan: Plan, fold: Callable[[str], str | None], tell: Tell) -> None:
        self._plan, self._fold, self._tell = plan, fold, tell
        self._columns = [(name, plan.places[name]) for name in CARRIED if name in plan.places]

    def rows(self, records: Iterable[list[str]], first_row: int = 2) -> Iterator[Row]:
        """The rows without errors. The first of ``records`` is Excel's row ``first_row``."""
        for row, record in enumerate(records, first_row):
            cells = fitted(self._plan, record, row, self._tell)
            if cells is not None:
                read = self._row(cells, row)
                if read is not None:
                    yield read

    def _row(self, cells: list[str], row: int) -> Row | None:
        plan = self._plan
        shown = cells[plan.places["customer_number"]]
        number = customer_number(shown, self._fold)
        holder_no = holder_number(plan, cells)
        given: dict[str, Stored] = {}
        found: list[tuple[str, str, object]] = [("customer_number", shown, number)]
        if "holder_no" in plan.places:
            found.append(("holder_no", cells[plan.places["holder_no"]], holder_no))
        for name, place in self._columns:
            value = _READERS[name](cells[place])
            found.append((name, cells[place], value))
            if not isinstance(value, Defect):
                given[name] = value
        flawed = False
        for name, raw, read in found:
            if isinstance(read, Defect):
                self._tell(of_cell(plan, name, row, shown, raw, read))
                flawed = True
        if flawed or isinstance(number, Defect) or isinstance(holder_no, Defect):
            return None
        self._warn(given, row, shown)
        return Row(number, holder_no or 1, shown.strip(), row, given)

    def _warn(self, given: Mapping[str, Stored], row: int, shown: str) -> None:
        for name, defect in _defects(given):
            self._tell(
                RowError(
                    defect, row, self._plan.heading(name), shown.strip(), str(given[name] or ""), warning=True
                )
            )


def version(read: Row, below: Mapping[str, Stored] | None, *, fold_v: bool) -> dict[str, Stored]:
    """The whole row of the master: what the file says, and what it does not say from the version ``below``."""
    whole: dict[str, Stored] = {
        "number": read.number,
        "holder_no": read.holder_no,
        "shown_number": read.shown_number,
    }
    for name in CARRIED:
        if name in read.given:
            whole[name] = read.given[name]
        elif below is not None:
            whole[name] = below[name]
        else:
            whole[name] = True if name == "web_registration" else None
    return {**whole, **derived(whole, fold_v=fold_v)}


def derived(whole: Mapping[str, Stored], *, fold_v: bool) -> dict[str, Stored]:
    """What is computed from a row when it is loaded: keys to compare by, and what keeps it from being registered."""
    keys = kana.name_keys(str(whole["name_kana"] or ""), fold_v=fold_v)
    keys |= kana.name_keys(str(whole["name_kana2"] or ""), fold_v=fold_v)
    phones = [text for text in (whole["phone"], whole["phone2"]) if isinstance(text, str)]
    return {
        "name_keys": sorted(keys),
        "name_rule": kana.name_rule(fold_v=fold_v),
        "phone_keys": sorted(phone.phone_keys(*phones)),
        "defects": [code for _, code in _defects(whole)],
    }


def holder_for(holders: Sequence[Holder], first_month: int, last_month: int) -> int | None:
    """Whose statement it is that tells usage from ``first_month`` to ``last_month`` (yyyymm); None: not certain.

    It belongs to the holder at the end of the usage month. Usage before the first known 名義開始日 belongs to
    somebody who is not in the master, a holder without 名義開始日 beside others began at a time that nobody
    knows, and a bill with usage of two holders is nobody's alone.
    """
    if any(holder.since is None for holder in sorted(holders)[1:]):
        return None
    at_first = _holder_at(holders, first_month)
    return at_first if at_first == _holder_at(holders, last_month) else None


def customer_number(raw: str, fold: Callable[[str], str | None]) -> str | Defect:
    """The folded customer number of a cell."""
    if raw.isascii() and raw.isdigit():
        # Nothing else can be wrong with digits, and nearly all are nothing else.
        return fold(raw) or Defect("not_a_customer_number")
    defect = values.unfit(raw)
    if defect is not None:
        return defect
    text = raw.strip()
    if not text:
        return values.EMPTY
    return values.broken_by_excel(text) or fold(text) or Defect("not_a_customer_number")


def holder_number(plan: Plan, cells: Sequence[str]) -> int | Defect:
    """The holder number of a row, 0 where it does not say."""
    if "holder_no" not in plan.places:
        return 0
    value = values.ordinal(cells[plan.places["holder_no"]], 9)
    return 0 if value == values.EMPTY else value


def fitted(plan: Plan, record: list[str], row: int, tell: Tell) -> list[str] | None:
    """The record with as many cells as there are headings; None for an empty or (told) an overlong one."""
    width = plan.width
    if isinstance(record, Unsplit):
        tell(RowError("record_broken", row, "", "", ""))
        return None
    if not any(cell and not cell.isspace() for cell in record):
        return None
    if len(record) <= width:
        return record + [""] * (width - len(record))
    if any(cell.strip() for cell in record[width:]):
        place = plan.places.get("customer_number")
        number = "" if place is None else told(record[place].strip(), LONGEST_NUMBER)
        tell(
            RowError(
                "too_many_cells", row, "", number, "", {"cells": str(len(record)), "columns": str(width)}
            )
        )
        return None
    return record[:width]


def _holder_at(holders: Sequence[Holder], month: int) -> int | None:
    begun = [
        (0 if holder.since is None else holder.since.year * 100 + holder.since.month, holder.since, holder)
        for holder in holders
    ]
    candidates = [
        (since or datetime.date.min, holder.holder_no) for began, since, holder in begun if began <= month
    ]
    return max(candidates)[1] if candidates else None


def _defects(row: Mapping[str, Stored]) -> list[tuple[str, str]]:
    found = (
        ("name_kana", kana.kana_defect(str(row["name_kana"] or ""))),
        ("phone", phone.phone_defect(str(row["phone"] or ""))),
    )
    return [(name, code) for name, code in found if code is not None]


def _optional_text(longest: int) -> Callable[[str], str | Defect | None]:
    return lambda raw: values.words(raw, longest) or None


def _needed_text(longest: int) -> Callable[[str], str | Defect]:
    return lambda raw: values.words(raw, longest) or values.EMPTY


def _optional_day(raw: str) -> str | Defect | None:
    value = values.day(raw)
    if isinstance(value, Defect):
        return None if value == values.EMPTY else value
    return value.isoformat()


def _phone(raw: str) -> str | Defect | None:
    text = values.words(raw, 40)
    if isinstance(text, Defect):
        return text
    return values.broken_by_excel(text) or text or None


def _status(raw: str) -> str | Defect:
    status = values.one_of(raw, STATUSES)
    return status if isinstance(status, Defect) else status.value


def _may_register(raw: str) -> bool | Defect:
    value = values.one_of(raw, WEB_REGISTRATION)
    return True if value == values.EMPTY else value


def _code(raw: str) -> str | Defect | None:
    text = _phone(raw)
    return _BETWEEN.sub("", text).upper() if isinstance(text, str) else text


_READERS: Final[Mapping[str, Callable[[str], str | bool | Defect | None]]] = {
    "holder_since": _optional_day,
    "name": _needed_text(100),
    # Empty is a warning and the row loads: it is kept as an empty text.
    "name_kana": lambda raw: values.words(raw, 100),
    "name_kana2": _optional_text(100),
    "phone": _phone,
    "phone2": _phone,
    "postal_code": _optional_text(20),
    "address": _optional_text(300),
    "billing_name": _optional_text(100),
    "billing_postal_code": _optional_text(20),
    "billing_address": _optional_text(300),
    "status": _status,
    "contracted_on": _optional_day,
    "ended_on": _optional_day,
    "web_registration": _may_register,
    "registration_key": _code,
}
