"""Where a login is led of which nothing may be shown yet: to the code of its letter, or to the time to wait."""

from datetime import datetime
from urllib.parse import urlencode

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from mypage.domain import letter as rules
from mypage.domain.letter import NotYet, State
from mypage.domain.opening import ClosedBy
from mypage.services import identity_waiting, letters
from mypage.services.letters import Asked, Dead, Proven, Wrong
from mypage.services.sessions import ClosedCustomer
from mypage.subscriber.signup import whole_minute
from mypage.web import logins
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.language import language
from mypage.web.own_paths import own_path
from mypage.web.pages import page
from mypage.words.filters import TOKYO, filters
from mypage.words.gettext import N_
from mypage.words.sentences import sentence

doors = Blueprint("opening", __name__)
logins.protect(doors, opening_pages=frozenset(("show", "enter_code", "ask_letter")))

_ASKED = "letter_asked"
_DEAD = (State.EXPIRED, State.USED_UP)


class CodeForm(Form):
    """The code of the letter."""

    code = StringField(N_("確認コード"))


@doors.get("/opening")
def show() -> ResponseReturnValue:
    """What is still to come before this login is shown anything."""
    closed = _closed()
    if closed is None:
        return redirect(_wanted(), 303)
    if closed.why is not ClosedBy.LETTER:
        return page("subscriber/closed.html", closed=closed, until=_decided_by())
    return _letter_page(CodeForm(), closed)


@doors.post("/opening")
def enter_code() -> ResponseReturnValue:
    """[コードを確認する]: a right code opens everything at once."""
    closed = _awaiting()
    if closed is None:
        return redirect(_here(), 303)
    form = CodeForm()
    typed = form.code.data or ""
    if not typed.strip():
        form.refuse(form.code, "letter_code_empty")
    elif not rules.is_complete(typed):
        form.refuse(form.code, "letter_code_incomplete")
    if form.errors:
        return _letter_page(form, closed, status=400)
    with house().database.writing() as connection:
        outcome = letters.enter_code(
            connection, closed.key, _account_id(), typed, settings=house().settings, now=now()
        )
    match outcome:
        case Proven():
            return redirect(_wanted(), 303)
        case Wrong(tries_left=tries_left):
            if tries_left:
                form.refuse(form.code, "letter_code_wrong", tries=tries_left)
            return _letter_page(form, closed, status=400)
        case Dead():
            return _letter_page(form, closed, status=400)


@doors.post("/opening/letter")
def ask_letter() -> ResponseReturnValue:
    """[新しい手紙を依頼する]."""
    closed = _awaiting()
    if closed is None:
        return redirect(_here(), 303)
    with house().database.writing() as connection:
        outcome = letters.ask_again(connection, closed.key, _account_id(), now=now())
    match outcome:
        case Asked():
            return redirect(_here(said=_ASKED), 303)
        case NotYet():
            return _letter_page(CodeForm(formdata=None), closed, _why_not_yet(outcome), status=400)
        case Proven():
            return redirect(_wanted(), 303)


def _letter_page(
    form: CodeForm, closed: ClosedCustomer, *messages: str, status: int = 200
) -> ResponseReturnValue:
    with house().database.reading() as connection:
        shown = letters.look(connection, closed.key, _account_id(), now())
    if shown is None:
        return redirect(_wanted(), 303)
    is_dead = shown.state in _DEAD
    said = request.method != "POST" and request.args.get("said") == _ASKED
    shown_page = page(
        "subscriber/letter.html",
        form=form,
        messages=messages,
        errors=bool(messages or form.errors or is_dead),
        shown=shown,
        dead=sentence(f"letter_{shown.state.value}", language()) if is_dead else None,
        posted_on=None if shown.posted_at is None else shown.posted_at.astimezone(TOKYO).date(),
        not_yet=None if shown.not_yet is None else _why_not_yet(shown.not_yet),
        said=sentence(_ASKED, language()) if said else None,
        action=_here(),
        again=_here("/opening/letter"),
    )
    return shown_page, status


def _why_not_yet(not_yet: NotYet) -> str:
    if not_yet.until is None:
        return sentence(not_yet.code, language())
    until = filters(language())["moment"](whole_minute(not_yet.until))
    return sentence(not_yet.code, language(), until=until)


def _closed() -> ClosedCustomer | None:
    """The customer to be opened: one whose code can be entered before one for whom there is only waiting."""
    session = logins.current()
    closed = () if session is None else session.closed
    return min(closed, key=lambda each: each.why is not ClosedBy.LETTER, default=None)


def _decided_by() -> datetime | None:
    """Until when staff will have looked at the registration, None where it does not wait for that."""
    with house().database.reading() as connection:
        until = identity_waiting.decided_by(connection, _account_id())
    return None if until is None else whole_minute(until)


def _awaiting() -> ClosedCustomer | None:
    closed = _closed()
    return closed if closed is not None and closed.why is ClosedBy.LETTER else None


def _account_id() -> str:
    session = logins.current()
    assert session is not None  # noqa: S101 - these pages are closed to visitors
    return session.account_id


def _wanted() -> str:
    return own_path(request.args.get("next"))


def _here(path: str = "/opening", **said: str) -> str:
    """A path of these pages, leading on to the page that was asked for."""
    wanted = _wanted()
    asked = {**said, **({} if wanted == "/" else {"next": wanted})}
    return f"{path}?{urlencode(asked)}" if asked else path
