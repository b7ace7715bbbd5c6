"""Payment states that come later: one row a statement and version, seen by the version rule."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import key_text, metadata

payment = Table(
    "payment",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("billing_month", Integer, nullable=False),  # yyyymm
    Column("number", BigInteger, nullable=False),
    Column("batch_id", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("paid_on", Date),
    Column("paid_amount", BigInteger),
    Column("retry_on", Date),
    PrimaryKeyConstraint("customer_key", "billing_month", "number", "batch_id"),
)

PAYMENT_KEY = ("customer_key", "billing_month", "number", "batch_id")
PAYMENT_EXTRA = ("state", "paid_on", "paid_amount", "retry_on")

# Read together with the list's index of statements, and as often.
Index(
    "ix_payment_list",
    *(payment.c[name] for name in PAYMENT_KEY),
    postgresql_include=list(PAYMENT_EXTRA),
).ddl_if(dialect="postgresql")
Index("ix_payment_list_covering", *(payment.c[name] for name in PAYMENT_KEY + PAYMENT_EXTRA)).ddl_if(
    dialect="sqlite"
)
