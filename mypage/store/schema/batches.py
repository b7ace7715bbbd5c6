"""Batches of the billing side, their errors, and the one row that says what is published."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    true,
)

from mypage.store.schema.metadata import Instant, Json, metadata

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # Files handed over together share a delivery: they are published together or not at all.
    Column("delivery", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("sha256", Text, nullable=False, index=True),
    Column("options", Json, nullable=False),
    Column("filename", Text, nullable=False),
    # Where the bytes lie: a check that must run again reads them from there.
    Column("source", Text, nullable=False, server_default=""),
    Column("size", BigInteger, nullable=False),
    Column("encoding", Text),
    Column("actor", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("checked_at", Instant),
    # The epoch in which the check ran: if anything was published since, the check runs again.
    Column("checked_epoch", BigInteger),
    Column("published_at", Instant),
    Column("taken_back_at", Instant),
    # Set while the batch is to be published at a time; whoever checks it again meanwhile leaves it so.
    Column("publish_at", Instant),
    # When it was or is to be published at a time (kept afterwards), by how many seconds that was missed, and the code
    # of why it failed.
    Column("due_at", Instant),
    Column("late", Integer),
    Column("failure", Text),
    # Who wants or wanted it published, and who approved it: actors. The approval is of the check that wrote that report.
    Column("asked_by", Text),
    Column("approved_by", Text),
    Column("approved_report", Text),
    # Whether its publishing is told to subscribers.
    Column("notices", Boolean, nullable=False, server_default=true()),
    # Set while the batch is published; the highest one among the versions of a key is seen.
    Column("pub_seq", BigInteger),
    # Newest billing month in a charges batch (yyyymm): the operator's window ends with the newest published one.
    Column("newest_month", Integer),
    Column("counts", Json, nullable=False),
    Column("errors", BigInteger, nullable=False, server_default="0"),
    Column("warnings", BigInteger, nullable=False, server_default="0"),
    # How far the staging came; committed together with the rows it speaks of.
    Column("checkpoint", Json),
    # Which of the reports below is the one of the check that finished.
    Column("report", Text),
    sqlite_autoincrement=True,
)
Index("uq_batch_pub_seq", batch.c.pub_seq, unique=True)

batch_error = Table(
    "batch_error",
    metadata,
    Column("batch_id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("warning", Boolean, nullable=False),
    Column("row", BigInteger),
    Column("column_name", Text),
    Column("customer_number", Text),
    Column("value", Text),
    Column("code", Text, nullable=False),
    Column("facts", Json, nullable=False),
)

# All that a check told, in the order of the rows, packed in parts. A check that was killed leaves parts of a report
# that no batch names; the next one that finishes removes them.
batch_report = Table(
    "batch_report",
    metadata,
    Column("batch_id", Integer, primary_key=True, autoincrement=False),
    Column("report", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("entries", Integer, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)

# What [エラーの請求を除いて公開] left out: a statement a row (or a row of the file that names none), with the reason.
left_out = Table(
    "left_out",
    metadata,
    Column("batch_id", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("row", BigInteger, nullable=False),
    Column("customer_number", Text, nullable=False),
    Column("billing_month", Integer),
    Column("number", BigInteger),
    Column("code", Text, nullable=False),
    Column("column_name", Text, nullable=False),
    Column("facts", Json, nullable=False),
    PrimaryKeyConstraint("batch_id", "seq"),
)

publication = Table(
    "publication",
    metadata,
    Column("id", Integer, CheckConstraint("id = 1", name="one_row"), primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("pub_seq", BigInteger, nullable=False),
)
