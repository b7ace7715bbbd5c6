"""The rows of the list as HTML, put together from parts that the template makes once and that are kept.

A row has some ten places in which something stands; filling each of them anew for each row took half of the time
of the whole page. What stands in them but the amount and the difference is shared by all customers of a month.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

from markupsafe import Markup, escape

from mypage.domain.billing_month import BillingMonth
from mypage.shown.statement_list import Payment, Row
from mypage.web.pages import environments
from mypage.words.filters import filters

_TEMPLATE = "subscriber/statement_row.html"


def table(rows: Iterable[Row], suffix: str, language: str) -> Markup:
    """``suffix`` stands behind the path of each link."""
    said = filters_of(language)
    yen, change_words = said["yen"], said["change"]
    to_change, to_payments, behind = (
        _between("to_change", language),
        _between("to_payments", language),
        escape(suffix),
    )
    html: list[str] = []
    for row in rows:
        month, _, total, is_withdrawn, is_corrected, bill_count, payments, change = row
        head, to_link, end = _of_month(month, language)
        is_plain = total > 0 and not is_withdrawn and not is_corrected and bill_count == 1
        html += (
            head,
            yen(total) if is_plain else _amount(row, language),
            to_change,
            "" if change is None else change_words(change),
            to_payments,
            _payments(payments, language),
            to_link,
            behind,
            end,
        )
    return Markup("".join(html))  # noqa: S704 - parts made with autoescape, and numbers


filters_of = cache(filters)


def _macro(name: str, language: str, *arguments: object) -> str:
    return str(getattr(environments()[language].get_template(_TEMPLATE).module, name)(*arguments))


@cache
def _between(name: str, language: str) -> str:
    return _macro(name, language)


@lru_cache(maxsize=1024)
def _of_month(month: BillingMonth, language: str) -> tuple[str, str, str]:
    said = filters_of(language)["month"](month)
    return (
        _macro("head", language, said),
        _macro("to_link", language, f"/statements/{month}"),
        _macro("end", language, said),
    )


def _amount(row: Row, language: str) -> str:
    return _macro("amount", language, row)


@lru_cache(maxsize=4096)
def _payments(payments: tuple[Payment, ...], language: str) -> str:
    return _macro("payments", language, payments)
