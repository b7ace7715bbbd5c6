"""The roof of the web: one function puts the house together."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from flask import Flask

from mypage.adapters.clock import Clock
from mypage.api import register as register_api
from mypage.config.load import load
from mypage.config.settings import Settings
from mypage.demo.authenticator import authenticator
from mypage.demo.mailbox import mailbox
from mypage.staff import register as register_staff
from mypage.store.engine import Database
from mypage.subscriber import register as register_subscriber
from mypage.web import (
    bodies,
    colours,
    csrf,
    errors,
    faults,
    headers,
    health,
    keeping,
    language,
    logins,
    pages,
    stumbles,
)
from mypage.web.house import EXTENSION, House

ROOT = Path(__file__).resolve().parents[1]
# Seconds that a person waits for a database that does not answer, before the calm page (first-try F-02).
_PATIENCE: Final = 3.0


class Portal(Flask):
    """Flask without the question, at each call of each function, whether that one is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


def create_app(settings: Settings | None = None, *, database: Database | None = None) -> Flask:
    """The portal as a WSGI application. Without arguments the settings come from the environment."""
    settings = settings or load(os.environ)
    app = Portal("mypage", static_folder=str(ROOT / "static"), template_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[1:]),
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_PARTS=100,
    )
    app.extensions[EXTENSION] = House(
        settings=settings,
        database=database or Database(settings.database_url, patience=_PATIENCE),
        clock=Clock(settings.clock_file),
    )
    keeping.register(app)
    bodies.register(app)
    csrf.register(app)
    logins.register(app)
    stumbles.register(app)
    faults.register(app)
    errors.register(app)
    headers.register(app)
    app.after_request(language.remember)
    with app.app_context():
        pages.register()
    app.register_blueprint(health.doors)
    app.register_blueprint(colours.doors)
    register_subscriber(app)
    register_staff(app)
    register_api(app)
    if settings.demo:
        app.register_blueprint(mailbox)
        app.register_blueprint(authenticator)
    return app
