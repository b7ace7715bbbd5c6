"""The portal before a test's database, put together as ``mypage web`` does, from settings in an environment.

    app = portal(database)
    page = Visitor(app).get("/login")

The clock is moved with ``move_clock(clock_file, timedelta(hours=24))``.
"""

from datetime import timedelta
from pathlib import Path
from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from mypage.app import create_app
from mypage.config.load import load
from mypage.store.engine import Database
from mypage.web.pages import environments
from mypage.words.catalogue import LANGUAGES

SECRET_KEYS = "sign-with-this-key-in-tests-only-0123456789"
FACTOR_KEYS = "encrypt-with-this-key-in-tests-only-0123456789"
ADDRESS = "http://127.0.0.1:8080"


def environment(database_url: str, **settings: str) -> dict[str, str]:
    """The ``MYPAGE_…`` variables of a test's portal; ``settings`` by their outside names, in lower case."""
    chosen = {
        "database_url": database_url,
        "secret_keys": SECRET_KEYS,
        "factor_keys": FACTOR_KEYS,
        "public_url": ADDRESS,
        "smtp_url": "smtp://127.0.0.1:9",
        **settings,
    }
    return {f"MYPAGE_{name.upper()}": value for name, value in chosen.items()}


class _Compiled(BytecodeCache):
    """The templates of a language, compiled once for all portals of a test run: it took half of their time."""

    def __init__(self) -> None:
        self._kept: dict[str, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key] = bucket.code


_COMPILED = {language: _Compiled() for language in LANGUAGES}


def portal(database: Database, clock_file: Path | None = None, **settings: str) -> Flask:
    """The portal on ``database``; with ``clock_file`` its clock can be moved."""
    if clock_file is not None:
        settings["clock_file"] = str(clock_file)
    url = database.url.render_as_string(hide_password=False)
    app = create_app(load(environment(url, **settings)), database=database)
    with app.app_context():
        for language, made in environments().items():
            made.bytecode_cache = _COMPILED[language]
    return app


def move_clock(clock_file: Path, by: timedelta) -> None:
    """Let the portal's clock be ``by`` ahead of the machine's."""
    clock_file.write_text(str(by.total_seconds()), encoding="ascii")
