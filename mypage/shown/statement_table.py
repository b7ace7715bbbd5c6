"""The rows of the list as HTML, put together from parts that the template makes once and that are kept.

A row has some ten places in which something stands; filling each of them anew for each row took half of the time
of the whole page. What stands in them but the amount and the difference is shared by all customers of a month.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

from markupsafe import Markup, escape

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.shown.statement_list import Payment, payment_word, row
from mypage.web.pages import environments
from mypage.words.filters import filters

_TEMPLATE = "subscriber/statement_row.html"


def table(months: Sequence[MonthOfBills], suffix: str, language: str) -> Markup:
    """``suffix`` stands behind the path of each link."""
    said = filters_of(language)
    yen, change_words = said["yen"], said["change"]
    to_change, to_payments = _between("to_change", language), _between("to_payments", language)
    behind = escape(suffix)
    html: list[str] = []
    for each in months:
        month, bills, standing, total, change = each
        head, to_link, end = _of_month(month, language)
        version, earlier = bills[0]
        if standing == len(bills) == 1 and total > 0 and not earlier:
            amount = yen(total)
            payment = _payment(version.due_on, version.payment_method, version.payment_state, language)
        else:
            shown = row(each, language)
            amount, payment = (
                _macro("amount", language, shown),
                _macro("payments", language, shown.payments),
            )
        difference = "" if change is None else change_words(change)
        html += (head, amount, to_change, difference, to_payments, payment, to_link, behind, end)
    return Markup("".join(html))  # noqa: S704 - parts made with autoescape, and numbers


filters_of = cache(filters)


def _macro(name: str, language: str, *arguments: object) -> str:
    return str(getattr(environments()[language].get_template(_TEMPLATE).module, name)(*arguments))


@cache
def _between(name: str, language: str) -> str:
    return _macro(name, language)


@lru_cache(maxsize=1024)
def _of_month(number: int, language: str) -> tuple[str, str, str]:
    month = BillingMonth.from_int(number)
    said = filters_of(language)["month"](month)
    return (
        _macro("head", language, said),
        _macro("to_link", language, f"/statements/{month}"),
        _macro("end", language, said),
    )


@lru_cache(maxsize=4096)
def _payment(due_on: date | None, method: str | None, state: str | None, language: str) -> str:
    word = payment_word(state, language) if state else None
    return _macro("payments", language, [Payment(due_on, method, word)])
