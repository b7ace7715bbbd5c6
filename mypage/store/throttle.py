"""Counters of tries. A try is counted before it is made, so that parallel guesses cannot share one.

The statements are written out: built of expressions they took more of a login's time than all its rows.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, and_, or_, select

from mypage.store.raw import RawQuery, instant, stored_instant
from mypage.store.schema import throttle

_WAIT = RawQuery("SELECT misses, waits_until FROM throttle WHERE scope = ? AND key = ?")
_IS_COUNTED = RawQuery("SELECT 1 FROM throttle WHERE scope = ? AND key = ? AND misses > 0 AND updated_at > ?")
_GIVE_BACK = RawQuery(
    """
    UPDATE throttle
    SET misses = misses - 1, waits_until = CASE WHEN misses = ? THEN NULL ELSE waits_until END
    WHERE scope = ? AND key = ? AND misses > 0
    RETURNING misses
    """
)
_FORGET_THE_ONLY_ONE = RawQuery(
    "DELETE FROM throttle WHERE scope = ? AND key = ? AND misses = 1 RETURNING misses"
)
_FORGET = RawQuery("DELETE FROM throttle WHERE scope = ? AND key = ? RETURNING misses")


def reserve(
    connection: Connection,
    scope: str,
    key: str,
    *,
    now: datetime,
    forget_before: datetime,
    waits: Sequence[tuple[int, datetime]],
    slides: bool,
) -> int | None:
    """Count one try and give the tries counted so far with it; None, and nothing counted, during a wait.

    ``waits``: from how many tries on one waits until when, descending. Counters whose ``updated_at`` is older than
    ``forget_before`` begin anew; with ``slides`` each try moves it, else it stays where the counter began.
    """
    moment, forgotten = stored_instant(connection, now), stored_instant(connection, forget_before)
    until = [stored_instant(connection, end) for _, end in waits]
    at_first = next((end for (least, _), end in zip(waits, until, strict=True) if least <= 1), None)
    of_slide = () if slides else (forgotten,)
    rows = _reserve(tuple(least for least, _ in waits), slides).rows(
        connection,
        (scope, key, at_first, moment, forgotten, forgotten, *until, *of_slide, moment, forgotten),
    )
    return rows[0][0] if rows else None


@cache
def _reserve(steps: tuple[int, ...], slides: bool) -> RawQuery:
    """``steps``: from how many tries on one waits; their ends are parameters."""
    waits = " ".join(f"WHEN throttle.misses + 1 >= {int(least)} THEN ?" for least in steps)
    kept = (
        "excluded.updated_at"
        if slides
        else ("CASE WHEN throttle.updated_at <= ? THEN excluded.updated_at ELSE throttle.updated_at END")
    )
    return RawQuery(
        # Only whole numbers of ours are written into it.
        f"""
        INSERT INTO throttle (scope, key, misses, waits_until, updated_at) VALUES (?, ?, 1, ?, ?)
        ON CONFLICT (scope, key) DO UPDATE SET
            misses = CASE WHEN throttle.updated_at <= ? THEN 1 ELSE throttle.misses + 1 END,
            waits_until = CASE WHEN throttle.updated_at <= ? THEN excluded.waits_until {waits} END,
            updated_at = {kept}
        WHERE throttle.waits_until IS NULL OR throttle.waits_until <= ? OR throttle.updated_at <= ?
        RETURNING misses
        """  # noqa: S608
    )


def wait(connection: Connection, scope: str, key: str) -> tuple[int, datetime]:
    """Tries and end of the wait of a counter for which :func:`reserve` just gave None: its row is ours till the end."""
    ((misses, until),) = _WAIT.rows(connection, (scope, key))
    return misses, instant(until)


def waits_in_force(
    connection: Connection, names: Sequence[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], datetime]:
    """Of the counters with these scopes and keys those during whose wait it is now, with its end."""
    # Row by row: SQLite would look through all waits in force for a list of pairs.
    named = [and_(throttle.c.scope == scope, throttle.c.key == key) for scope, key in names]
    query = select(throttle.c.scope, throttle.c.key, throttle.c.waits_until).where(
        or_(*named), throttle.c.waits_until > now
    )
    return {(row.scope, row.key): row.waits_until for row in connection.execute(query)}


def is_counted(connection: Connection, scope: str, key: str, *, since: datetime) -> bool:
    """Whether a counter holds a try, the last one after ``since``."""
    return bool(_IS_COUNTED.rows(connection, (scope, key, stored_instant(connection, since))))


def give_back(connection: Connection, scope: str, key: str, misses: int) -> None:
    """Take back the try that made the counter ``misses``; a wait that others caused since then stays.

    Where it was the only one no row stays: tries that are refused for another counter's wait leave nothing behind.
    """
    if not _FORGET_THE_ONLY_ONE.rows(connection, (scope, key)):
        _GIVE_BACK.rows(connection, (misses, scope, key))


def forget(connection: Connection, scope: str, key: str) -> None:
    """Begin anew: the counter and its wait are gone."""
    _FORGET.rows(connection, (scope, key))
