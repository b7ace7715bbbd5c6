"""The audit trail: rows chained by hash that nobody changes, and the details that may be purged."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("chain", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    # Text on both databases: exactly what was hashed.
    Column("at", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("customer_key", Text, index=True),
    Column("account_id", Text, index=True),
    Column("batch_id", Integer, index=True),
    Column("facts", Text, nullable=False),
    Column("detail_digest", Text),
    Column("previous_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
    PrimaryKeyConstraint("chain", "seq"),
    # It is read backwards by seq, of one actor, of one action; a time is turned into a range of seq.
    Index("ix_audit_event_actor_seq", "actor", "seq"),
    Index("ix_audit_event_action_seq", "action", "seq"),
    Index("ix_audit_event_at_seq", "at", "seq"),
)

# Personal details of a row; the trail holds only their salted digest, so that purging keeps the chain whole.
audit_detail = Table(
    "audit_detail",
    metadata,
    Column("chain", Text, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("salt", Text, nullable=False),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("chain", "seq"),
)
