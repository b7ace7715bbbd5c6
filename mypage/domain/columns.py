"""Columns of the billing files: headings in Japanese or by their English alias, in any order.

The kind of a file is seen from its headings (specification "formats" and §6).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mypage.domain.batch import Kind


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its English name, its Japanese heading, other headings that mean it, and whether it must be there."""

    name: str
    heading: str
    also: tuple[str, ...] = ()
    required: bool = False


def _required(name: str, heading: str, *also: str) -> Column:
    return Column(name, heading, also, required=True)


def _optional(name: str, heading: str, *also: str) -> Column:
    return Column(name, heading, also)


_CUSTOMER_NUMBER = _required("customer_number", "お客様番号")
_HOLDER_NO = _optional("holder_no", "名義番号")

COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = {
    Kind.CUSTOMERS: (
        _CUSTOMER_NUMBER,
        _HOLDER_NO,
        _optional("holder_since", "名義開始日"),
        _required("name", "契約者名"),
        _required("name_kana", "契約者名カナ"),
        _optional("name_kana2", "契約者名カナ2"),
        _required("phone", "電話番号"),
        _optional("phone2", "電話番号2"),
        _optional("postal_code", "郵便番号"),
        _optional("address", "住所"),
        _optional("billing_name", "請求先名"),
        _optional("billing_postal_code", "請求先郵便番号"),
        _optional("billing_address", "請求先住所"),
        _required("status", "契約状態"),
        _optional("contracted_on", "契約日"),
        _optional("ended_on", "解約日"),
        _optional("web_registration", "Web登録"),
        _optional("registration_key", "登録キー"),
    ),
    Kind.CONTRACTS: (
        _CUSTOMER_NUMBER,
        _HOLDER_NO,
        _required("contract_number", "契約番号"),
        _required("service", "サービス"),
        _required("course", "コース名"),
        _required("status", "状態"),
        _optional("started_on", "開始日"),
        _optional("ended_on", "終了日"),
        _optional("equipment", "機器"),
        _optional("monthly_fee", "月額"),
    ),
    Kind.CHARGES: (
        _CUSTOMER_NUMBER,
        _HOLDER_NO,
        _required("billing_month", "請求年月"),
        _optional("statement_number", "請求番号"),
        _optional("action", "処理区分"),
        _required("line_number", "明細番号"),
        _optional("service", "サービス"),
        _required("description", "項目名"),
        _optional("usage_month", "ご利用月"),
        _optional("quantity", "数量"),
        _optional("unit_price", "単価"),
        _required("amount", "金額"),
        _optional("amount_basis", "金額区分"),
        _optional("line_kind", "行区分"),
        _required("tax_class", "税区分", "税率", "tax_rate"),
        _required("total", "請求金額合計"),
        _optional("payment_method", "お支払方法"),
        _optional("due_on", "お支払期日"),
        _optional("payment_state", "支払状態"),
        _optional("tax_10", "消費税10%"),
        _optional("tax_8", "消費税8%"),
    ),
    Kind.PAYMENTS: (
        _CUSTOMER_NUMBER,
        _HOLDER_NO,
        _required("billing_month", "請求年月"),
        _optional("statement_number", "請求番号"),
        _required("payment_state", "支払状態"),
        _optional("paid_on", "入金日"),
        _optional("paid_amount", "入金額"),
        _optional("retry_on", "再振替日"),
    ),
    Kind.NUMBER_CHANGES: (
        _required("old_number", "旧お客様番号"),
        _required("new_number", "新お客様番号"),
        _required("kind", "区分"),
        _required("changed_on", "異動日"),
    ),
}

# What only a file of this kind has: enough of it present names the kind even where a required column is missing.
_TELLING: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.CUSTOMERS: frozenset(("name", "name_kana", "phone")),
    Kind.CONTRACTS: frozenset(("contract_number", "course")),
    Kind.CHARGES: frozenset(("line_number", "description", "amount", "total")),
    Kind.PAYMENTS: frozenset(("paid_on", "paid_amount", "retry_on")),
    Kind.NUMBER_CHANGES: frozenset(("old_number", "new_number")),
}
_SPACES = re.compile(r"\s+")


