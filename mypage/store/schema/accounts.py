"""Web logins: the account, its name, its customers and its sessions."""

from sqlalchemy import (
    BigInteger,
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

from mypage.store.schema.metadata import Instant, key_text, metadata

account = Table(
    "account",
    metadata,
    Column("id", Text, primary_key=True),
    Column("login_id", Text, nullable=False),
    Column("login_key", Text, nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("password_changed_at", Instant, nullable=False),
    # Rotated by whatever must end all sessions of the account at once.
    Column("stamp", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("nickname", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("terms_version", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_login_at", Instant),
    # The address as it is looked for; folded by the database itself (stored on PostgreSQL).
    Column("email_key", Text, Computed("lower(email)"), index=True),
    # Since when mails to the address are refused for good: it serves no recovery until it is confirmed anew.
    Column("mail_refused_at", Instant),
    # Since when its owner wants no 「請求確定のお知らせ」; empty: they go out.
    Column("notices_off_at", Instant),
)

# One claim for provisional and active alike; an expired claim is taken over by a conditional upsert.
login_name = Table(
    "login_name",
    metadata,
    Column("login_key", Text, primary_key=True),
    Column("claimed_by", Text, nullable=False),
    Column("expires_at", Instant),
)

account_customer = Table(
    "account_customer",
    metadata,
    Column("customer_key", key_text(), nullable=False),
    Column("account_id", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("since", Instant, nullable=False),
    # The customers batch on which the identity match rests: None once staff have looked at a match of which the batch
    # was taken back.
    Column("matched_batch_id", Integer),
    # What keeps the customer closed to this account (domain/opening.py): the code of a letter that is not entered
    # yet, the time after a release, an objection to it.
    Column("awaits_letter", Boolean, nullable=False, server_default=false()),
    Column("shown_from", Instant),
    Column("objected_at", Instant),
    # The code is asked whatever the setting says: it stands for the second person of a signup on the telephone.
    Column("letter_for_approval", Boolean, nullable=False, server_default=false()),
    # As of registration; ``awaits_approval`` until staff have looked at it.
    Column("changed_batch_id", Integer),
    Column("awaits_approval", Boolean, nullable=False, server_default=false()),
    Column("taken_back_batch_id", Integer),
    PrimaryKeyConstraint("customer_key", "account_id"),
)
# As of registration.
Index("ix_account_customer_resting", account_customer.c.matched_batch_id, account_customer.c.customer_key)
AWAITS_APPROVAL = text("awaits_approval")
Index(
    "ix_account_customer_awaits_approval",
    account_customer.c.customer_key,
    postgresql_where=AWAITS_APPROVAL,
    sqlite_where=AWAITS_APPROVAL,
)
IS_OWNER = text("role = 'owner'")
Index(
    "uq_account_customer_owner",
    account_customer.c.customer_key,
    unique=True,
    postgresql_where=IS_OWNER,
    sqlite_where=IS_OWNER,
)

login_session = Table(
    "login_session",
    metadata,
    Column("id_hash", Text, primary_key=True),
    Column("account_id", Text, nullable=False, index=True),
    Column("stamp", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("touched_at", Instant, nullable=False),
    # The publication epoch up to which the list's "seen" marks of this session are written.
    Column("seen_epoch", BigInteger, nullable=False, server_default="-1"),
    # The newest publication when it was opened: a new holder that came later ends it for the former one's customer.
    Column("opened_seq", BigInteger, nullable=False, server_default="0"),
    Column("address", Text, nullable=False),
    Column("browser", Text, nullable=False),
)
