"""Letters to the customers' addresses: one for each activation, and the files in which they go to be posted."""

from sqlalchemy import Boolean, Column, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

# A notice of the activation; with a code where the signup asks for it. The code itself is made from a signing key.
letter = Table(
    "letter",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("with_code", Boolean, nullable=False),
    # The member of staff who had it sent: its code is read out on the telephone.
    Column("asked_by", Text),
    Column("asked_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    # The file in which it goes to be posted, and from when on its code has 30 days: empty until that file is there.
    Column("export_id", Integer, index=True),
    Column("posted_at", Instant),
    Column("expires_at", Instant),
    PrimaryKeyConstraint("customer_key", "account_id", "serial"),
)

letter_export = Table(
    "letter_export",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("actor", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("letters", Integer, nullable=False),
    Column("codes", Integer, nullable=False),
    Column("file", Text, nullable=False),
    # Of the whole file, known before it gets its name: so a repeat sees whether it is there already.
    Column("sha256", Text),
    Column("written_at", Instant),
    sqlite_autoincrement=True,
)
