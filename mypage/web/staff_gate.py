"""The gate of the console: what stands between a request and a page that is not for it.

A wing hangs its doors into a :func:`console`; each page in it is closed to everybody but those whom its view names
(``staff_logins.roles``).
"""

from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, abort, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain.kept_form import Owner
from mypage.web import kept_form, staff_logins, staff_pages
from mypage.web.own_paths import own_path, page_of_place, place
from mypage.web.staff_logins import Step

HOME: Final = "/staff/"
LOGIN: Final = "/staff/login"
FACTOR: Final = "/staff/factor"
NEW_FACTOR: Final = "/staff/factor/new"


def console(name: str) -> Blueprint:
    """A blueprint for others to hang in: each page in it is closed to everybody but those whom its view names."""
    made = Blueprint(name, __name__)
    made.before_request(refusal)
    return made


def refusal() -> ResponseReturnValue | None:
    """Why this request gets no page of the console: to the login, to the second factor, or a page that says so."""
    # The console speaks Japanese, whatever the browser asks for.
    g.language = "ja"
    needs = staff_logins.needs(request.endpoint or "")
    session = staff_logins.current()
    whole = session if session is not None and session.is_whole else None
    kept_form.belongs_to(Owner(staff_id=whole.staff_id) if whole else None)
    if needs is not None and needs.step is Step.NOTHING:
        return None
    if session is None:
        if request.method == "POST":
            kept_form.keep("D-05")
        return to_login()
    if whole is None:
        is_on_the_way = needs is not None and needs.step is Step.PASSWORD
        return None if is_on_the_way else redirect(FACTOR, 303)
    if not all(str(part).isprintable() for part in (request.view_args or {}).values()):
        # No id of ours holds such a sign, and PostgreSQL does not even take it as a question.
        abort(404)
    if needs is None or (needs.step is None and whole.role not in needs.roles):
        return make_response(staff_pages.page("staff/refused.html"), 403)
    if request.method == "POST":
        if kept_form.is_of_another():
            # A colleague logged in meanwhile, in another tab: their own state is shown, and nothing changes.
            return redirect(page_of_place("other_login"), 303)
        kept_form.sent()
    return None


def to_login() -> ResponseReturnValue:
    """To the login, and from there back to this page."""
    asked = request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else place()
    wanted = own_console_path(asked)
    return redirect(LOGIN if wanted == HOME else f"{LOGIN}?{urlencode({'next': wanted})}", 303)


def own_console_path(asked: str | None) -> str:
    """``asked`` if it is the path of a page of the console, else its home."""
    path = own_path(asked)
    is_way_in = path.startswith((LOGIN, FACTOR))
    return path if path.startswith(HOME) and not is_way_in else HOME
