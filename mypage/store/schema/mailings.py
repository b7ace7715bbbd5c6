"""Mailings: one row for each deed that many people are to be told of, and who was told of which month's bills."""

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, Json, key_text, metadata

# Written with the deed itself, in one small row; a worker then expands it, customer by customer in the order of their
# keys. ``cursor`` is the last key that was looked at, committed together with the mails up to there.
mailing = Table(
    "mailing",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("batch_ids", Json, nullable=False),
    # The publication that it tells of.
    Column("epoch", BigInteger, nullable=False),
    # What its kind must know besides.
    Column("facts", Json, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("cursor", key_text(), nullable=False),
    Column("examined", BigInteger, nullable=False),
    Column("mails", BigInteger, nullable=False),
    Column("ended_at", Instant),
    sqlite_autoincrement=True,
)

# 「請求確定のお知らせ」: the account was told of the customer's bills of that month, or its mail waits. A mail that was not
# sent after all takes its row along.
statement_notice = Table(
    "statement_notice",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("billing_month", Integer, nullable=False),  # yyyymm
    Column("mailing_id", Integer, nullable=False),
    PrimaryKeyConstraint("customer_key", "account_id", "billing_month"),
)
