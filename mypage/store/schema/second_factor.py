"""Second factors of whoever logs in: ``owner_kind`` and ``owner_id`` say whose, and nothing here knows what that is."""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table, Text, false

from mypage.store.schema.metadata import Instant, Json, metadata

factor_app = Table(
    "factor_app",
    metadata,
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    # The secret of the authenticator app, encrypted with a key that is not in the database.
    Column("sealed", Text, nullable=False),
    # The time step of the last code that was taken: it and all before it are used up.
    Column("last_step", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("owner_kind", "owner_id"),
)

factor_passkey = Table(
    "factor_passkey",
    metadata,
    # As the browser names it (base64url).
    Column("credential_id", Text, primary_key=True),
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Json, nullable=False),
    # Whether the passkey lives on several devices (kept by the maker's cloud), as the browser told.
    Column("is_synced", Boolean, nullable=False, server_default=false()),
    Column("label", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_factor_passkey_owner_kind_owner_id", "owner_kind", "owner_id"),
)

factor_recovery_code = Table(
    "factor_recovery_code",
    metadata,
    Column("owner_kind", Text, nullable=False),
    Column("owner_id", Text, nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
    PrimaryKeyConstraint("owner_kind", "owner_id", "code_hash"),
)
