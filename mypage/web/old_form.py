"""A form from an old page: its token is not good any more (first-try E-02).

Nothing is done. The person sees the latest state: where text was typed the form with that text, else the page as it
is now, and presses once more. Without any cookie it is no old page but a browser that refuses them (E-01).
"""

from flask import Response, current_app, g, make_response, redirect, request
from flask.typing import ResponseReturnValue

from mypage.web import kept_form, logins, staff_gate, typed
from mypage.web.own_paths import is_console, page_of_place, this_page
from mypage.web.staff_pages import error_page

_ELSEWHERE = frozenset(("cross-site", "same-site"))


def answer(request_number: str) -> Response:
    """The page for a form without a good token."""
    if not request.cookies:
        return _refused(request_number)
    # A browser that says where the form stood is believed: nothing of a strange page is shown as ours.
    if request.headers.get("Sec-Fetch-Site") in _ELSEWHERE:
        return _refused(request_number)
    return current_app.make_response(_latest_state())


def _latest_state() -> ResponseReturnValue:
    if is_console():
        refused = staff_gate.refusal()
        if refused is not None:
            return refused
    elif logins.closed_to_visitor():
        kept_form.keep("D-05")
        return logins.to_login()
    again = typed.declared().again
    if again is not None:
        g.form_was_old = True
        shown = current_app.make_response(again(**(request.view_args or {})))
        if shown.status_code == 200:
            shown.status_code = 400
        return shown
    if not kept_form.is_of_another():
        kept_form.keep("E-02")
    return redirect(page_of_place("form_old"), 303)


def _refused(request_number: str) -> Response:
    html = error_page(
        "errors/form.html",
        request_number=request_number,
        cookies_came=bool(request.cookies),
        again=this_page(),
    )
    return make_response(html, 400)
