"""Somebody with all rights in the database, who takes the trail's guards out of the way and changes it.

``forge`` writes rows as a well-informed forger would: with hashes that fit.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, text

from mypage.domain.trail import GENESIS, Action, canonical, row_hash
from mypage.services import trail
from mypage.services.trail import Event
from mypage.store import trail_guards
from mypage.store.engine import Database

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def record(database: Database, times: int = 1, *, now: datetime = NOW, missed: str = "phone") -> None:
    """Rows with a detail each."""
    event = Event(
        action=Action.IDENTITY_MISSED,
        actor="visitor",
        at=now,
        customer_key="70012",
        detail={"address": "203.0.113.9"},
        facts={"missed": missed, "cause": "A-03"},
    )
    with database.writing() as connection:
        trail.record_all(connection, [event] * times)


@contextmanager
def unguarded(database: Database) -> Iterator[Connection]:
    """A transaction in which nothing guards the trail; afterwards all guards stand again, as if nothing had been."""
    with database.writing() as connection:
        if database.is_sqlite:
            for name in trail_guards.SQLITE:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        trail_guards.put_up(connection)


def tamper(database: Database, *statements: str) -> None:
    """Run statements as somebody with all rights could."""
    with unguarded(database) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def rewrite(database: Database, begin: int, **changed: Any) -> None:
    """Change a row and make the chain anew from there on, so that it is whole again."""
    with unguarded(database) as connection:
        query = text("SELECT * FROM audit_event WHERE seq >= :begin ORDER BY seq")
        rows = [dict(row) for row in connection.execute(query, {"begin": begin}).mappings()]
        previous = connection.scalar(
            text("SELECT hash FROM audit_event WHERE seq = :seq"), {"seq": begin - 1}
        )
        previous = previous or GENESIS
        for row in rows:
            if row["seq"] == begin:
                row.update(changed)
            row["previous_hash"] = previous
            previous = row["hash"] = row_hash({name: value for name, value in row.items() if name != "hash"})
            columns = ("actor", "facts", "previous_hash", "hash")
            setting = ", ".join(f"{name} = :{name}" for name in columns)
            connection.execute(text(f"UPDATE audit_event SET {setting} WHERE seq = :seq"), row)  # noqa: S608


def insert_at(database: Database, place: int) -> None:
    """Put a row in with a hash of its own that fits, and count on from there."""
    with unguarded(database) as connection:
        # From the end, as no number may stand twice at any moment.
        last = connection.scalar(text("SELECT MAX(seq) FROM audit_event")) or 0
        for table in ("audit_event", "audit_detail"):
            for seq in range(last, place - 1, -1):
                connection.execute(
                    text(f"UPDATE {table} SET seq = seq + 1 WHERE seq = :seq"),  # noqa: S608
                    {"seq": seq},
                )
        query = text("SELECT * FROM audit_event WHERE seq = :seq")
        row = dict(connection.execute(query, {"seq": place - 1}).mappings().one())
        row |= {
            "seq": place,
            "actor": "nobody",
            "facts": canonical(json.loads(row["facts"])),
            "previous_hash": row["hash"],
            "detail_digest": None,
        }
        row["hash"] = row_hash({name: value for name, value in row.items() if name != "hash"})
        names = ", ".join(row)
        places = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO audit_event ({names}) VALUES ({places})"), row)  # noqa: S608
