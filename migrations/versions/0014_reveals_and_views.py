"""What staff looked at: revealed facts, the portal as the subscriber sees it; a number change found from its new end."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, key_text

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revealed_fact",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "call_id", "fact", name="pk_revealed_fact"),
    )
    op.create_table(
        "portal_view",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "id", name="pk_portal_view"),
    )
    op.create_index("ix_portal_view_account_id_opened_at", "portal_view", ["account_id", "opened_at"])
    op.create_index("ix_succession_other_key", "succession", ["other_key"])


def downgrade() -> None:
    op.drop_index("ix_succession_other_key", "succession")
    op.drop_index("ix_portal_view_account_id_opened_at", "portal_view")
    op.drop_table("portal_view")
    op.drop_table("revealed_fact")
