"""What follows a customer key: the number under which it goes on (number_changes.csv).

A row that carries stands under both keys, so that from either of them the other is found by the primary key.
"""

from sqlalchemy import Column, Date, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import key_text, metadata

succession = Table(
    "succession",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("batch_id", Integer, nullable=False),
    # What carries nothing stands under the old key only; staff look for it from the new one as well.
    Column("other_key", key_text(), nullable=False, index=True),
    # What the other key is to this one (domain/succession.py).
    Column("kind", Text, nullable=False),
    Column("changed_on", Date),
    PrimaryKeyConstraint("customer_key", "batch_id", "other_key"),
)
