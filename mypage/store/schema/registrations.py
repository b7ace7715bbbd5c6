"""Signup before there is an account: the draft of screens 2 and 3, and the provisional registration."""

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    text,
)

from mypage.store.schema.metadata import Instant, Json, key_text, metadata

# A draft exists only after an identity match and dies after 30 minutes.
signup_draft = Table(
    "signup_draft",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("customer_key", key_text(), nullable=False),
    Column("matched_batch_id", Integer, nullable=False),
    Column("claim", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("id_checks", Integer, nullable=False),
    Column("login_id", Text),
    Column("password_hash", Text),
    Column("email", Text),
    Column("nickname", Text),
    # As of registration.
    Column("changed_batch_id", Integer),
)

# One row a customer: registering again replaces it, with the next serial, so that an older link can be told
# that a newer mail went out.
registration = Table(
    "registration",
    metadata,
    Column("customer_key", key_text(), primary_key=True),
    Column("registration_id", Text, nullable=False, index=True),
    Column("serial", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("login_id", Text, nullable=False),
    Column("login_key", Text, nullable=False, index=True),
    Column("password_hash", Text),
    Column("email", Text, nullable=False),
    Column("nickname", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("terms_version", Text, nullable=False),
    # The customers batch whose version matched.
    Column("matched_batch_id", Integer, nullable=False),
    # The browser that registered (hash of its signup cookie): it alone sees /signup/done, with the address on it.
    Column("browser_hash", Text, index=True),
    Column("created_at", Instant, nullable=False, index=True),
    Column("enqueued_at", Instant, nullable=False),
    Column("handed_over_at", Instant),
    Column("expires_at", Instant),
    Column("ended_at", Instant),
    # The address as staff look for it; as of account.
    Column("email_key", Text, Computed("lower(email)"), index=True),
    # The member of staff who signed somebody up on the telephone; empty for a signup on the web. Such a registration
    # has no password: screen 5 asks number and telephone instead, and there the password is chosen.
    Column("made_by", Text),
    # A letter with a code stands for the second person who approves such a signup.
    Column("letter_for_approval", Boolean, nullable=False, server_default=false()),
    # The batch that brought what matched, not long before: then staff look at it before anything is shown.
    Column("changed_batch_id", Integer),
    # The batch for whose taking back it was ended.
    Column("taken_back_batch_id", Integer),
)

# For the first that rest on a batch, in the order of customers; those that ended, nearly all, do not stand in it.
IS_PENDING = text("state = 'pending'")
Index(
    "ix_registration_resting",
    registration.c.matched_batch_id,
    registration.c.customer_key,
    postgresql_where=IS_PENDING,
    sqlite_where=IS_PENDING,
)

# The mails that a signup asked for in the last 24 hours: how many go to one customer number and to one destination
# is limited. Destinations are HMACs; older rows are of no use.
signup_mail = Table(
    "signup_mail",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("at", Instant, nullable=False),
    Column("serial", Integer, nullable=False),
    Column("destination", Text, nullable=False),
    Column("replaces", Boolean, nullable=False),
    PrimaryKeyConstraint("customer_key", "at", "serial"),
)
Index("ix_signup_mail_destination_at", signup_mail.c.destination, signup_mail.c.at)
