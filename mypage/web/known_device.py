"""The cookie of a device on which somebody has logged in before, or reset the password by a mailed link.

Whoever guesses passwords from elsewhere makes the owner wait on unknown devices only: a known one has a counter of
its own. The cookie is signed, opens nothing, and is void once the account's stamp is rotated.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast

from flask import Response, request

from mypage.adapters.tokens import Signed, Tokens
from mypage.services.login import KnownDevice, device_mark
from mypage.web.csrf import cookie_flags, cookie_name
from mypage.web.house import house, now

COOKIE = "device"
# The same for staff, in a cookie of its own: nothing is shared between the two kinds of login.
STAFF_COOKIE = "staff-device"
_KEPT: Final = timedelta(days=400)
# A family shares a tablet; more accounts than that are no family.
_MOST = 4


def devices(at: datetime | None = None, *, cookie: str = COOKIE) -> list[KnownDevice]:
    """What the cookie says, the last login first; empty where there is none of ours."""
    raw = request.cookies.get(cookie_name(cookie), "")
    read = _tokens().read(_purpose(cookie), raw, at or now(), _KEPT) if raw else None
    if not isinstance(read, Signed):
        return []
    known = read.payload.get("known")
    return [KnownDevice(*entry) for entry in known] if isinstance(known, list) else []


def with_account(account_id: str, stamp: str, at: datetime, *, cookie: str = COOKIE) -> str:
    """The cookie's new value after the account with that stamp was proven here at ``at``."""
    others = [device for device in devices(at, cookie=cookie) if device.account_id != account_id]
    newest = KnownDevice(account_id, secrets.token_urlsafe(12), device_mark(stamp))
    known: Sequence[KnownDevice] = [newest, *others][:_MOST]
    return _tokens().sign(_purpose(cookie), {"known": [list(device) for device in known]}, at)


def remember(response: Response, value: str, *, cookie: str = COOKIE) -> None:
    """Send the cookie."""
    flags = cast(Any, cookie_flags())
    response.set_cookie(cookie_name(cookie), value, max_age=int(_KEPT.total_seconds()), **flags)


def _purpose(cookie: str) -> str:
    return f"known-{cookie}"


def _tokens() -> Tokens:
    return Tokens(house().settings.secret_keys)
