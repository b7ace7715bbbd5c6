"""The acts of staff for a caller: one short form each, with what it does, why, and on whose word."""

from datetime import datetime
from typing import Any

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from mypage.domain.staff import Role
from mypage.domain.throttle import minutes_to_tell
from mypage.services import support_acts
from mypage.services.approvals import AlreadyAsked, StaffRequest
from mypage.services.support_acts import Asked, Outdated, Refused
from mypage.services.support_deeds import Done
from mypage.staff import act_page
from mypage.staff.act_forms import ActForm
from mypage.staff.customer_pages import customer_path
from mypage.web.house import house, now
from mypage.web.staff_logins import required, roles
from mypage.web.typed import typed_in
from mypage.words.filters import moment_ja

doors = Blueprint("acts", __name__)


@doors.get("/staff/customers/<key>/acts/<word>")
@roles(Role.AGENT, Role.ADMIN)
def form(key: str, word: str) -> ResponseReturnValue:
    """The form of an act, or why it does not fit. Who opened it stands in the trail: the one thing that a GET writes."""
    return act_page.show(act_page.looked_at(key, act_page.named(word)))


def _again(key: str, word: str) -> ResponseReturnValue:
    return act_page.show(act_page.looked_at(key, act_page.named(word)), ActForm())


@doors.post("/staff/customers/<key>/acts/<word>")
@roles(Role.AGENT, Role.ADMIN)
@typed_in(ActForm, again=_again)
def act(key: str, word: str) -> ResponseReturnValue:
    """Do it, or ask a second person. Where neither is possible the page comes again, as things stand now."""
    wanted, filled = act_page.named(word), ActForm()
    why, note, email = filled.why(wanted), filled.words(), filled.address(wanted)
    if filled.errors or why is None:
        return act_page.show(act_page.looked_at(key, wanted), filled)
    asked = Asked(
        act=wanted,
        customer_key=key,
        staff_id=required().staff_id,
        mark=filled.state.data or "",
        reason=why,
        note=note,
        email=email,
    )
    with house().database.writing() as connection:
        outcome = support_acts.do(connection, asked, settings=house().settings, now=now())
    match outcome:
        case Done():
            return redirect(customer_path(key, f"act_did_{wanted.word}"), 303)
        case StaffRequest():
            return redirect(customer_path(key, "act_did_ask"), 303)
        case Outdated():
            filled.tell("act_outdated")
        case AlreadyAsked():
            filled.tell("act_already_asked")
        case Refused(code, until):
            filled.tell(code, **_when(until))
    return act_page.show(act_page.looked_at(key, wanted), filled)


def _when(until: datetime | None) -> dict[str, Any]:
    if until is None:
        return {}
    return {"until": moment_ja(until), "minutes": minutes_to_tell(until - now())}
