"""The lists behind the numbers of the shift's page: in pages, masked, each line leads to its customer.

Opening one leaves its row in the trail: the one write that these GETs do, and it changes nothing for any customer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from mypage.domain import masking
from mypage.domain.staff import Role
from mypage.domain.trail import Action
from mypage.services import shift, staff_rows, trail
from mypage.services.shift import PAGE, Registrations
from mypage.store import faults
from mypage.store import shift as store
from mypage.store.schema.metadata import instant_of
from mypage.store.shift import OfCustomer
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.words.batch import KINDS, STATES
from mypage.words.causes import CAUSES
from mypage.words.staff_search import FAULTS, STANDINGS, STATUSES
from mypage.words.staff_shift import MAIL_KINDS, MAILS, REGISTRATIONS, WAITS, scope

doors = Blueprint("shift", __name__)
READERS = (Role.AGENT, Role.BILLING, Role.ADMIN)
_MAIL_STATES = {"waiting": ("waiting",), "refused": ("refused",), "given_up": ("given_up",)}
_MOST_PAGES = 1_000
_LONG_AGO_DAYS = 7


class Line(NamedTuple):
    """A customer of a list: when, how often, and what else is said."""

    customer: staff_rows.CustomerRow
    at: datetime
    times: int
    note: str = ""


@doors.get("/staff/shift/registrations/<which>")
@roles(*READERS)
def registrations(which: str) -> ResponseReturnValue:
    """Who stands at a step of the registration."""
    if which not in REGISTRATIONS:
        raise NotFound
    here = _page()
    with house().database.reading() as connection:
        found = shift.registrations(connection, Registrations(which), here, now=now())
        lines = _lines(connection, found[:PAGE])
    _record(f"registrations.{which}", here, len(lines))
    title, lead = REGISTRATIONS[which]
    return _customers(title, lead, lines, here, more=len(found) > PAGE)


@doors.get("/staff/shift/failures/<code>")
@roles(*READERS)
def failures(code: str) -> ResponseReturnValue:
    """Whom a cause kept from going on: today, or in the last seven days."""
    code = code.upper()
    if code not in CAUSES:
        raise NotFound
    here, days = _page(), _LONG_AGO_DAYS if request.args.get("days") == str(_LONG_AGO_DAYS) else 1
    with house().database.reading() as connection:
        found = shift.failed(connection, code, here, days=days, now=now())
        lines = _lines(connection, found.customers[:PAGE])
    _record(f"failures.{code.lower()}", here, len(lines))
    return page(
        "staff/shift/failures.html",
        code=code,
        title=CAUSES[code],
        days=days,
        unknown=found.unknown,
        stumbles=found.stumbles,
        **_table(lines, here, more=len(found.customers) > PAGE),
    )


@doors.get("/staff/shift/mails/<which>")
@roles(*READERS)
def mails(which: str) -> ResponseReturnValue:
    """Mails that wait, or that nobody got."""
    if which not in MAILS:
        raise NotFound
    here = _page()
    with house().database.reading() as connection:
        found = store.mail_list(connection, _MAIL_STATES[which], limit=PAGE + 1, offset=(here - 1) * PAGE)
    _record(f"mails.{which}", here, min(len(found), PAGE))
    title, lead = MAILS[which]
    rows = [{**row, "recipient": masking.email(row["recipient"])} for row in found[:PAGE]]
    return page(
        "staff/shift/mails.html",
        title=title,
        lead=lead,
        rows=rows,
        kinds=MAIL_KINDS,
        **_paged(here, more=len(found) > PAGE),
    )


@doors.get("/staff/shift/waits")
@roles(*READERS)
def waits() -> ResponseReturnValue:
    """Who must wait before the next try, and how many waits there are that name nobody."""
    with house().database.reading() as connection:
        found = shift.waiting(connection, settings=house().settings, now=now())
        customers = staff_rows.of_keys(connection, list({each.customer_key for each in found}), now=now())
        counted = shift.waits_by_scope(connection, now())
    _record("waits", 1, len(customers))
    lines = [
        Line(customers[each.customer_key], each.wait.until, 1, WAITS[each.wait.what])
        for each in found
        if each.customer_key in customers
    ]
    scopes: dict[str, list[Any]] = {}
    for name, (many, until) in counted.items():
        words = scope(name)
        before = scopes.get(words, [0, until])
        scopes[words] = [before[0] + many, max(before[1], until)]
    return page("staff/shift/waits.html", scopes=scopes, **_table(lines, 1, more=False))


@doors.get("/staff/shift/batches")
@roles(*READERS)
def batches() -> ResponseReturnValue:
    """The batches of the billing side, the newest first. No customer stands there."""
    here = _page()
    with house().database.reading() as connection:
        found = store.batch_list(connection, limit=PAGE + 1, offset=(here - 1) * PAGE)
    return page(
        "staff/shift/batches.html",
        rows=found[:PAGE],
        states=STATES,
        kinds=KINDS,
        **_paged(here, more=len(found) > PAGE),
    )


@doors.get("/staff/shift/faults")
@roles(*READERS)
def fault_list() -> ResponseReturnValue:
    """The request numbers that people were shown. Nobody is named."""
    here = _page()
    with house().database.reading() as connection:
        found = faults.latest(connection, limit=PAGE + 1, offset=(here - 1) * PAGE)
    return page(
        "staff/shift/faults.html", rows=found[:PAGE], told=FAULTS, **_paged(here, more=len(found) > PAGE)
    )


def _customers(title: str, lead: str, lines: Sequence[Line], here: int, *, more: bool) -> ResponseReturnValue:
    return page("staff/shift/registrations.html", title=title, lead=lead, **_table(lines, here, more=more))


def _table(lines: Sequence[Line], here: int, *, more: bool) -> dict[str, Any]:
    return {
        "lines": lines,
        **_paged(here, more=more),
        "standings": STANDINGS,
        "statuses": STATUSES,
    }


def _paged(here: int, *, more: bool) -> dict[str, Any]:
    return {"list_path": request.path, "here_page": here, "more": more}


def _lines(connection: Connection, found: Sequence[OfCustomer]) -> list[Line]:
    """Whom the master knows (still); the others have no page."""
    rows = staff_rows.of_keys(connection, [each.customer_key for each in found], now=now())
    return [
        Line(rows[each.customer_key], instant_of(each.at), each.times)
        for each in found
        if each.customer_key in rows
    ]


def _record(which: str, here: int, answers: int) -> None:
    """Before the page goes out; where nothing can be written down, nothing is shown."""
    with house().database.writing() as connection:
        trail.record(
            connection,
            Action.STAFF_LISTED,
            actor=staff_logins.required().actor,
            now=now(),
            list=which,
            part=here,
            answers=answers,
        )


def _page() -> int:
    """The page that the address names, the first one for anything that is none."""
    asked = request.args.get("page", "1")
    page_ = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
    return min(max(page_, 1), _MOST_PAGES)
