"""Tokens on every form, signed with the newest key and accepted with any of them."""

from datetime import timedelta
from typing import cast

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFProtect

from mypage.web.form_cookie import FormCookie
from mypage.web.house import house


class _Forms(CSRFProtect):  # type: ignore[misc]
    """Flask-WTF's check, left out at once where a request can change nothing."""

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a form without its token."""
        if request.method not in _HARMLESS:
            super().protect(apply_exemptions=apply_exemptions)


_HARMLESS = frozenset(("GET", "HEAD", "OPTIONS"))
protect = _Forms()


def register(app: Flask) -> None:
    """Protect every form of ``app``; the token lives in a signed cookie, so an anonymous visit writes no row."""
    settings = app.extensions["mypage"].settings
    app.config.update(
        WTF_CSRF_SECRET_KEY=list(reversed(settings.secret_keys)),
        # As long as the cookie: a form that was left open since last week still works.
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_NAME="__Host-form" if settings.is_https else "form",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
    )
    app.session_interface = FormCookie()
    protect.init_app(app)


def token() -> str:
    """The token for the forms of this page."""
    return cast(FormCookie, current_app.session_interface).token()


def cookie_flags() -> dict[str, object]:
    """The flags of every cookie of ours."""
    return {"httponly": True, "samesite": "Lax", "secure": house().settings.is_https, "path": "/"}


def cookie_name(name: str) -> str:
    """The name of a cookie: bound to this host where the portal speaks https."""
    return f"__Host-{name}" if house().settings.is_https else name
