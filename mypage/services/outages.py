"""An outage of the mail server: written by whichever worker meets it, seen by every page, ended by the next mail.

First-try F-01: signup goes on, the mail goes out later, the 24 hours begin then, and the page says so.
"""

from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.mail_progress import goes_on, is_still_told
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import outages as store

ACTOR = "worker"


def begin_or_go_on(connection: Connection, *, server: str, reply: str, now: datetime) -> None:
    """A worker could not begin a conversation with ``server``; ``reply`` is what it said, or how it failed."""
    found = store.current(connection)
    since = found["since"] if found is not None and goes_on(found["tried_at"], now) else now
    store.put(connection, server=server, since=since, tried_at=now, reply=reply)
    if since == now:
        trail.record(connection, Action.MAIL_SERVER_LOST, actor=ACTOR, now=now, server=server, cause="F-01")


def is_known(connection: Connection) -> bool:
    """Whether an outage is written down that nobody has ended. Reads only."""
    return store.current(connection) is not None


def end(connection: Connection, *, now: datetime) -> None:
    """A conversation came about."""
    for ended in store.end(connection):
        trail.record(
            connection,
            Action.MAIL_SERVER_BACK,
            actor=ACTOR,
            now=now,
            server=ended["server"],
            since=ended["since"].isoformat(),
        )


def away_since(connection: Connection, now: datetime) -> datetime | None:
    """Since when no mail goes out, as far as the workers know; None while it does."""
    found = store.current(connection)
    if found is None or not is_still_told(found["tried_at"], now):
        return None
    since: datetime = found["since"]
    return since
