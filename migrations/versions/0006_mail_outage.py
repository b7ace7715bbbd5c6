"""The mail server's outage, told to whoever waits for a mail; room for a mail's changes beside its row."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_outage",
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("tried_at", Instant(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("server", name="pk_mail_outage"),
    )
    if op.get_bind().dialect.name == "postgresql":
        # A mail is written, taken and settled: with room for it, taking touches no index.
        op.execute("ALTER TABLE outbox SET (fillfactor = 50)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE outbox RESET (fillfactor)")
    op.drop_table("mail_outage")
