"""Files that were handed over through a browser or the API, in parts; and how far the checks of batches are."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
)

from mypage.store.schema.metadata import Instant, metadata

kept_file = Table(
    "kept_file",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("arrived", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    # Where its parts lie: the setting may have changed since.
    Column("store", Text, nullable=False),
    # Files from before this was noted may be either.
    Column("sealed", Boolean, nullable=False, server_default=false()),
    Column("confirmed", Boolean, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    Column("whole_at", Instant),
    Column("handed_at", Instant),
    # The row stays when the bytes are gone: it says when, and why.
    Column("gone_at", Instant),
    Column("gone_why", Text),
    # When nothing of it was left in its store: until then the worker tries.
    Column("removed_at", Instant),
    # Which request writes at this moment, and until when it may without being heard of.
    Column("writer", Text),
    Column("writer_until", Instant),
)
Index("ix_kept_file_owner_state", kept_file.c.owner, kept_file.c.state)
Index("ix_kept_file_state_touched_at", kept_file.c.state, kept_file.c.touched_at)
Index("ix_kept_file_state_removed_at", kept_file.c.state, kept_file.c.removed_at)

kept_part = Table(
    "kept_part",
    metadata,
    Column("file_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    PrimaryKeyConstraint("file_id", "number"),
)

# The bytes of parts, where the setting says that they lie in the database.
kept_bytes = Table(
    "kept_bytes",
    metadata,
    Column("file_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("data", LargeBinary, nullable=False),
    PrimaryKeyConstraint("file_id", "name"),
)

batch_progress = Table(
    "batch_progress",
    metadata,
    Column("batch_id", Integer, primary_key=True, autoincrement=False),
    Column("step", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("whole", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("since", Instant, nullable=False),
    Column("at", Instant, nullable=False),
    # How often a worker began with it; one that kills its worker must not be tried for ever.
    Column("tries", Integer, nullable=False),
    # Why it waits although a worker would: a code, or nothing.
    Column("waits_for", Text),
)
