"""The page of one month as HTML, put together from parts of a template.

Most lines of a bill stand alike on the bills of many customers, and so does what is said of a payment: such a part
is made once and kept. What belongs to one bill alone is made for each page.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from mypage.domain.bill_changes import LineChange
from mypage.domain.billing_month import BillingMonth
from mypage.domain.statement import LineItem, TaxClass
from mypage.shown.statement import Group, ShownBill, ShownMonth
from mypage.web.pages import environments

_TEMPLATE = "subscriber/statement_parts.html"
_PATH = "/statements"


def parts(shown: ShownMonth, suffix: str, language: str, path: str = _PATH) -> dict[str, object]:
    """What stands in the places of ``parts/statement.html``.

    ``suffix`` stands behind the path of each link, which begins with ``path``.
    """
    macros = _macros(language)
    stands_alone = len(shown.bills) == 1
    return {
        "month": _month(shown.month, language),
        "suffix": suffix,
        "total": macros.total(shown),
        "bills": Markup("").join([_bill(each, stands_alone, language) for each in shown.bills]),
        "changes": macros.changes(_changes(shown.changes, language)) if shown.changes else "",
        "neighbours": _neighbours(shown.older, shown.newer, suffix, language, path),
    }


def _macros(language: str) -> Any:
    return environments()[language].get_template(_TEMPLATE).module


def _bill(bill: ShownBill, stands_alone: bool, language: str) -> Markup:
    made: Markup = _macros(language).bill(
        bill,
        stands_alone,
        _groups(bill.groups, language),
        _lines(bill.passed_through, language),
        _payment(bill.method, bill.due_on, bill.state, bill.state_note, language),
    )
    return made


def _groups(groups: Iterable[Group], language: str) -> Markup:
    html: list[str] = []
    for group in groups:
        html.append('<tbody role="rowgroup">\n')
        if group.service:
            html.append(_group(group.service, language))
        html.append(_lines(group.lines, language))
        html.append("</tbody>\n")
    return Markup("".join(html))  # noqa: S704 - parts made with autoescape


def _lines(lines: Iterable[LineItem], language: str) -> Markup:
    html = [
        _line(
            line.description,
            line.tax_class is TaxClass.REDUCED,
            line.usage_month,
            line.quantity,
            line.unit_price,
            line.amount,
            language,
        )
        for line in lines
    ]
    return Markup("".join(html))  # noqa: S704 - parts made with autoescape


def _changes(changes: Iterable[LineChange], language: str) -> Markup:
    return Markup("".join([_change(each, language) for each in changes]))  # noqa: S704 - made with autoescape


@lru_cache(maxsize=16384)
def _change(change: LineChange, language: str) -> str:
    return str(_macros(language).change(*change, change.difference))


@lru_cache(maxsize=16384)
def _line(
    description: str,
    is_reduced: bool,
    usage_month: BillingMonth | None,
    quantity: Decimal | None,
    unit_price: Decimal | None,
    amount: Decimal,
    language: str,
) -> str:
    return str(_macros(language).line(description, is_reduced, usage_month, quantity, unit_price, amount))


@lru_cache(maxsize=1024)
def _group(service: str, language: str) -> str:
    return str(_macros(language).group(service))


@lru_cache(maxsize=4096)
def _payment(
    method: str | None, due_on: date | None, state: str | None, note: str | None, language: str
) -> Markup:
    made: Markup = _macros(language).payment(method, due_on, state, note)
    return made


@lru_cache(maxsize=1024)
def _month(month: BillingMonth, language: str) -> str:
    said: str = environments()[language].filters["month"](month)
    return said


@lru_cache(maxsize=1024)
def _neighbours(
    older: BillingMonth | None, newer: BillingMonth | None, suffix: str, language: str, path: str
) -> Markup:
    made: Markup = _macros(language).neighbours(older, newer, suffix, path)
    return made
