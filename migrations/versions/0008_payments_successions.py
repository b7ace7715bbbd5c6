"""Payment states that come later, customer numbers that change, and what was left out of a batch."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Json, key_text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("billing_month", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("paid_amount", sa.BigInteger(), nullable=True),
        sa.Column("retry_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "billing_month", "number", "batch_id", name="pk_payment"),
    )
    op.create_table(
        "succession",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("other_key", key_text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "batch_id", "other_key", name="pk_succession"),
    )
    op.create_table(
        "left_out",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("customer_number", sa.Text(), nullable=False),
        sa.Column("billing_month", sa.Integer(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "seq", name="pk_left_out"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE INDEX ix_payment_list ON payment (customer_key, billing_month, number, batch_id)"
            " INCLUDE (state, paid_on, paid_amount, retry_on)"
        )
        # As of statement: an index-only scan needs a vacuum after a month was loaded.
        op.execute(
            "ALTER TABLE payment SET (autovacuum_vacuum_insert_scale_factor = 0,"
            " autovacuum_vacuum_insert_threshold = 100000)"
        )
    else:
        op.execute(
            "CREATE INDEX ix_payment_list_covering ON payment (customer_key, billing_month, number, batch_id,"
            " state, paid_on, paid_amount, retry_on)"
        )


def downgrade() -> None:
    op.drop_table("left_out")
    op.drop_table("succession")
    op.drop_table("payment")
