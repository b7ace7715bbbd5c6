"""The foundations: customers, statements, accounts, signup, mail, throttle, trail."""

import sqlalchemy as sa
from alembic import op

from mypage.store.schema.metadata import Instant, Json, key_text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("login_id", sa.Text(), nullable=False),
        sa.Column("login_key", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("password_changed_at", Instant(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_login_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("login_key", name="uq_account_login_key"),
    )
    op.create_table(
        "account_customer",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("matched_batch_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", "account_id", name="pk_account_customer"),
    )
    op.create_index("ix_account_customer_account_id", "account_customer", ["account_id"], unique=False)
    op.create_index(
        "uq_account_customer_owner",
        "account_customer",
        ["customer_key"],
        unique=True,
        postgresql_where=sa.text("role = 'owner'"),
        sqlite_where=sa.text("role = 'owner'"),
    )
    op.create_table(
        "audit_detail",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_audit_detail"),
    )
    op.create_table(
        "audit_event",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("detail_digest", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_account_id", "audit_event", ["account_id"], unique=False)
    op.create_index("ix_audit_event_at", "audit_event", ["at"], unique=False)
    op.create_index("ix_audit_event_batch_id", "audit_event", ["batch_id"], unique=False)
    op.create_index("ix_audit_event_customer_key", "audit_event", ["customer_key"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("options", Json(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("checked_at", Instant(), nullable=True),
        sa.Column("checked_epoch", sa.BigInteger(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("taken_back_at", Instant(), nullable=True),
        sa.Column("pub_seq", sa.BigInteger(), nullable=True),
        sa.Column("newest_month", sa.Integer(), nullable=True),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("warnings", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("checkpoint", Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batch_delivery", "batch", ["delivery"], unique=False)
    op.create_index("ix_batch_sha256", "batch", ["sha256"], unique=False)
    op.create_index("uq_batch_pub_seq", "batch", ["pub_seq"], unique=True)
    op.create_table(
        "batch_error",
        sa.Column("batch_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("warning", sa.Boolean(), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=True),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("customer_number", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", "seq", name="pk_batch_error"),
    )
    op.create_table(
        "contract_set",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("contracts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "batch_id", name="pk_contract_set"),
    )
    op.create_table(
        "customer_version",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("tombstone", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("holder_no", sa.Integer(), nullable=False),
        sa.Column("shown_number", sa.Text(), nullable=False),
        sa.Column("holder_since", sa.Date(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_kana2", sa.Text(), nullable=True),
        sa.Column("name_keys", Json(), nullable=False),
        sa.Column("name_rule", sa.Integer(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("phone2", sa.Text(), nullable=True),
        sa.Column("phone_keys", Json(), nullable=False),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("billing_name", sa.Text(), nullable=True),
        sa.Column("billing_postal_code", sa.Text(), nullable=True),
        sa.Column("billing_address", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("contracted_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("web_registration", sa.Boolean(), nullable=False),
        sa.Column("registration_key", sa.Text(), nullable=True),
        sa.Column("defects", Json(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "batch_id", name="pk_customer_version"),
    )
    op.create_table(
        "login_name",
        sa.Column("login_key", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("login_key", name="pk_login_name"),
    )
    op.create_table(
        "login_session",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("touched_at", Instant(), nullable=False),
        sa.Column("seen_epoch", sa.BigInteger(), server_default="-1", nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", name="pk_login_session"),
    )
    op.create_index("ix_login_session_account_id", "login_session", ["account_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("registration_id", sa.Text(), nullable=True),
        sa.Column("serial", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("enqueued_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("leased_by", sa.Text(), nullable=True),
        sa.Column("handed_over_at", Instant(), nullable=True),
        sa.Column("server", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_account_id", "outbox", ["account_id"], unique=False)
    op.create_index("ix_outbox_customer_key", "outbox", ["customer_key"], unique=False)
    op.create_index("ix_outbox_due", "outbox", ["state", "priority", "next_try_at"], unique=False)
    op.create_index("ix_outbox_registration_id", "outbox", ["registration_id"], unique=False)
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("pub_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_publication"),
    )
    op.create_table(
        "registration",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("registration_id", sa.Text(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("login_id", sa.Text(), nullable=False),
        sa.Column("login_key", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("matched_batch_id", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("enqueued_at", Instant(), nullable=False),
        sa.Column("handed_over_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("customer_key", name="pk_registration"),
    )
    op.create_index("ix_registration_browser_hash", "registration", ["browser_hash"], unique=False)
    op.create_index("ix_registration_registration_id", "registration", ["registration_id"], unique=False)
    op.create_table(
        "signup_draft",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("matched_batch_id", sa.Integer(), nullable=False),
        sa.Column("claim", Json(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("id_checks", sa.Integer(), nullable=False),
        sa.Column("login_id", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("nickname", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name="pk_signup_draft"),
    )
    op.create_index("ix_signup_draft_expires_at", "signup_draft", ["expires_at"], unique=False)
    op.create_table(
        "signup_mail",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "at", "serial", name="pk_signup_mail"),
    )
    op.create_index("ix_signup_mail_destination_at", "signup_mail", ["destination", "at"], unique=False)
    op.create_table(
        "statement",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("billing_month", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("comparable", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("payment_method", sa.Text(), nullable=True),
        sa.Column("payment_state", sa.Text(), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "billing_month", "number", "batch_id", name="pk_statement"),
    )
    op.create_table(
        "statement_view",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("billing_month", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer_key",
            "account_id",
            "session_id",
            "billing_month",
            "number",
            "batch_id",
            name="pk_statement_view",
        ),
    )
    op.create_table(
        "throttle",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("waits_until", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_throttle"),
    )
    op.create_index("ix_throttle_updated_at", "throttle", ["updated_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _finish_postgresql()
    else:
        _finish_sqlite()
    op.execute("INSERT INTO publication (id, epoch, pub_seq) VALUES (1, 0, 0)")


def _finish_postgresql() -> None:
    op.execute(
        "CREATE INDEX ix_statement_list ON statement (customer_key, billing_month, number, batch_id)"
        " INCLUDE (withdrawn, hidden, total, comparable, due_on, payment_method, payment_state)"
    )
    # An index-only scan needs a vacuum after a month was loaded; by default inserts wait for a fifth of the table.
    op.execute(
        "ALTER TABLE statement SET (autovacuum_vacuum_insert_scale_factor = 0,"
        " autovacuum_vacuum_insert_threshold = 100000)"
    )
    op.execute(
        "CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()"
    )


def _finish_sqlite() -> None:
    op.execute(
        "CREATE INDEX ix_statement_list_covering ON statement (customer_key, billing_month, number, batch_id,"
        " withdrawn, hidden, total, comparable, due_on, payment_method, payment_state)"
    )
    for deed in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_event_no_{deed.lower()} BEFORE {deed} ON audit_event"
            " BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )


def downgrade() -> None:
    op.drop_index("ix_throttle_updated_at", table_name="throttle")
    op.drop_table("throttle")
    op.drop_table("statement_view")
    op.drop_table("statement")
    op.drop_index("ix_signup_mail_destination_at", table_name="signup_mail")
    op.drop_table("signup_mail")
    op.drop_index("ix_signup_draft_expires_at", table_name="signup_draft")
    op.drop_table("signup_draft")
    op.drop_index("ix_registration_registration_id", table_name="registration")
    op.drop_index("ix_registration_browser_hash", table_name="registration")
    op.drop_table("registration")
    op.drop_table("publication")
    op.drop_index("ix_outbox_registration_id", table_name="outbox")
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.drop_index("ix_outbox_customer_key", table_name="outbox")
    op.drop_index("ix_outbox_account_id", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_login_session_account_id", table_name="login_session")
    op.drop_table("login_session")
    op.drop_table("login_name")
    op.drop_table("customer_version")
    op.drop_table("contract_set")
    op.drop_table("batch_error")
    op.drop_index("uq_batch_pub_seq", table_name="batch")
    op.drop_index("ix_batch_sha256", table_name="batch")
    op.drop_index("ix_batch_delivery", table_name="batch")
    op.drop_table("batch")
    op.drop_index("ix_audit_event_customer_key", table_name="audit_event")
    op.drop_index("ix_audit_event_batch_id", table_name="audit_event")
    op.drop_index("ix_audit_event_at", table_name="audit_event")
    op.drop_index("ix_audit_event_account_id", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_table("audit_detail")
    op.drop_index(
        "uq_account_customer_owner",
        table_name="account_customer",
        postgresql_where=sa.text("role = 'owner'"),
        sqlite_where=sa.text("role = 'owner'"),
    )
    op.drop_index("ix_account_customer_account_id", table_name="account_customer")
    op.drop_table("account_customer")
    op.drop_table("account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_event_is_append_only()")
