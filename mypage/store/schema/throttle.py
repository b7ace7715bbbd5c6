"""Counters of wrong tries, shared by all processes. Keys are HMACs: no number or address is stored."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

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
