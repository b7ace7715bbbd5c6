"""Calls that staff note, requests that a second person approves, addresses that a correction can go back to."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, Json, key_text

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "support_call",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("verified", Json(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("reached_number", sa.Integer(), nullable=True),
        sa.Column("reached", sa.Text(), nullable=True),
        sa.Column("reached_at", Instant(), nullable=True),
        sa.Column("code_proven_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "id", name="pk_support_call"),
    )
    op.create_index(
        "uq_support_call_open",
        "support_call",
        ["customer_key", "staff_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "staff_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("customer_key", key_text(), nullable=True),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_staff_request"),
    )
    op.create_index("ix_staff_request_asked_by", "staff_request", ["asked_by"])
    op.create_index("ix_staff_request_state", "staff_request", ["state"])
    op.create_index(
        "uq_staff_request_waiting",
        "staff_request",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("state = 'waiting'"),
        sqlite_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "former_address",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("replaced_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_former_address"),
    )
    op.add_column("letter", sa.Column("asked_by", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("letter", "asked_by")
    op.drop_table("former_address")
    op.drop_table("staff_request")
    op.drop_table("support_call")
