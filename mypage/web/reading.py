"""One reading connection a request: the session and the page are asked on the same one."""

from contextlib import AbstractContextManager
from typing import cast

from flask import Flask, g
from sqlalchemy import Connection

from mypage.web.house import house

_OPEN = "_reading"


def reading() -> Connection:
    """The request's connection for reading, opened when it is first asked for and closed at the end."""
    opened: tuple[AbstractContextManager[Connection], Connection] | None = g.get(_OPEN)
    if opened is None:
        manager = house().database.reading()
        opened = (manager, manager.__enter__())
        setattr(g, _OPEN, opened)
    return opened[1]


def close(_error: BaseException | None = None) -> None:
    """Give the connection back: at the end of the request, and before a deed that must not hold two."""
    opened = cast("tuple[AbstractContextManager[Connection], Connection] | None", g.pop(_OPEN, None))
    if opened is not None:
        opened[0].__exit__(None, None, None)


def register(app: Flask) -> None:
    """Close it with the request."""
    app.teardown_appcontext(close)
