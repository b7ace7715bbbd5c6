"""Who looked at this customer, and what a released account saw: for the authority, and as a letter to the customer.

That it was asked is a look, which is written down: the one thing that a GET writes here.
"""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from mypage.domain import customer_number
from mypage.domain.billing_month import BillingMonth
from mypage.domain.staff import Role
from mypage.services import trail_questions as service
from mypage.services.trail_questions import Purpose, Released
from mypage.shown import trail as shown
from mypage.web import staff_logins
from mypage.web.house import house, now, today
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.words import trail as words

doors = Blueprint("trail_questions", __name__)
_RELEASES = "/staff/trail/releases"


@doors.get("/staff/trail/looks/<key>")
@roles(Role.AUDITOR)
def looks(key: str) -> ResponseReturnValue:
    """Who looked at a customer. That it was asked is a look, and written down."""
    if not _is_key(key):
        abort(404)
    with house().database.writing() as connection:
        found = service.looks(connection, key, actor=staff_logins.required().actor, now=now())
        releases = service.releases_of(connection, key)
    return page(
        "staff/trail_looks.html",
        key=key,
        found=found,
        rows=[shown.row(row, found.names) for row in found.rows],
        people=_people(found),
        watchers=found.watchers,
        who=lambda account_id: shown.who(
            account_id if account_id.startswith("staff:") else f"account:{account_id}", found.names
        ),
        moment=words.moment,
        releases=[shown.row(row, {}) for row in releases],
    )


@doors.get(_RELEASES)
@roles(Role.AUDITOR)
def releases() -> ResponseReturnValue:
    """All releases, newest first."""
    before = request.args.get("before", type=int)
    with house().database.writing() as connection:
        found = service.releases(connection, before=before, actor=staff_logins.required().actor, now=now())
    older = f"{_RELEASES}?before={found.before}" if found.before else None
    rows = [shown.row(row, {}) for row in found.rows]
    return page("staff/trail_releases.html", rows=rows, older=older)


@doors.get(f"{_RELEASES}/<int:seq>")
@roles(Role.AUDITOR)
def release(seq: int) -> ResponseReturnValue:
    """One release, without anything personal of who had registered, and the two papers that can be made of it."""
    with house().database.writing() as connection:
        found = service.open_release(connection, seq, actor=staff_logins.required().actor, now=now())
    if found is None:
        abort(404)
    return page("staff/trail_release.html", **_told(found))


@doors.post(f"{_RELEASES}/<int:seq>/authority")
@roles(Role.AUDITOR)
def authority(seq: int) -> ResponseReturnValue:
    """All that is known, for the report to the authority."""
    return _paper(seq, Purpose.AUTHORITY)


@doors.post(f"{_RELEASES}/<int:seq>/customer")
@roles(Role.AUDITOR)
def customer(seq: int) -> ResponseReturnValue:
    """A letter to the customer, to be printed and posted."""
    return _paper(seq, Purpose.CUSTOMER)


def _paper(seq: int, purpose: Purpose) -> ResponseReturnValue:
    with house().database.writing() as connection:
        found = service.tell_release(connection, seq, purpose, actor=staff_logins.required().actor, now=now())
    if found is None:
        abort(404)
    return page(f"staff/trail_{purpose.value}.html", now=now(), today=today(), **_told(found))


def _told(found: Released) -> Mapping[str, Any]:
    return {
        "found": found,
        "release": shown.row(found.release, found.names),
        "opened": [shown.row(row, found.names) for row in found.opened],
        "months": [BillingMonth.from_int(month) for month in found.months],
        "bills": [(BillingMonth.from_int(bill.month), bill) for bill in found.bills],
        "detail": shown.detail(found.detail) if found.detail else (),
        "moment": words.moment,
    }


def _people(found: service.Looks) -> list[tuple[str, str, int, str, str]]:
    """Each who looked, once: name, filter, how often, first and last time."""
    of: dict[str, list[Any]] = {}
    for row in found.rows:
        of.setdefault(row.actor, []).append(row)
    return [
        (
            shown.who(actor, found.names),
            actor,
            len(rows),
            words.moment(rows[-1].at),
            words.moment(rows[0].at),
        )
        for actor, rows in of.items()
    ]


def _is_key(key: str) -> bool:
    try:
        customer_number.split_key(key)
    except ValueError:
        return False
    return True
