"""Tokens of the API: billing makes its own, administrators see and revoke all of them.

Whoever makes a token is the first person of all that it hands over, so it is somebody of billing, who could do the same
on the screen; an administrator, who could make themselves colleagues, makes none.
"""

from collections.abc import Collection
from enum import Enum
from typing import Any, Final, TypeVar

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound
from wtforms import StringField

from mypage.domain.api_token import LONGEST_NAME, SOON_DAYS, STATE_LABELS, USUAL_DAYS, Deed
from mypage.domain.batch import Kind
from mypage.domain.staff import Role
from mypage.services import api_tokens as service
from mypage.services import staff_own
from mypage.services.api_tokens import Made, Not, Token
from mypage.staff.confirming import ConfirmedForm, Overtaken, again, confirmed
from mypage.web import staff_logins
from mypage.web.choices import SeveralOf
from mypage.web.house import house, now
from mypage.web.staff_gate import to_login
from mypage.web.staff_logins import roles
from mypage.web.staff_pages import page
from mypage.web.staff_said import told
from mypage.web.typed import typed_in
from mypage.words.batch import KINDS

doors = Blueprint("api_tokens", __name__)
TOKENS: Final = "/staff/api-tokens"
_MOST_DIGITS: Final = 5
Word = TypeVar("Word", bound=Enum)


class TokenForm(ConfirmedForm):
    """What it is for, what it may do, how long, and the own password."""

    name = StringField("名前")
    kinds = SeveralOf("ファイルの種類", options=[(kind.value, KINDS[kind.value]) for kind in Kind])
    deeds = SeveralOf("できること", options=[(deed.word, deed.label) for deed in Deed])
    days = StringField("有効期間（日）")


# Beside which field a sentence stands.
_FIELDS: Final = {
    "token_name_missing": "name",
    "token_name_too_long": "name",
    "token_kinds_missing": "kinds",
    "token_deeds_missing": "deeds",
    "token_days_wrong": "days",
}


@doors.get(TOKENS)
@roles(Role.BILLING, Role.ADMIN, Role.AUDITOR)
def tokens() -> ResponseReturnValue:
    """One's own tokens; all of them for administrators and auditors."""
    session = staff_logins.required()
    only = session.actor if session.role is Role.BILLING else None
    with house().database.reading() as connection:
        found = service.listed(connection, made_by=only, now=now())
    return page(
        "staff/api_tokens/tokens.html",
        tokens=found,
        only_own=only is not None,
        now=now(),
        soon=SOON_DAYS,
        states=STATE_LABELS,
        kinds=KINDS,
        said=told(),
    )


@doors.route(f"{TOKENS}/new", methods=["GET", "POST"])
@roles(Role.BILLING)
@typed_in(TokenForm)
def new() -> ResponseReturnValue:
    """Make a token, with the own password; its text is shown once."""
    session, form = staff_logins.required(), TokenForm()
    if request.method != "POST":
        form.days.data = form.days.data or str(min(USUAL_DAYS, house().settings.api_token_days))
        return _form_shown(form)

    def deed(connection: Connection) -> Made | Not:
        made = service.make(
            connection,
            name=form.name.data or "",
            kinds=_chosen(Kind, form.kinds.data, lambda kind: kind.value),
            deeds=_chosen(Deed, form.deeds.data, lambda deed: deed.word),
            days=_number(form.days.data or ""),
            longest=house().settings.api_token_days,
            by=session.actor,
            now=now(),
        )
        if isinstance(made, Made):
            staff_own.tell(connection, session, "token_made", now())
        return made

    try:
        outcome = confirmed(form, "api_token", deed)
    except Overtaken:
        return to_login()
    if isinstance(outcome, Made):
        return page("staff/api_tokens/made.html", token=outcome.token, text=outcome.text, posted=TOKENS)
    if isinstance(outcome, Not):
        form.refuse(form[_FIELDS[outcome.code]], outcome.code, days=outcome.days)
    return again(_form_shown(form), outcome)


@doors.route(f"{TOKENS}/<token_id>/revoke", methods=["GET", "POST"])
@roles(Role.BILLING, Role.ADMIN)
def revoke(token_id: str) -> ResponseReturnValue:
    """Let a token open nothing any more."""
    session = staff_logins.required()
    only_own = session.role is Role.BILLING
    if request.method != "POST":
        with house().database.reading() as connection:
            token = service.find(connection, token_id, now=now())
        if token is None or (only_own and token.made_by != session.actor):
            raise NotFound
        return page("staff/api_tokens/revoke.html", token=token, now=now())
    with house().database.writing() as connection:
        done = service.revoke(connection, token_id, by=session.actor, only_own=only_own, now=now())
    if not isinstance(done, Token):
        raise NotFound
    return redirect(f"{TOKENS}?said=token_revoked", 303)


def _chosen(words: type[Word], sent: Any, word_of: Any) -> Collection[Word]:
    """Those of ``words`` whose word was sent."""
    return [each for each in words if word_of(each) in (sent or ())]


def _number(typed: str) -> int | None:
    digits = typed.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS else None


def _form_shown(form: TokenForm) -> str:
    return page(
        "staff/api_tokens/new.html",
        form=form,
        longest=house().settings.api_token_days,
        longest_name=LONGEST_NAME,
        errors=form.errors,
    )
