"""Customers whose registration staff released, until somebody registers them anew."""

from sqlalchemy import Column, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

released_customer = Table(
    "released_customer",
    metadata,
    Column("customer_key", key_text(), primary_key=True),
    Column("former_account_id", Text, nullable=False),
    Column("released_at", Instant, nullable=False),
    Column("objected_at", Instant),
)
