"""Facts of a customer that stand open before staff, for the time of a call."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from mypage.store.schema import revealed_fact


def reveal(
    connection: Connection, customer_key: str, call_id: str, facts: Collection[str], now: datetime
) -> list[str]:
    """Let facts stand open for a call; those that did not yet."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    rows = [
        {"customer_key": customer_key, "call_id": call_id, "fact": fact, "at": now} for fact in sorted(facts)
    ]
    wanted = dialect.insert(revealed_fact).values(rows).on_conflict_do_nothing()
    return sorted(connection.scalars(wanted.returning(revealed_fact.c.fact)))


def revealed(connection: Connection, customer_key: str, call_id: str) -> list[str]:
    """The facts that stand open for a call."""
    query = select(revealed_fact.c.fact).where(
        revealed_fact.c.customer_key == customer_key, revealed_fact.c.call_id == call_id
    )
    return sorted(connection.scalars(query))
