"""What files change of that by which a customer is known, and the batches whose taking back is not settled yet."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table

from mypage.store.schema.metadata import Instant, Json, key_text, metadata

# A customer of whom a batch changes the name, the reading, a telephone or the number; staged with the batch's rows,
# so that a flip has nothing to look for. None for customers who are new with the batch.
identity_change = Table(
    "identity_change",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("batch_id", Integer, nullable=False),
    # Excel's row in the file.
    Column("row", Integer, nullable=False),
    # What, before, after; in the order of the columns (mypage.domain.identity_change).
    Column("changes", Json, nullable=False),
    PrimaryKeyConstraint("customer_key", "batch_id"),
)
Index("ix_identity_change_of_batch", identity_change.c.batch_id, identity_change.c.customer_key)

# A batch that was taken back and on which more registrations may rest than one transaction ends: until the worker has
# looked at all of them, what rests on it is closed.
unsettled_batch = Table(
    "unsettled_batch",
    metadata,
    Column("batch_id", Integer, primary_key=True, autoincrement=False),
    Column("taken_back_at", Instant, nullable=False),
)
