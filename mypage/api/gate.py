"""Who may ask the API what: a token with each request, for the deeds that a view names, and not too often.

    @doors.post("/api/v1/batches/<…>/publish")
    @needs(Deed.PUBLISH)
    def publish(batch_id: int) -> ResponseReturnValue: ...

A view that says nothing is for nobody.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

from flask import Blueprint, Response, current_app, g, request

from mypage.domain.api_rate import Rate
from mypage.domain.api_token import Deed
from mypage.services import api_rates, api_tokens
from mypage.services.api_tokens import NoToken, Token
from mypage.web import csrf
from mypage.web.client_address import client_address
from mypage.web.house import house, now
from mypage.web.problems import Problem

View = TypeVar("View", bound=Callable[..., Any])
# RFC 6750; the realm tells whoever looks what is asked for.
_CHALLENGE: Final = 'Bearer realm="mypage"'
_POLICY_OF_TOKENS, _POLICY_OF_STRANGERS = "token", "address"


class _Needs(NamedTuple):
    """One of these deeds; without any, a living token. ``everybody``: not even that."""

    deeds: tuple[Deed, ...] = ()
    everybody: bool = False


_OF_VIEWS: dict[Callable[..., Any], _Needs] = {}


def needs(*deeds: Deed) -> Callable[[View], View]:
    """The view is for tokens that are for one of these deeds; without any, for every living token."""
    return _needing(_Needs(deeds))


def open_to_everybody(view: View) -> View:
    """The view tells nothing but what the API is."""
    return _needing(_Needs(everybody=True))(view)


def guarded(name: str) -> Blueprint:
    """A blueprint before each view of which this gate stands; what a browser's form needs is not asked of programmes."""
    doors = Blueprint(name, __name__)
    csrf.protect.exempt(doors)
    doors.before_request(_let_in)
    doors.after_request(_tell_rate)
    return doors


def token() -> Token:
    """Who asks, in a view that asks for a token."""
    return cast(Token, g.api_token)


def refuse_kind() -> Problem:
    """The refusal of a file of a kind that the token is not for; it stands in the trail."""
    with house().database.writing() as connection:
        _overstepped(connection, "token_kind")
    return Problem("token_kind", headers={"WWW-Authenticate": f'{_CHALLENGE}, error="insufficient_scope"'})


def let_in_once_more() -> None:
    """Refuse a token that came to its end since this request was let in."""
    shown = _shown()
    if isinstance(shown, NoToken):
        _refuse(shown)


def _let_in() -> None:
    needed = _OF_VIEWS.get(current_app.view_functions[request.endpoint or ""])
    if needed is None:
        raise Problem("not_found")
    shown = _shown()
    if needed.everybody and not isinstance(shown, Token):
        _count_stranger()
        return
    if shown is None:
        _count_stranger()
        raise Problem("token_missing", headers={"WWW-Authenticate": _CHALLENGE})
    if isinstance(shown, NoToken):
        _refuse(shown)
        return
    g.api_token = shown
    with house().database.writing() as connection:
        g.api_rate = api_rates.take(
            connection, shown.id, limit=house().settings.api_requests_a_minute, now=now()
        )
        g.api_policy = _POLICY_OF_TOKENS
        api_tokens.used(connection, shown, address=client_address(), now=now())
    _keep_to_rate()
    if needed.deeds and not shown.deeds.intersection(needed.deeds):
        with house().database.writing() as connection:
            _overstepped(connection, "token_deed")
        words = [deed.word for deed in needed.deeds]
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{" ".join(words)}"'
        raise Problem("token_deed", headers={"WWW-Authenticate": challenge}, deeds=", ".join(words))


def _shown() -> Token | NoToken | None:
    """What the request shows: a living token, something that is none, or nothing."""
    kind, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    if not kind:
        return None
    if kind.lower() != "bearer":
        return NoToken("unknown")
    with house().database.reading() as connection:
        return api_tokens.shown(connection, text.strip(), now=now())


def _refuse(shown: NoToken) -> None:
    with house().database.writing() as connection:
        waiting = api_tokens.refused(
            connection, shown, address=client_address(), secret=house().settings.secret_keys[0], now=now()
        )
    challenge = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}
    if waiting is None:
        raise Problem(f"token_{shown.reason}", headers=challenge)
    seconds = max(-(-(waiting.until - now()).total_seconds() // 1), 1)
    raise Problem("too_many_wrong_tokens", headers={"Retry-After": str(int(seconds))})


def _count_stranger() -> None:
    settings = house().settings
    sender = api_rates.of_address(client_address(), settings.secret_keys[0])
    with house().database.writing() as connection:
        g.api_rate = api_rates.take(connection, sender, limit=settings.api_strangers_a_minute, now=now())
    g.api_policy = _POLICY_OF_STRANGERS
    _keep_to_rate()


def _keep_to_rate() -> None:
    rate = cast(Rate, g.api_rate)
    if rate.is_refused:
        raise Problem("too_many_requests", headers={"Retry-After": str(rate.wait)})


def _overstepped(connection: Any, reason: str) -> None:
    secret = house().settings.secret_keys[0]
    api_tokens.overstepped(connection, token(), reason, secret=secret, now=now())


def _tell_rate(response: Response) -> Response:
    """How many requests are left (draft-ietf-httpapi-ratelimit-headers)."""
    rate: Rate | None = g.get("api_rate")
    if rate is not None:
        response.headers["RateLimit-Policy"] = f'"{g.api_policy}";q={rate.limit};w=60'
        response.headers["RateLimit"] = f'"{g.api_policy}";r={rate.left};t={rate.reset}'
    return response


def _needing(needed: _Needs) -> Callable[[View], View]:
    def mark(view: View) -> View:
        _OF_VIEWS[view] = needed
        return view

    return mark
