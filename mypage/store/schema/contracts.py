"""What a customer has: all contracts of one customer in one row a version."""

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table

from mypage.store.schema.metadata import Json, key_text, metadata

contract_set = Table(
    "contract_set",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("contracts", Json, nullable=False),
    PrimaryKeyConstraint("customer_key", "batch_id"),
)
