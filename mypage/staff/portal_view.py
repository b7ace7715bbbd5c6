"""The portal as the subscriber sees it: ご利用料金 and 明細, drawn by the very same presenters, and nothing else.

Each page of it is recorded before it goes out: that is the one thing that a GET writes here, and it changes nothing
for the customer.
"""

from typing import Final

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from mypage.domain.billing_month import BillingMonth
from mypage.domain.bills import MonthOfBills
from mypage.domain.staff import Role
from mypage.domain.view_reason import ViewReason, named
from mypage.services import calls, customer_state, portal_view
from mypage.services import statements as bills
from mypage.services.portal_view import View
from mypage.shown import statement as shown_month
from mypage.shown import statement_list, statement_table
from mypage.shown.statement_parts import parts
from mypage.staff.customer_pages import customer_path
from mypage.staff.customers import unknown
from mypage.web import staff_logins
from mypage.web.chart import draw_months
from mypage.web.choices import OneOf
from mypage.web.forms import Form
from mypage.web.house import house, now, today
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.typed import typed_in

doors = Blueprint("portal_view", __name__)
_LANGUAGE: Final = "ja"


class ViewForm(Form):
    """Why the view is opened."""

    reason = OneOf("理由", options=[(each.word, each.label) for each in ViewReason])


def _again(key: str) -> ResponseReturnValue:
    return page("staff/view/begin.html", key=key, form=ViewForm())


@doors.route("/staff/customers/<key>/view", methods=["GET", "POST"])
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ViewForm, again=_again)
def begin(key: str) -> ResponseReturnValue:
    """Say why, and open the view: for a noted call, an hour at most."""
    session = staff_logins.required()
    form = ViewForm()
    reason = named(form.reason.data or "")
    with house().database.writing() as connection:
        state = customer_state.of_customer(connection, key, settings=house().settings, now=now())
        call = calls.current(connection, staff_id=session.staff_id, customer_key=key, now=now())
        if state is None:
            return unknown(key)
        open_view = portal_view.current(
            connection, state, staff_id=session.staff_id, settings=house().settings, now=now()
        )
        if open_view is not None and request.method == "GET":
            return redirect(f"{_path(key)}/statements", 303)
        if call is None:
            return redirect(customer_path(key, "customer_call_needed"), 303)
        if request.method == "GET" or reason is None:
            return _form(key, form)
        refused = portal_view.open_view(
            connection, call, state, reason=reason, settings=house().settings, now=now()
        )
    if refused is not None:
        return redirect(customer_path(key, f"view_nothing_{refused.value}"), 303)
    return redirect(f"{_path(key)}/statements", 303)


@doors.get("/staff/customers/<key>/view/statements")
@roles(Role.AGENT, Role.ADMIN)
def months(key: str) -> ResponseReturnValue:
    """The bills of the window as the subscriber sees them."""
    with house().database.writing() as connection:
        view = _view(connection, key)
        if view is None:
            return redirect(customer_path(key, "view_over"), 303)
        found = _months(connection, view)
        portal_view.look(connection, view, found, page=portal_view.LIST, now=now())
    if not found:
        return _page("staff/view/statements_none.html", view)
    drawing = draw_months(statement_list.bars(found), "{year}年")
    return _page(
        "staff/view/statements.html",
        view,
        table=statement_table.table(found, "", _LANGUAGE, today(), f"{_path(key)}/statements"),
        scale=drawing.scale,
        width=drawing.width,
        bars=drawing.bars,
        newest=drawing.newest,
        labels=drawing.labels,
    )


@doors.get("/staff/customers/<key>/view/statements/<month>")
@roles(Role.AGENT, Role.ADMIN)
def month(key: str, month: str) -> ResponseReturnValue:
    """The bills of one month as the subscriber sees them; what is not theirs to see is the same 404."""
    asked, settings = BillingMonth.parse(month), house().settings
    if asked is None:
        abort(404)
    with house().database.writing() as connection:
        view = _view(connection, key)
        if view is None:
            return redirect(customer_path(key, "view_over"), 303)
        found = bills.for_month(
            connection,
            view.customer.keys,
            asked,
            publications=view.publications,
            first_month=settings.first_month,
            length=settings.months_shown,
        )
        if found is None:
            abort(404)
        portal_view.look(connection, view, [found.month], page=str(asked), now=now())
    shown = shown_month.month(
        found,
        published_at=view.publications.published_at,
        result_days=settings.payment_result_days,
        today=today(),
        language=_LANGUAGE,
    )
    path = f"{_path(key)}/statements"
    return _page("staff/view/statement.html", view, **parts(shown, "", _LANGUAGE, path))


@doors.route("/staff/customers/<key>/view/end", methods=["GET", "POST"])
@roles(Role.AGENT, Role.ADMIN)
def end(key: str) -> ResponseReturnValue:
    """[表示を終える]."""
    if request.method == "POST":
        session = staff_logins.required()
        with house().database.writing() as connection:
            portal_view.end(connection, customer_key=key, staff_id=session.staff_id, now=now())
    return redirect(customer_path(key, "view_over" if request.method == "POST" else None), 303)


def _form(key: str, form: ViewForm) -> ResponseReturnValue:
    if request.method == "POST":
        form.refuse(form.reason, "view_reason_missing")
    html = page("staff/view/begin.html", key=key, form=form, errors=form.errors)
    return html, 400 if form.errors else 200


def _view(connection: Connection, key: str) -> View | None:
    """The open view of whoever asks; None where there is none (any more)."""
    settings, session = house().settings, staff_logins.required()
    state = customer_state.of_customer(connection, key, settings=settings, now=now())
    if state is None:
        return None
    return portal_view.current(connection, state, staff_id=session.staff_id, settings=settings, now=now())


def _months(connection: Connection, view: View) -> tuple[MonthOfBills, ...]:
    settings = house().settings
    return bills.months(
        connection,
        view.customer.keys,
        publications=view.publications,
        first_month=settings.first_month,
        length=settings.months_shown,
    )


def _page(template: str, view: View, **context: object) -> str:
    """A page of the view: without the console's menu, so that no link leads out of it but its end."""
    session = staff_logins.required()
    return page(template, menu=(), view=view, key=view.customer_key, watcher=session.name, **context)


def _path(key: str) -> str:
    return f"/staff/customers/{key}/view"
