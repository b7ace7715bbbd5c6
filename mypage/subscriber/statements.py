"""ご利用料金 and ご利用料金の明細."""

from collections.abc import Sequence
from functools import cache

from flask import Blueprint, Response, abort, redirect
from flask.typing import ResponseReturnValue

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.services import statements as service
from mypage.services.sessions import Session, ShownCustomer
from mypage.shown import statement as shown_month
from mypage.shown import statement_csv, statement_list, statement_table
from mypage.shown.statement_parts import parts
from mypage.subscriber.customer_choice import chosen, suffix
from mypage.web import logins
from mypage.web.chart import draw_months
from mypage.web.frames import framed
from mypage.web.house import house, now, today
from mypage.web.language import language
from mypage.web.pages import page
from mypage.web.reading import reading
from mypage.words.catalogue import translate
from mypage.words.gettext import N_

doors = Blueprint("statements", __name__)
logins.protect(doors)


@doors.get("/statements")
def months() -> ResponseReturnValue:
    """The bills of the window, a row a month, with the chart."""
    session = logins.required()
    customer = chosen(session)
    if customer is None:
        return redirect("/", 303)
    found = months_of(session, customer)
    mark_as_seen(session, customer, found, whole_list=True)
    if not found:
        return page("subscriber/statements_none.html")
    behind, said_in = suffix(session, customer), language()
    drawing = draw_months(statement_list.bars(found), _year_words(said_in))
    return framed(
        "subscriber/statements.html",
        table=statement_table.table(found, behind, said_in, today()),
        suffix=behind,
        scale=drawing.scale,
        width=drawing.width,
        bars=drawing.bars,
        newest=drawing.newest,
        labels=drawing.labels,
    )


@cache
def _year_words(language: str) -> str:
    return translate(N_("{year}年"), language)


@doors.get("/statements.csv")
def table() -> ResponseReturnValue:
    """The same as a file for Excel."""
    session = logins.required()
    customer = chosen(session)
    if customer is None:
        return redirect("/", 303)
    found = months_of(session, customer)
    mark_as_seen(session, customer, found, whole_list=True)
    answer = Response(statement_csv.table(found, language()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="statements.csv"'
    return answer


@doors.get("/statements/<month>")
def month(month: str) -> ResponseReturnValue:
    """The bills of one month with their lines; every month that is not one's own to see is the same 404."""
    session = logins.required()
    customer = chosen(session)
    asked = BillingMonth.parse(month)
    if customer is None:
        return redirect("/", 303)
    settings = house().settings
    if asked is None:
        abort(404)
    found = service.for_month(
        reading(),
        customer.keys,
        asked,
        publications=session.publications,
        first_month=settings.first_month,
        length=settings.months_shown,
    )
    if found is None:
        abort(404)
    mark_as_seen(session, customer, [found.month], whole_list=False)
    shown = shown_month.month(
        found,
        published_at=session.publications.published_at,
        result_days=settings.payment_result_days,
        today=today(),
        language=language(),
    )
    return framed("subscriber/statement.html", **parts(shown, suffix(session, customer), language()))


def months_of(session: Session, customer: ShownCustomer) -> tuple[MonthOfBills, ...]:
    """The customer's bills in the operator's window."""
    settings = house().settings
    return service.months(
        reading(),
        customer.keys,
        publications=session.publications,
        first_month=settings.first_month,
        length=settings.months_shown,
    )


def mark_as_seen(
    session: Session, customer: ShownCustomer, seen: Sequence[MonthOfBills], *, whole_list: bool
) -> None:
    """Mark what is about to be shown, in its own short transaction; nothing is written the second time."""
    unmarked = service.unmarked(reading(), session, customer.keys, seen)
    remembers = whole_list and service.is_list_to_remember(session)
    if not unmarked and not remembers:
        return
    with house().database.writing() as connection:
        service.mark(connection, session, unmarked, whole_list=remembers, now=now())
