"""Forms that came after their session had ended are kept for half an hour."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_form",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("typed", Json(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_kept_form"),
    )
    op.create_index("ix_kept_form_owner", "kept_form", ["owner"])
    op.create_index("ix_kept_form_expires_at", "kept_form", ["expires_at"])


def downgrade() -> None:
    op.drop_index("ix_kept_form_expires_at", table_name="kept_form")
    op.drop_index("ix_kept_form_owner", table_name="kept_form")
    op.drop_table("kept_form")
