"""Statements (one row each, all versions) and the marks of who saw which."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

statement = Table(
    "statement",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("billing_month", Integer, nullable=False),  # yyyymm
    Column("number", BigInteger, nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    # Its holder is not certain: kept, listed for the operator, shown to nobody.
    Column("hidden", Boolean, nullable=False),
    Column("total", BigInteger, nullable=False),
    # What is compared with the bill before: the total without 繰越, 前受金充当, 延滞利息 and 返金.
    Column("comparable", BigInteger, nullable=False),
    Column("due_on", Date),
    Column("payment_method", Text),
    Column("payment_state", Text),
    # Line items and taxes as versioned JSON text (domain/statement.py); never read by the list.
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("customer_key", "billing_month", "number", "batch_id"),
)

LIST_KEY = ("customer_key", "billing_month", "number", "batch_id")
LIST_EXTRA = ("withdrawn", "hidden", "total", "comparable", "due_on", "payment_method", "payment_state")

# The list page reads this index only. The two databases spell "covering" differently.
Index(
    "ix_statement_list",
    *(statement.c[name] for name in LIST_KEY),
    postgresql_include=list(LIST_EXTRA),
).ddl_if(dialect="postgresql")
Index("ix_statement_list_covering", *(statement.c[name] for name in LIST_KEY + LIST_EXTRA)).ddl_if(
    dialect="sqlite"
)

statement_view = Table(
    "statement_view",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("billing_month", Integer, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("customer_key", "account_id", "session_id", "billing_month", "number", "batch_id"),
)
