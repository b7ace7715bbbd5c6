"""Counters of wrong tries, shared by all processes. Keys are HMACs: no number or address is stored."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text, text

from mypage.store.schema.metadata import Instant, metadata

throttle = Table(
    "throttle",
    metadata,
    Column("scope", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("misses", Integer, nullable=False),
    Column("waits_until", Instant),
    Column("updated_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("scope", "key"),
)
# The waits that are in force, for the shift; a counter without one is not in it and costs no more to write.
_WAITS = text("waits_until IS NOT NULL")
Index("ix_throttle_waits_until", throttle.c.waits_until, sqlite_where=_WAITS, postgresql_where=_WAITS)
