"""Counts of refusals by customer, minute, step, cause and rule."""

from datetime import datetime

from sqlalchemy import Connection

from mypage.store.raw import RawQuery, stored_instant

_COUNT = RawQuery(
    """
    INSERT INTO stumble (customer_key, minute, step, cause, rule, times) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (customer_key, minute, step, cause, rule) DO UPDATE SET times = stumble.times + excluded.times
    RETURNING times
    """
)


def count(
    connection: Connection, customer_key: str, minute: datetime, step: str, cause: str, rule: str, times: int
) -> int:
    """Add ``times`` to a count; what it is now."""
    moment = stored_instant(connection, minute)
    ((counted,),) = _COUNT.rows(connection, (customer_key, moment, step, cause, rule, times))
    return int(counted)
