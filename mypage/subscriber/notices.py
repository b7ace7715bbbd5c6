"""「請求確定のお知らせ」 on or off: the switch of 登録情報の変更, and the link by which a mail is turned off (RFC 8058)."""

from flask import Blueprint, g, redirect, request
from flask.typing import ResponseReturnValue

from mypage.adapters.tokens import Signed, Tokens
from mypage.services import notice_choice as deeds
from mypage.services.notice_choice import Choice, LinkFacts
from mypage.subscriber.customer_choice import chosen
from mypage.subscriber.signup import VISITOR
from mypage.web import csrf, logins
from mypage.web.house import house, now
from mypage.web.pages import page
from mypage.web.typed import typed_in

doors = Blueprint("notices", __name__)
logins.protect(doors, open_pages=frozenset(("show", "turn_off", "bare_link")))


@doors.get("/profile/notices")
def to_profile() -> ResponseReturnValue:
    """Where the switch stands."""
    chosen(logins.required())
    return redirect("/profile" + g.get("customer_query", ""), 303)


@doors.post("/profile/notices")
@typed_in()
def choose() -> ResponseReturnValue:
    """[お知らせを停止する], [お知らせを受け取る]."""
    session = logins.required()
    chosen(session)
    wanted = {"on": True, "off": False}.get(request.form.get("notices", ""))
    if wanted is None:
        return to_profile()
    with house().database.writing() as connection:
        deeds.choose(connection, session.account_id, wanted=wanted, now=now())
    asked = g.get("customer_query", "").replace("?", "&")
    return redirect(f"/profile?notices=1{asked}", 303)


@doors.get("/notices/off/<path:token>")
def show(token: str) -> ResponseReturnValue:
    """The link of a notice: one button. Changes nothing, for scanners open links."""
    link = _read(token)
    if link is None:
        return _broken()
    with house().database.reading() as connection:
        choice = deeds.look(connection, link)
    return page("subscriber/notices_off.html", choice=choice, token=token, is_done=False)


@doors.post("/notices/off/<path:token>")
def turn_off(token: str) -> ResponseReturnValue:
    """[お知らせを停止する], or the press of a mail program, which has no cookie and no token of a form.

    Whoever has the link may do this and nothing else, as often as they like.
    """
    link = _read(token)
    if link is None:
        return _broken()
    with house().database.writing() as connection:
        choice = deeds.turn_off(connection, link, actor=VISITOR, now=now())
    return page("subscriber/notices_off.html", choice=choice, token=token, is_done=choice is Choice.OFF)


# The link itself is what nobody can guess.
csrf.protect.exempt(turn_off)


@doors.get("/notices/off/")
def bare_link() -> ResponseReturnValue:
    """The link without anything behind it: cut by the mail program."""
    return _broken()


def _broken() -> ResponseReturnValue:
    # Nothing that a mail program could take for a success.
    return page("subscriber/notices_off.html", choice=None, token="", is_done=False, errors=True), 404


def _read(token: str) -> LinkFacts | None:
    match Tokens(house().settings.secret_keys).read(deeds.PURPOSE, token, now()):
        case Signed(payload={"a": str(account_id), "m": str(mark)}):
            return LinkFacts(account_id, mark)
        case _:
            return None
