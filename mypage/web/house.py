"""What every request needs of the house: settings, database, clock, and the keys' work."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import current_app, g

from mypage.adapters.clock import Clock
from mypage.config.settings import Settings
from mypage.store.engine import Database
from mypage.words.filters import TOKYO

EXTENSION = "mypage"


@dataclass(frozen=True)
class House:
    """Made once by ``create_app``; holds nothing of a request."""

    settings: Settings
    database: Database
    clock: Clock


def house() -> House:
    """The house that the current request is served by."""
    return cast(House, current_app.extensions[EXTENSION])


def now() -> datetime:
    """The instant of this request: read once, so that one page never tells two times."""
    if "now" not in g:
        g.now = house().clock.now()
    return cast(datetime, g.now)


def today() -> date:
    """The date in Japan at this request."""
    return now().astimezone(TOKYO).date()
