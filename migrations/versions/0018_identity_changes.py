"""What files change of customers' identities, registrations that wait for it, and those that rested on a batch taken back.

And of files that are kept, whether they were sealed from the first part on.
"""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, Json, key_text

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# The tables whose rows may rest on a batch, and which of their rows do.
_RESTING = {"registration": sa.text("state = 'pending'"), "account_customer": None}
_AWAITS = sa.text("awaits_approval")


def upgrade() -> None:
    op.create_table(
        "identity_change",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("changes", Json(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "batch_id", name="pk_identity_change"),
    )
    op.create_index("ix_identity_change_of_batch", "identity_change", ["batch_id", "customer_key"])
    op.create_table(
        "unsettled_batch",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("taken_back_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name="pk_unsettled_batch"),
    )
    op.add_column("signup_draft", sa.Column("changed_batch_id", sa.Integer()))
    for table, where in _RESTING.items():
        op.add_column(table, sa.Column("changed_batch_id", sa.Integer()))
        op.add_column(table, sa.Column("taken_back_batch_id", sa.Integer()))
        op.create_index(
            f"ix_{table}_resting",
            table,
            ["matched_batch_id", "customer_key"],
            postgresql_where=where,
            sqlite_where=where,
        )
    op.add_column(
        "account_customer",
        sa.Column("awaits_approval", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "ix_account_customer_awaits_approval",
        "account_customer",
        ["customer_key"],
        postgresql_where=_AWAITS,
        sqlite_where=_AWAITS,
    )
    op.add_column("kept_file", sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("kept_file", "sealed")
    op.drop_index("ix_account_customer_awaits_approval", "account_customer")
    op.drop_column("account_customer", "awaits_approval")
    for table in _RESTING:
        op.drop_index(f"ix_{table}_resting", table)
        op.drop_column(table, "taken_back_batch_id")
        op.drop_column(table, "changed_batch_id")
    op.drop_column("signup_draft", "changed_batch_id")
    op.drop_table("unsettled_batch")
    op.drop_table("identity_change")
