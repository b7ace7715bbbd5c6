"""お電話用の確認番号: the number that a caller reads out, instead of birthday and address."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain.support_code import State, groups
from mypage.services import support_codes
from mypage.services.sessions import Session, ShownCustomer
from mypage.services.support_codes import Shown
from mypage.services.throttle import Waiting
from mypage.subscriber.customer_choice import chosen, suffix
from mypage.web import logins, waiting
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.language import language
from mypage.web.pages import page
from mypage.web.typed import typed_in
from mypage.words.support_code import readings

doors = Blueprint("support_code", __name__)
logins.protect(doors)
_PATH = "/support-code"


@doors.get(_PATH)
def show() -> ResponseReturnValue:
    """The number and what became of it; for a login with several customers first the choice."""
    session = logins.required()
    customer = chosen(session)
    if customer is None:
        return redirect("/", 303)
    shown = _look(session, customer)
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":
        return jsonify(state=shown.state.value, mark=shown.mark, seconds=_seconds_left(shown))
    return _page(session, customer, shown)


@doors.post(_PATH)
@typed_in()
def make() -> ResponseReturnValue:
    """[確認番号を発行する]: the number before is good no more."""
    session = logins.required()
    customer = chosen(session)
    if customer is None:
        return redirect("/", 303)
    with house().database.writing() as connection:
        outcome = support_codes.make(
            connection,
            customer.key,
            session.account_id,
            after=request.form.get("after", ""),
            settings=house().settings,
            now=now(),
        )
    if isinstance(outcome, Waiting):
        form = Form()
        form.tell("support_code_wait", minutes=outcome.minutes)
        return waiting.told(_page(session, customer, _look(session, customer), form), outcome)
    return redirect(_PATH + suffix(session, customer), 303)


def _look(session: Session, customer: ShownCustomer) -> Shown:
    with house().database.reading() as connection:
        return support_codes.look(
            connection, customer.key, session.account_id, settings=house().settings, now=now()
        )


def _page(session: Session, customer: ShownCustomer, shown: Shown, form: Form | None = None) -> str:
    return page(
        "subscriber/support_code.html",
        form=form,
        errors=form.errors if form else None,
        shown=shown,
        is_live=shown.state is State.LIVE,
        action=_PATH + suffix(session, customer),
        # Whoever holds several contracts is to see which one the number names.
        number=customer.number if len(session.customers) > 1 else None,
        **_said(shown),
    )


def _said(shown: Shown) -> Mapping[str, Any]:
    """The digits as they are seen and as they are said."""
    return {
        "groups": groups(shown.digits),
        "readings": readings(shown.digits, language()),
        "seconds": _seconds_left(shown),
    }


def _seconds_left(shown: Shown) -> int:
    """How long a live number is good: the browser counts down from there, whatever its own clock says."""
    if shown.state is not State.LIVE or shown.expires_at is None:
        return 0
    return -(-(shown.expires_at - now()) // timedelta(seconds=1))
