"""The search box of the console: what a caller knows, in one field (specification §5).

A term never stands in an address, because addresses are logged: it is posted, kept for its searcher, and the answers
have an address of their own.
"""

from typing import Any

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from mypage.domain.staff import Role
from mypage.services import staff_rows, staff_search
from mypage.services.staff_search import MOST, Found, Unfit
from mypage.store import faults
from mypage.store import search as store
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.pages import path
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.words.causes import CAUSES
from mypage.words.sentences import sentence
from mypage.words.staff_search import FAULTS, MATCHES, STANDINGS, STATUSES

doors = Blueprint("search", __name__)
SEARCHERS = (Role.AGENT, Role.BILLING, Role.ADMIN)


@doors.get("/staff/search")
@roles(*SEARCHERS)
def form() -> ResponseReturnValue:
    """The box alone, with what may be typed into it."""
    return page("staff/search.html", typed="", refused=None)


@doors.post("/staff/search")
@roles(*SEARCHERS)
def search() -> ResponseReturnValue:
    """Look for what was typed; an only answer opens at once."""
    typed = request.form.get("term", "")
    settings, session = house().settings, staff_logins.required()
    with house().database.reading() as connection:
        found = staff_search.look(connection, typed, settings=settings)
    if isinstance(found, Unfit):
        refused = sentence(f"search_{found}", "ja")
        return page("staff/search.html", typed=typed, refused=refused, errors=[refused])
    with house().database.writing() as connection:
        search_id = staff_search.keep(
            connection, found, staff_id=session.staff_id, settings=settings, now=now()
        )
    return redirect(_opened_at_once(found) or path("staff.search.answers", search_id=search_id), 303)


@doors.get("/staff/search/<search_id>")
@roles(*SEARCHERS)
def answers(search_id: str) -> ResponseReturnValue:
    """The answers of a search of one's own, as the customers stand now."""
    with house().database.reading() as connection:
        found = staff_search.kept(connection, search_id, staff_id=staff_logins.required().staff_id, now=now())
        if found is None:
            raise NotFound
        rows = staff_rows.of_keys(connection, list(found.customers), now=now())
        fault = _fault(connection, found)
    said = sentence(found.said, "ja", minutes=found.minutes) if found.said else None
    return page(
        "staff/answers.html",
        found=found,
        search_typed=found.typed,
        rows=[(row, [MATCHES[each] for each in found.customers[row.key]]) for row in rows.values()],
        fault=fault,
        cause_title=CAUSES[found.cause] if found.cause else None,
        said=said,
        most=MOST,
        standings=STANDINGS,
        statuses=STATUSES,
    )


def _opened_at_once(found: Found) -> str | None:
    """The page of the only answer."""
    if found.the_only_one is not None:
        return f"/staff/customers/{found.the_only_one}"
    if found.cause and not (found.customers or found.request_number):
        return path("staff.shift.failures", code=found.cause)
    return None


def _fault(connection: Any, found: Found) -> dict[str, Any] | None:
    """What a request number stands for, with the customers of whoever saw it."""
    row = faults.by_number(connection, found.request_number) if found.request_number else None
    if row is None:
        return None
    account_id = row["account_id"]
    keys = store.of_account(connection, account_id) if account_id else []
    customers = staff_rows.of_keys(connection, keys, now=now())
    return {**row, "told": FAULTS[row["status"]], "customers": list(customers.values())}
