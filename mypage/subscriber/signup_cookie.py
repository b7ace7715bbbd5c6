"""What the browser holds of a signup: a random token of which the database keeps the hash only.

It names the draft of screens 2 and 3, and afterwards the registration whose mail ``/signup/done`` tells of.
"""

import secrets
from typing import Any, Final, cast

from flask import request
from werkzeug.wrappers import Response

from mypage.domain.activation import LINK_LIFE, UNDELIVERED_LIFE
from mypage.services.signup import hashed
from mypage.web.csrf import cookie_flags, cookie_name

_COOKIE = "signup"
_LONGEST = 64
_LIFE: Final = UNDELIVERED_LIFE + LINK_LIFE


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_urlsafe(32)


def browser_hash() -> str:
    """The hash of the browser's token; that of nobody where there is none."""
    return hashed(held() or "")


def held() -> str | None:
    """The token in the browser's cookie."""
    token = request.cookies.get(cookie_name(_COOKIE))
    return token if token and len(token) <= _LONGEST else None


def give(response: Response, token: str) -> Response:
    """Let the browser hold ``token`` for as long as a registration can wait for its activation."""
    flags = cast(Any, cookie_flags())
    response.set_cookie(cookie_name(_COOKIE), token, max_age=int(_LIFE.total_seconds()), **flags)
    return response
