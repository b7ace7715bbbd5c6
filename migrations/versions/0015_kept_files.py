"""Kept files with their parts; how far the checks of batches are."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("store", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("touched_at", Instant(), nullable=False),
        sa.Column("whole_at", Instant(), nullable=True),
        sa.Column("handed_at", Instant(), nullable=True),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.Column("gone_why", sa.Text(), nullable=True),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("writer", sa.Text(), nullable=True),
        sa.Column("writer_until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_kept_file"),
    )
    op.create_index("ix_kept_file_owner_state", "kept_file", ["owner", "state"])
    op.create_index("ix_kept_file_state_touched_at", "kept_file", ["state", "touched_at"])
    op.create_index("ix_kept_file_state_removed_at", "kept_file", ["state", "removed_at"])
    op.create_table(
        "kept_part",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "number", name="pk_kept_part"),
    )
    op.create_table(
        "kept_bytes",
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "name", name="pk_kept_bytes"),
    )
    op.create_table(
        "batch_progress",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name="pk_batch_progress"),
    )


def downgrade() -> None:
    op.drop_table("batch_progress")
    op.drop_table("kept_bytes")
    op.drop_table("kept_part")
    op.drop_table("kept_file")
