"""Tokens of the API, and how many requests each sender made of late."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("kinds", Json(), nullable=False),
        sa.Column("deeds", Json(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("last_used_at", Instant(), nullable=True),
        sa.Column("last_used_from", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
    )
    op.create_index("uq_api_token_token_hash", "api_token", ["token_hash"], unique=True)
    op.create_table(
        "api_rate",
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("full_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sender", name="pk_api_rate"),
    )
    op.create_index("ix_api_rate_full_at", "api_rate", ["full_at"])


def downgrade() -> None:
    op.drop_index("ix_api_rate_full_at", "api_rate")
    op.drop_table("api_rate")
    op.drop_index("uq_api_token_token_hash", "api_token")
    op.drop_table("api_token")
