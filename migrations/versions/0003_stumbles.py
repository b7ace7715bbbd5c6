"""Counts of refusals, for the shift: what concerns nobody does not reach the trail."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, key_text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stumble",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("minute", Instant(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "minute", "step", "cause", "rule", name="pk_stumble"),
    )
    op.create_index("ix_stumble_minute", "stumble", ["minute"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_stumble_minute", table_name="stumble")
    op.drop_table("stumble")
