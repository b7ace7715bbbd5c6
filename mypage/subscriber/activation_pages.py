"""What the two forms of screen 5 share: the token of the link, the pages of dead ones, and the way on to screen 6."""

from datetime import timedelta
from typing import Any, Final, cast

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from mypage.adapters.tokens import Signed, Tokens
from mypage.domain.activation import LinkState, TokenFacts
from mypage.services.activation import Activated, AlreadyRegistered, Link, LoginIdTaken
from mypage.subscriber import cut_link
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now
from mypage.web.pages import page, path

BROKEN: Final = "subscriber/signup/broken.html"
_PURPOSE, _TICKET = "activation", "first-login"
_TICKET_LIFE: Final = timedelta(minutes=30)


def read(token: str) -> TokenFacts | None:
    """What a link says; None where its signature is wrong or it was cut."""
    match Tokens(house().settings.secret_keys).read(_PURPOSE, token, now()):
        case Signed(payload={"r": str(registration_id), "s": int(serial)}, signed_at=signed_at):
            return TokenFacts(registration_id, serial, signed_at)
        case _:
            return None


def shown(link: Link, token: str) -> ResponseReturnValue:
    """The page of a link that takes nothing: dead, or good and its form another one."""
    if link.state is LinkState.GOOD:
        return redirect(path("activation.activate", token=token), 303)
    if link.state is LinkState.BROKEN:
        return cut_link.broken_page(BROKEN, token)
    return page(f"subscriber/signup/{'withdrawn' if link.withdrawn else link.state.value}.html", link=link)


def concluded(
    outcome: Activated | Link | AlreadyRegistered | LoginIdTaken, token: str
) -> ResponseReturnValue:
    """Where the right answer led."""
    match outcome:
        case Activated(account_id=account_id):
            return _with_ticket(redirect(path("activation.complete"), 303), account_id)
        case Link():
            return shown(outcome, token)
        case AlreadyRegistered():
            return page("subscriber/signup/already.html")
        case LoginIdTaken():
            return page("subscriber/signup/login_id_gone.html")


def ticket() -> str | None:
    """The account that this browser has just activated, for half an hour."""
    held = request.cookies.get(cookie_name(_TICKET), "")
    match Tokens(house().settings.secret_keys).read(_TICKET, held, now(), _TICKET_LIFE):
        case Signed(payload={"a": str(account_id)}):
            return account_id
        case _:
            return None


def _with_ticket(response: Any, account_id: str) -> Response:
    signed = Tokens(house().settings.secret_keys).sign(_TICKET, {"a": account_id}, now())
    flags, seconds = cast(Any, cookie_flags()), int(_TICKET_LIFE.total_seconds())
    response.set_cookie(cookie_name(_TICKET), signed, max_age=seconds, **flags)
    return cast(Response, response)
