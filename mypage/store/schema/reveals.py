"""Facts that staff let be shown ([表示する])."""

from sqlalchemy import Column, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

# Facts of a customer that stand open for the time of a call ([表示する]); which ones, never what they say.
revealed_fact = Table(
    "revealed_fact",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("call_id", Text, nullable=False),
    Column("fact", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("customer_key", "call_id", "fact"),
)
