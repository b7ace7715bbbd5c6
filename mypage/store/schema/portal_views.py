"""The portal as the subscriber sees it, opened by staff."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

# The account's owner is told of each row.
portal_view = Table(
    "portal_view",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("id", Text, nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("customer_key", "id"),
)
Index("ix_portal_view_account_id_opened_at", portal_view.c.account_id, portal_view.c.opened_at)
