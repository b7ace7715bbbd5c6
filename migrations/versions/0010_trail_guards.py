"""Guards and indexes of the trail: only the next row can be added, details are purged only by the rules.

Additive, and without batch mode, which would make the table anew and drop its triggers without a word.
"""

from alembic import op

from mypage.store import trail_guards

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = {
    # The trail is read backwards by seq, of one actor, of one action; a time is turned into a range of seq.
    "ix_audit_event_actor_seq": ["actor", "seq"],
    "ix_audit_event_action_seq": ["action", "seq"],
    "ix_audit_event_at_seq": ["at", "seq"],
}


def upgrade() -> None:
    for name, columns in _INDEXES.items():
        op.create_index(name, "audit_event", columns, unique=False)
    op.drop_index("ix_audit_event_at", table_name="audit_event")
    for statement in trail_guards.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in trail_guards.removals(op.get_bind().dialect.name):
        op.execute(statement)
    op.create_index("ix_audit_event_at", "audit_event", ["at"], unique=False)
    for name in _INDEXES:
        op.drop_index(name, table_name="audit_event")
