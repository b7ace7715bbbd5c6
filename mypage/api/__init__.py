"""The door of programmes: the API under ``/api/v1`` (specification §6).

No cookie, no session, no form, no page: each request shows a token, gets JSON, and a problem of RFC 9457 where it is
refused. Every view is closed but to tokens that are for one of the deeds that it names (``api.gate``).
"""

from flask import Flask

from mypage.api import batches, deeds, document, receive, report, token, uploads

_DOORS = (
    batches.doors,
    deeds.doors,
    document.doors,
    receive.doors,
    report.doors,
    token.doors,
    uploads.doors,
)


def register(app: Flask) -> None:
    """Hang the API into ``app``."""
    for doors in _DOORS:
        app.register_blueprint(doors)
