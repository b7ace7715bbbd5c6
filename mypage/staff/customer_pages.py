"""What the pages about one customer share: who it is, and the way back with what was done."""

from typing import Final
from urllib.parse import urlencode

from flask import abort, make_response, request
from sqlalchemy import Connection

from mypage.domain.customer_state import CustomerState
from mypage.services import customer_state
from mypage.web.house import house, now
from mypage.web.own_paths import SAID
from mypage.web.staff_gate import own_console_path
from mypage.web.staff_pages import page

_BACK: Final = "back"


def state_or_404(connection: Connection, key: str) -> CustomerState:
    """How the customer of an address stands; the page of what is not there where nobody is known under it."""
    state = customer_state.of_customer(connection, key, settings=house().settings, now=now())
    if state is None:
        abort(make_response(page("staff/customer/unknown.html"), 404))
    return state


def customer_path(key: str, said: str | None = None) -> str:
    """The customer's page, with what it is to say."""
    return f"/staff/customers/{key}" + (f"?{urlencode({SAID: said})}" if said else "")


def back_to(key: str, said: str) -> str:
    """Where the form came from, if that is a page about this customer; else the customer's page."""
    asked = (request.form.get(_BACK) or "").partition("?")[0]
    theirs = customer_path(key)
    wanted = own_console_path(asked)
    is_theirs = wanted == theirs or wanted.startswith(f"{theirs}/")
    return f"{wanted if is_theirs else theirs}?{urlencode({SAID: said})}"
