"""Counters of tries. A try is counted before it is made, so that parallel guesses cannot share one."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Connection, case, delete, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import throttle
from mypage.store.schema.metadata import Instant


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
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    forgotten = throttle.c.updated_at <= forget_before
    tries: ColumnElement[int] = case((forgotten, 1), else_=throttle.c.misses + 1)
    moment = literal(now, Instant())
    statement = (
        insert(throttle)
        .values(scope=scope, key=key, misses=1, waits_until=_wait(literal(1), waits), updated_at=now)
        .on_conflict_do_update(
            index_elements=["scope", "key"],
            set_={
                "misses": tries,
                "waits_until": _wait(tries, waits),
                "updated_at": moment if slides else case((forgotten, moment), else_=throttle.c.updated_at),
            },
            where=or_(throttle.c.waits_until.is_(None), throttle.c.waits_until <= now, forgotten),
        )
        .returning(throttle.c.misses)
    )
    misses: int | None = connection.execute(statement).scalar_one_or_none()
    return misses


def _wait(tries: ColumnElement[int], waits: Sequence[tuple[int, datetime]]) -> ColumnElement[datetime | None]:
    steps = [(tries >= least, literal(until, Instant())) for least, until in waits]
    return case(*steps, else_=literal(None, Instant()))


def wait(connection: Connection, scope: str, key: str) -> tuple[int, datetime]:
    """Tries and end of the wait of a counter for which :func:`reserve` just gave None: its row is ours till the end."""
    query = select(throttle.c.misses, throttle.c.waits_until)
    misses, until = connection.execute(query.where(throttle.c.scope == scope, throttle.c.key == key)).one()
    return misses, cast(datetime, until)


def give_back(connection: Connection, scope: str, key: str, misses: int) -> None:
    """Take back the try that made the counter ``misses``; a wait that others caused since then stays."""
    alone = throttle.c.misses == misses
    connection.execute(
        update(throttle)
        .where(throttle.c.scope == scope, throttle.c.key == key, throttle.c.misses > 0)
        .values(
            misses=throttle.c.misses - 1,
            waits_until=case((alone, literal(None, Instant())), else_=throttle.c.waits_until),
        )
    )


def forget(connection: Connection, scope: str, key: str) -> None:
    """Begin anew: the counter and its wait are gone."""
    connection.execute(delete(throttle).where(throttle.c.scope == scope, throttle.c.key == key))
