"""Recovery: requests, the mails that answer them, and what an account's address is worth."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The database folds the address itself, of the rows that are there too: no writer can forget it, and a web process
    # of the release before goes on. SQLite can add only a column that it computes when asked; the index keeps it.
    kept = op.get_bind().dialect.name == "postgresql"
    op.add_column("account", sa.Column("email_key", sa.Text(), sa.Computed("lower(email)", persisted=kept)))
    op.create_index("ix_account_email_key", "account", ["email_key"], unique=False)
    op.add_column("account", sa.Column("mail_refused_at", Instant(), nullable=True))
    op.create_table(
        "recovery_request",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_request"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "recovery_mail",
        sa.Column("serial", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("enqueued_at", Instant(), nullable=False),
        sa.Column("handed_over_at", Instant(), nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("serial", name="pk_recovery_mail"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_recovery_mail_account_id", "recovery_mail", ["account_id", "purpose", "serial"], unique=False
    )
    op.create_index(
        "ix_recovery_mail_destination", "recovery_mail", ["destination", "enqueued_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_recovery_mail_destination", table_name="recovery_mail")
    op.drop_index("ix_recovery_mail_account_id", table_name="recovery_mail")
    op.drop_table("recovery_mail")
    op.drop_table("recovery_request")
    op.drop_column("account", "mail_refused_at")
    op.drop_index("ix_account_email_key", table_name="account")
    op.drop_column("account", "email_key")
