"""How often people were refused what no throttle bounds, by minute, step, cause and rule: counts, not a trail."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

# ``customer_key`` is empty where nobody is known, ``rule`` where a cause has none.
stumble = Table(
    "stumble",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("minute", Instant, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("customer_key", "minute", "step", "cause", "rule"),
)
