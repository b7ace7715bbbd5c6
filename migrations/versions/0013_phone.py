"""Numbers that callers read out, and signups on the telephone."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, key_text

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_LETTER = "letter_for_approval"


def upgrade() -> None:
    op.create_table(
        "support_code",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("redeemed_at", Instant(), nullable=True),
        sa.Column("redeemed_by", sa.Text(), nullable=True),
        sa.Column("lapsed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "account_id", name="pk_support_code"),
    )
    op.create_index("ix_support_code_code_hash", "support_code", ["code_hash"])
    op.create_index("ix_support_code_expires_at", "support_code", ["expires_at"])
    op.add_column("registration", sa.Column("made_by", sa.Text(), nullable=True))
    for table in ("registration", "account_customer"):
        op.add_column(table, sa.Column(_LETTER, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in ("account_customer", "registration"):
        op.drop_column(table, _LETTER)
    op.drop_column("registration", "made_by")
    op.drop_index("ix_support_code_expires_at", table_name="support_code")
    op.drop_index("ix_support_code_code_hash", table_name="support_code")
    op.drop_table("support_code")