class Unsplit(list[str]):
    """A record that could not be split into cells: a quotation mark that is never closed, or a cell without end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the columns of one file stand. ``extra`` are the headings that mean nothing to us."""

    kind: Kind
    places: Mapping[str, int]
    headings: Sequence[str]
    extra: tuple[str, ...]
    width: int

    def heading(self, name: str) -> str:
        """How the file itself calls a column; the Japanese name where it does not have it."""
        place = self.places.get(name)
        return heading_of(self.kind, name) if place is None else self.headings[place].strip()


@dataclass(frozen=True, slots=True)
class HeadingDefect:
    """Why a file cannot be read by its header row. ``facts`` fill the gaps of the sentence."""

    code: str
    facts: Mapping[str, str]


def heading_of(kind: Kind, name: str) -> str:
    """The Japanese heading of a column."""
    return next((column.heading for column in COLUMNS[kind] if column.name == name), name)


def name_of(kind: Kind, heading: str) -> str | None:
    """The column that a heading of a file means, None where it means none."""
    folded = _fold(heading)
    return next((column.name for column in COLUMNS[kind] if folded in _known(column)), None)


def kind_of(headings: Sequence[str]) -> Kind | None:
    """The kind of a file by its headings, None where they fit none or two alike.

    A kind whose columns are but some of those that another kind finds is not meant: a charges file that lacks a
    column has all that a payments file needs.
    """
    fits: dict[Kind, tuple[int, int]] = {}
    taken: dict[Kind, frozenset[int]] = {}
    for kind, columns in COLUMNS.items():
        places = _places(columns, headings)
        found, taken[kind] = set(places), frozenset(places.values())
        telling = len(found & _TELLING[kind])
        if telling or all(column.name in found for column in columns if column.required):
            missing = sum(column.required and column.name not in found for column in columns)
            fits[kind] = (-missing, telling)
    meant = [kind for kind in fits if not any(taken[kind] < taken[other] for other in fits)]
    best = sorted(meant, key=lambda kind: fits[kind], reverse=True)
    if not best or (len(best) > 1 and fits[best[0]] == fits[best[1]]):
        return None
    return best[0]


def plan(headings: Sequence[str], kind: Kind | None = None) -> Plan | HeadingDefect:
    """Where which column stands, or why the file is refused. ``kind`` forces the kind."""
    kind = kind or kind_of(headings)
    if kind is None:
        return HeadingDefect("kind_unknown", {"headings": listed(headings)})
    columns = COLUMNS[kind]
    places = _places(columns, headings)
    twice = _twice(columns, headings)
    if twice:
        return HeadingDefect("column_twice", {"columns": listed(twice)})
    missing = [column.heading for column in columns if column.required and column.name not in places]
    if missing:
        return HeadingDefect("column_missing", {"columns": listed(missing), "kind": kind.value})
    taken = set(places.values())
    extra = tuple(text.strip() for place, text in enumerate(headings) if place not in taken and text.strip())
    return Plan(kind, places, tuple(headings), extra, len(headings))


def listed(headings: Iterable[str]) -> str:
    """Headings as they are told, the first thirty of them."""
    return "、".join(heading.strip()[:40] for heading in list(headings)[:30] if heading.strip())


def _places(columns: Iterable[Column], headings: Sequence[str]) -> dict[str, int]:
    folded = [_fold(heading) for heading in headings]
    places: dict[str, int] = {}
    for column in columns:
        for known in _known(column):
            if known in folded:
                places[column.name] = folded.index(known)
                break
    return places


def _twice(columns: Iterable[Column], headings: Sequence[str]) -> list[str]:
    folded = [_fold(heading) for heading in headings]
    return [column.heading for column in columns if sum(folded.count(known) for known in _known(column)) > 1]


def _known(column: Column) -> list[str]:
    return [_fold(heading) for heading in (column.heading, column.name, *column.also)]


def _fold(heading: str) -> str:
    text = _SPACES.sub("", unicodedata.normalize("NFKC", heading)).lower()
    return text.removesuffix("*").removesuffix("※")
