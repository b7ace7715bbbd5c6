"""Recovery: what people asked for, until the worker has answered, and the mails that it wrote."""

from sqlalchemy import Column, Index, Integer, Table, Text

from mypage.store.schema.metadata import Instant, metadata

# What was typed is personal: the row goes with the answer.
recovery_request = Table(
    "recovery_request",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("asked", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("requested_at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

# A mail that recovery wrote, and the link in it. Its serial is never given again, so that a link whose row is gone
# can never be taken for a later one. Destinations are HMACs, as those of the signup's mails.
recovery_mail = Table(
    "recovery_mail",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=True),
    Column("purpose", Text, nullable=False),
    # None where the mail is to an address that several accounts may share.
    Column("account_id", Text),
    Column("destination", Text, nullable=False),
    Column("enqueued_at", Instant, nullable=False),
    Column("handed_over_at", Instant),
    # How a deed ended the link: "used" or "expired".
    Column("ended", Text),
    sqlite_autoincrement=True,
)
Index(
    "ix_recovery_mail_account_id",
    recovery_mail.c.account_id,
    recovery_mail.c.purpose,
    recovery_mail.c.serial,
)
Index("ix_recovery_mail_destination", recovery_mail.c.destination, recovery_mail.c.enqueued_at)
