"""How a batch is published: asked for and approved by whom, for which time, missed by how much, with notices or without."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("due_at", Instant()),
    ("late", sa.Integer()),
    ("failure", sa.Text()),
    ("asked_by", sa.Text()),
    ("approved_by", sa.Text()),
    ("approved_report", sa.Text()),
)


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("batch", sa.Column(name, kind, nullable=True))
    op.add_column("batch", sa.Column("notices", sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    op.drop_column("batch", "notices")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("batch", name)
