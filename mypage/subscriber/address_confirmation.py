"""An address that mails do not reach: its page, the mail that confirms it anew, and the link in it."""

from flask import Blueprint, g, redirect, request
from flask.typing import ResponseReturnValue

from mypage.domain.link import Link, LinkState
from mypage.domain.signup_mail import Limit
from mypage.services import address_confirmation as deeds
from mypage.services.account_link import ADDRESS_CONFIRMATION
from mypage.subscriber import cut_link
from mypage.subscriber.account_link import read
from mypage.subscriber.customer_choice import chosen
from mypage.subscriber.signup import limit_told
from mypage.web import logins
from mypage.web.forms import Form
from mypage.web.house import house, now
from mypage.web.pages import page, path

doors = Blueprint("address_confirmation", __name__)
logins.protect(doors)
_BROKEN = "subscriber/address/broken.html"


@doors.before_request
def _keep_the_customer() -> None:
    """The menu's links stay with the customer that was looked at."""
    chosen(logins.required())


@doors.get("/recover/address")
def status() -> str:
    """What is known of the address, and what can be done."""
    return _status_page(Form(formdata=None))


@doors.post("/recover/address")
def ask() -> ResponseReturnValue:
    """[確認メールを送る]."""
    form = Form()
    with house().database.writing() as connection:
        outcome = deeds.ask(connection, _account_id(), secret=house().settings.secret_keys[0], now=now())
    if isinstance(outcome, Limit):
        return _status_page(limit_told(form, outcome)), 429
    return redirect(path("address_confirmation.status") + g.get("customer_query", ""), 303)


@doors.get("/recover/address/<path:token>")
def show(token: str) -> str:
    """The link, opened while logged in: a button, or what became of it. Changes nothing."""
    with house().database.reading() as connection:
        link = deeds.look(connection, _account_id(), read(ADDRESS_CONFIRMATION, token), now())
    if link is not None and link.state is LinkState.GOOD:
        return page("subscriber/address/confirm.html", token=token)
    return _gone(link, token)


@doors.post("/recover/address/<path:token>")
def confirm(token: str) -> ResponseReturnValue:
    """[受け取りを確認する]."""
    with house().database.writing() as connection:
        link = deeds.confirm(connection, _account_id(), read(ADDRESS_CONFIRMATION, token), now=now())
    if link is not None and link.state is LinkState.GOOD:
        return redirect(path("address_confirmation.status", confirmed="1"), 303)
    return _gone(link, token)


@doors.get("/recover/address/")
def bare_link() -> str:
    """The link without anything behind it: cut by the mail program."""
    return cut_link.broken_page(_BROKEN, "")


@doors.post("/recover/address/")
def paste() -> ResponseReturnValue:
    """The rest of a cut link, or the whole of it, pasted."""
    return cut_link.paste(
        _BROKEN,
        ADDRESS_CONFIRMATION.PATH,
        lambda token: read(ADDRESS_CONFIRMATION, token) is not None,
        step="address",
    )


def _account_id() -> str:
    return logins.required().account_id


def _gone(link: Link | None, token: str) -> str:
    """A dead link leads to the page of the address, where a new one can be had; ``None``: another account's."""
    if link is not None and link.state is LinkState.BROKEN:
        return cut_link.broken_page(_BROKEN, token)
    return _status_page(Form(formdata=None), "other" if link is None else link.state)


def _status_page(form: Form, dead: str | None = None) -> str:
    with house().database.reading() as connection:
        address = deeds.address(connection, _account_id(), now())
    return page(
        "subscriber/address/status.html",
        form=form,
        errors=bool(form.errors or dead not in (None, LinkState.USED)),
        address=address,
        dead=dead,
        is_confirmed=request.method != "POST" and request.args.get("confirmed") == "1",
    )
