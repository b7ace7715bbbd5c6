"""How many requests each sender of the API made of late: one row a sender, shared by all processes."""

from sqlalchemy import Connection, delete

from mypage.store.raw import RawQuery
from mypage.store.schema import api_rate

# An instant further ahead than a bucket can be filled was written under a clock that has been set back since.
_TAKE = RawQuery(
    """
    INSERT INTO api_rate (sender, full_at) VALUES (?, ?)
    ON CONFLICT (sender) DO UPDATE SET full_at = ? + CASE
        WHEN api_rate.full_at > ? AND api_rate.full_at <= ? THEN api_rate.full_at ELSE ? END
    WHERE api_rate.full_at <= ? OR api_rate.full_at > ?
    RETURNING full_at
    """
)
_FULL_AT = RawQuery("SELECT full_at FROM api_rate WHERE sender = ?")


def take(connection: Connection, sender: str, *, now: int, share: int, period: int) -> int | None:
    """Move the instant of a sender by ``share``; None, and nothing done, where that is more than ``period`` ahead.

    All in microseconds. The instant as it stands then.
    """
    latest = now + period
    parameters = (sender, now + share, share, now, latest, now, latest - share, latest)
    rows = _TAKE.rows(connection, parameters)
    return rows[0][0] if rows else None


def full_at(connection: Connection, sender: str) -> int:
    """The instant of a sender for which :func:`take` just gave None: its row is ours till the end."""
    found: int = _FULL_AT.rows(connection, (sender,))[0][0]
    return found


def remove(connection: Connection, *, before: int) -> int:
    """Forget senders whose bucket is full since then; how many."""
    return connection.execute(delete(api_rate).where(api_rate.c.full_at < before)).rowcount
