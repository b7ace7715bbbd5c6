"""Mailings: what a publication tells many people, who was told of which month, and who wants no notices."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, Json, key_text

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mailing",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("batch_ids", Json(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("cursor", key_text(), nullable=False),
        sa.Column("examined", sa.BigInteger(), nullable=False),
        sa.Column("mails", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mailing"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "statement_notice",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("billing_month", sa.Integer(), nullable=False),
        sa.Column("mailing_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "account_id", "billing_month", name="pk_statement_notice"),
    )
    op.drop_index("ix_outbox_registration_id", "outbox")
    of_registration = sa.text("registration_id IS NOT NULL")
    op.create_index(
        "ix_outbox_registration_id",
        "outbox",
        ["registration_id"],
        postgresql_where=of_registration,
        sqlite_where=of_registration,
    )
    op.add_column("account", sa.Column("notices_off_at", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("account", "notices_off_at")
    op.drop_index("ix_outbox_registration_id", "outbox")
    op.create_index("ix_outbox_registration_id", "outbox", ["registration_id"])
    op.drop_table("statement_notice")
    op.drop_table("mailing")
