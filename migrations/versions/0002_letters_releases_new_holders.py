"""Letters with codes, releases, and the holders that a batch makes former ones."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, key_text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "account_customer",
        sa.Column("awaits_letter", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("account_customer", sa.Column("shown_from", Instant(), nullable=True))
    op.add_column("account_customer", sa.Column("objected_at", Instant(), nullable=True))
    op.add_column(
        "login_session", sa.Column("opened_seq", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.create_table(
        "former_holder",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "batch_id", name="pk_former_holder"),
    )
    op.create_index("ix_former_holder_batch_id", "former_holder", ["batch_id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("with_code", sa.Boolean(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("export_id", sa.Integer(), nullable=True),
        sa.Column("posted_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "account_id", "serial", name="pk_letter"),
    )
    op.create_index("ix_letter_export_id", "letter", ["export_id"], unique=False)
    op.create_table(
        "letter_export",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("written_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_letter_export"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "released_customer",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("former_account_id", sa.Text(), nullable=False),
        sa.Column("released_at", Instant(), nullable=False),
        sa.Column("objected_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", name="pk_released_customer"),
    )


def downgrade() -> None:
    for table in ("released_customer", "letter_export", "letter", "former_holder"):
        op.drop_table(table)
    op.drop_column("login_session", "opened_seq")
    for column in ("objected_at", "shown_from", "awaits_letter"):
        op.drop_column("account_customer", column)
