"""The signed cookie that holds the token of forms, and the token itself: made once and kept for a minute.

Checking the one signature and making the other cost a page as much as its queries. The same cookie and the same
token give the same result as long as the keys live, so both are kept in memory, for a bounded number of visitors.
"""

import time
from collections import OrderedDict
from typing import Any, Final, Generic, TypeVar, cast

from flask import Flask, Request, Response, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer

Value = TypeVar("Value")

_MOST: Final = 4096
_SECONDS: Final = 60.0


class _Kept(Generic[Value]):
    """The last so many values, each for a minute. Two threads at once may make one twice, which does no harm."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, key: str) -> Value | None:
        found = self._values.get(key)
        return found[1] if found is not None and time.monotonic() < found[0] else None

    def put(self, key: str, value: Value) -> None:
        self._values[key] = (time.monotonic() + _SECONDS, value)
        while len(self._values) > _MOST:
            try:
                self._values.popitem(last=False)
            except KeyError:  # another thread was faster
                break


class FormCookie(SecureCookieSessionInterface):
    """Flask's session cookie, which here holds nothing but the token of forms."""

    def __init__(self) -> None:
        self._opened: _Kept[dict[str, Any]] = _Kept()
        self._tokens: _Kept[str] = _Kept()

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie holds, empty where it is not ours or too old."""
        value = request.cookies.get(self.get_cookie_name(app))
        if not value:
            return self.session_class()
        kept = self._opened.get(value)
        if kept is not None:
            return self.session_class(kept)
        opened = super().open_session(app, request)
        if opened:
            self._opened.put(value, dict(opened))
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookie where its content changed; no page may be kept anyway, so nothing varies by it."""
        if session.modified:
            signer = cast(URLSafeTimedSerializer, self.get_signing_serializer(app))
            response.set_cookie(
                self.get_cookie_name(app),
                signer.dumps(dict(session)),
                # As an age and not as a date, which a device whose clock is wrong would misread.
                max_age=app.permanent_session_lifetime,
                path=self.get_cookie_path(app),
                secure=self.get_cookie_secure(app),
                httponly=self.get_cookie_httponly(app),
                samesite=self.get_cookie_samesite(app),
            )

    def token(self) -> str:
        """The token for the forms of this page."""
        raw = session.get("csrf_token")
        kept = self._tokens.get(raw) if isinstance(raw, str) else None
        if kept is not None:
            return kept
        made = cast(str, generate_csrf())
        self._tokens.put(session["csrf_token"], made)
        return made
