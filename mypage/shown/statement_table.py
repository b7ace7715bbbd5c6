"""The rows of the list as HTML, put together from parts that the template makes once and that are kept.

A row has some ten places in which something stands; filling each of them anew for each row took half of the time
of the whole page. What stands in them but the amount and the difference is shared by all customers of a month.
"""

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

from markupsafe import Markup

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.shown.statement_list import payment, retry_on, row
from mypage.web.pages import environments
from mypage.words.filters import filters

_TEMPLATE = "subscriber/statement_row.html"
_PATH = "/statements"


def table(
    months: Sequence[MonthOfBills], suffix: str, language: str, today: date, path: str = _PATH
) -> Markup:
    """``suffix`` stands behind the path of each link, which begins with ``path``; ``today`` is the date in Japan."""
    said = filters_of(language)
    yen, change_words = said["yen"], said["change"]
    html: list[str] = []
    for each in months:
        month, bills, standing, total, change = each
        version, earlier, paid = bills[0]
        if standing == len(bills) == 1 and total > 0 and not earlier:
            head, to_change = _of_month(month, language)
            state, retry = (version[9], None) if paid is None else (paid[3], retry_on(paid, today))
            tail = _tail(month, version[7], version[8], state, retry, suffix, language, path)
            html += (head, yen(total), to_change, "" if change is None else change_words(change), tail)
        else:
            html.append(_out_of_the_ordinary(each, suffix, language, today, path))
    return Markup("".join(html))  # noqa: S704 - parts made with autoescape, and numbers


def _out_of_the_ordinary(month: MonthOfBills, suffix: str, language: str, today: date, path: str) -> str:
    shown, (head, to_change) = row(month, language, today), _of_month(month.month, language)
    change = "" if month.change is None else filters_of(language)["change"](month.change)
    end = _macro(
        "end",
        language,
        shown.payments,
        f"{path}/{shown.month}{suffix}",
        filters_of(language)["month"](shown.month),
    )
    return "".join((head, _macro("amount", language, shown), to_change, change, end))


filters_of = cache(filters)


def _macro(name: str, language: str, *arguments: object) -> str:
    return str(getattr(environments()[language].get_template(_TEMPLATE).module, name)(*arguments))


@lru_cache(maxsize=1024)
def _of_month(number: int, language: str) -> tuple[str, str]:
    month = BillingMonth.from_int(number)
    return _macro("head", language, filters_of(language)["month"](month)), _macro("to_change", language)


@lru_cache(maxsize=4096)
def _tail(
    number: int,
    due_on: date | None,
    method: str | None,
    state: str | None,
    retry: date | None,
    suffix: str,
    language: str,
    path: str,
) -> str:
    month = BillingMonth.from_int(number)
    said = filters_of(language)["month"](month)
    paid = payment(due_on, method, state, retry, language)
    return _macro("end", language, [paid], f"{path}/{month}{suffix}", said)
