"""Numbers that callers read out."""

from sqlalchemy import Column, Index, PrimaryKeyConstraint, Table, Text

from mypage.store.schema.metadata import Instant, key_text, metadata

# The newest number of a customer, made by an account: a new one takes the place of the one before.
support_code = Table(
    "support_code",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("account_id", Text, nullable=False),
    # Makes the digits together with a signing key; they themselves rest nowhere.
    Column("salt", Text, nullable=False),
    # HMAC of the digits, by which they are found.
    Column("code_hash", Text, nullable=False),
    # The account's stamp when it was made: what ends all sessions of the account ends the number.
    Column("stamp", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("redeemed_at", Instant),
    Column("redeemed_by", Text),
    # Since when the trail tells that it expired.
    Column("lapsed_at", Instant),
    PrimaryKeyConstraint("customer_key", "account_id", name="pk_support_code"),
)
Index("ix_support_code_code_hash", support_code.c.code_hash)
Index("ix_support_code_expires_at", support_code.c.expires_at)
