"""The whole report of a check, however long; publishing at a time."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batch_report",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "report", "part", name="pk_batch_report"),
    )
    op.add_column("batch", sa.Column("report", sa.Text(), nullable=True))
    op.add_column("batch", sa.Column("publish_at", Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("batch") as table:
        table.drop_column("publish_at")
        table.drop_column("report")
    op.drop_table("batch_report")
