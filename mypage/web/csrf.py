"""Tokens on every form, signed with the newest key and accepted with any of them."""

from datetime import timedelta

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from mypage.web.house import house

protect = CSRFProtect()


def register(app: Flask) -> None:
    """Protect every form of ``app``; the token lives in a signed cookie, so an anonymous visit writes no row."""
    settings = app.extensions["mypage"].settings
    app.config.update(
        WTF_CSRF_SECRET_KEY=list(reversed(settings.secret_keys)),
        # As long as the cookie: a form that was left open over lunch still works.
        WTF_CSRF_TIME_LIMIT=None,
        SESSION_COOKIE_NAME="__Host-form" if settings.is_https else "form",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
    )
    protect.init_app(app)


def cookie_flags() -> dict[str, object]:
    """The flags of every cookie of ours."""
    return {"httponly": True, "samesite": "Lax", "secure": house().settings.is_https, "path": "/"}


def cookie_name(name: str) -> str:
    """The name of a cookie: bound to this host where the portal speaks https."""
    return f"__Host-{name}" if house().settings.is_https else name
