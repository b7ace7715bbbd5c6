"""One customer on one screen: who it is, how they stand, what failed last, the button that mends it, and what happened.

Opening it is a look, which is recorded before the page goes out: the one thing that a GET writes here, and it changes
nothing for the customer.
"""

from typing import Final

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain import customer_number
from mypage.domain.personal import Personal
from mypage.domain.personal import named as personal_named
from mypage.domain.staff import Role
from mypage.domain.support_call import Verified
from mypage.domain.timeline import Kind
from mypage.services import calls, customer_looks, customer_state, customer_story, reveals, support_codes
from mypage.services.timeline import Place
from mypage.shown import customer as shown
from mypage.shown import staff_timeline
from mypage.staff.call_forms import CallForm
from mypage.staff.customer_pages import customer_path
from mypage.web import staff_logins
from mypage.web.house import house, now
from mypage.web.own_paths import SAID
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.words.sentences import SENTENCES

doors = Blueprint("customers", __name__)
_ALL: Final = "all"
# What this page, and others that lead back here, may say; what was done, and then what was not.
_DONE: Final = ("act_did_", "call_did_", "view_over")
_NOT_DONE: Final = ("customer_", "view_nothing_", "act_outdated")


@doors.get("/staff/customers/<key>")
@roles(Role.AGENT, Role.BILLING, Role.ADMIN)
def customer(key: str) -> ResponseReturnValue:
    """The page."""
    session, settings, at = staff_logins.required(), house().settings, now()
    kind, before = _kind(), Place.read(request.args.get("before", ""))
    with house().database.reading() as connection:
        story = customer_story.of_customer(
            connection, key, kind=kind, before=before, settings=settings, now=at
        )
        call = calls.current(connection, staff_id=session.staff_id, customer_key=key, now=at)
        revealed = reveals.of_call(connection, call)
        read_out = support_codes.redeemed_lately(
            connection, staff_id=session.staff_id, customer_key=key, now=at
        )
    if story is None:
        return unknown(key)
    with house().database.writing() as connection:
        customer_looks.opened(
            connection,
            customer_key=key,
            staff_id=session.staff_id,
            revealed=revealed,
            limit=settings.staff_looks_a_day,
            now=at,
        )
    return page(
        "staff/customer/page.html",
        customer=shown.customer(story, revealed),
        call=call,
        call_form=_call_form(read_out=read_out is not None),
        lines=[staff_timeline.line(entry, story.staff) for entry in story.page.entries],
        kinds=staff_timeline.KINDS,
        kind=kind,
        is_older=before is not None,
        older=story.page.older,
        said=_said(),
    )


@doors.route("/staff/customers/<key>/reveal", methods=["GET", "POST"])
@roles(Role.AGENT, Role.ADMIN)
def reveal(key: str) -> ResponseReturnValue:
    """[表示する]: for a noted call. Its GET is only where a form from an old page leads."""
    if request.method == "GET" or not customer_state.is_key(key):
        return redirect(customer_path(key), 303)
    session, asked = staff_logins.required(), request.form.getlist("fact")
    facts = list(Personal) if _ALL in asked else [fact for word in asked if (fact := personal_named(word))]
    if not facts:
        return redirect(customer_path(key, "customer_nothing_chosen"), 303)
    with house().database.writing() as connection:
        call = calls.current(connection, staff_id=session.staff_id, customer_key=key, now=now())
        if call is not None:
            reveals.reveal(connection, call, facts, now=now())
    return redirect(customer_path(key, None if call else "customer_call_needed"), 303)


def unknown(key: str) -> ResponseReturnValue:
    """A calm page for a key that nobody has; what can only mean another key leads there."""
    folded = customer_number.fold(key, house().settings.customer_number_pattern)
    if folded is not None and folded != key and request.method == "GET":
        return redirect(customer_path(folded), 303)
    return page("staff/customer/unknown.html"), 404


def _call_form(*, read_out: bool) -> CallForm:
    """``read_out``: the number of this call led here, and need not be chosen once more."""
    form = CallForm(formdata=None)
    if read_out:
        form.verified.data = [Verified.CODE.word]
    return form


def _kind() -> Kind | None:
    try:
        return Kind(request.args.get("kind", ""))
    except ValueError:
        return None


def _said() -> tuple[str, str] | None:
    """The kind of notice and the sentence that the page was led to with."""
    code = request.args.get(SAID, "")
    if code not in SENTENCES or not code.startswith(_DONE + _NOT_DONE):
        return None
    return ("success" if code.startswith(_DONE) else "warning", SENTENCES[code])
