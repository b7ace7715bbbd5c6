"""The keeper of handed-over files, made once for a process."""

from typing import Final, cast

from flask import Flask, current_app

from mypage.web.house import EXTENSION
from mypage.works.keeping import Keeper

_EXTENSION: Final = "mypage_keeper"


def register(app: Flask) -> None:
    """Make the keeper of ``app``; nothing is opened yet."""
    house = app.extensions[EXTENSION]
    app.extensions[_EXTENSION] = Keeper(house.settings, house.database)


def keeper() -> Keeper:
    """The keeper of the current request."""
    return cast(Keeper, current_app.extensions[_EXTENSION])
