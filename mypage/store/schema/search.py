"""The index of staff's search, what it found, how much somebody looked at, and the request numbers of our faults."""

from sqlalchemy import Boolean, Column, Date, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, Json, key_text, metadata

# Terms of all versions, published or not (domain/search_terms.py); whoever finds one looks at the version that is seen.
# The term comes first: this table is found by it and by nothing else. One tree on SQLite, no rows beside it.
search_term = Table(
    "search_term",
    metadata,
    Column("term", key_text(), nullable=False),
    Column("customer_key", key_text(), nullable=False),
    Column("batch_id", Integer, nullable=False),
    PrimaryKeyConstraint("term", "customer_key", "batch_id"),
    sqlite_with_rowid=False,
)

# A search of somebody: what was typed and whom it found, for that person's page of answers and a few hours.
staff_search = Table(
    "staff_search",
    metadata,
    Column("id", Text, primary_key=True),
    Column("staff_id", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("typed", Text, nullable=False),
    Column("answers", Json, nullable=False),
    Column("too_wide", Boolean, nullable=False),
)

# How often a member of staff searched, and how many customers were opened, on a day in Japan.
staff_look_count = Table(
    "staff_look_count",
    metadata,
    Column("staff_id", Text, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("staff_id", "day", "kind"),
)

# Whom they opened on that day: a customer counts once.
staff_look = Table(
    "staff_look",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("staff_id", Text, nullable=False),
    Column("day", Date, nullable=False, index=True),
    PrimaryKeyConstraint("customer_key", "staff_id", "day"),
)

# What the request number on a page of ours stands for (first-try F-02): nothing of what was typed.
fault = Table(
    "fault",
    metadata,
    Column("request_number", Text, primary_key=True),
    Column("at", Instant, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("what", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("account_id", Text),
)
