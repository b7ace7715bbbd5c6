"""Staff's search: its index of terms, what it found, who looked at how much; and what the shift's page reads.

The terms of the customers and contracts that are there are filled in, published or not: a few thousand rows at a time,
then sorted once, because an index that is filled in the order of its keys is made many times faster.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from mypage.domain import search_terms
from mypage.store.schema.metadata import Instant, Json, key_text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_AT_ONCE: Final = 2_000
_NAMES: Final = "name, name_kana, name_kana2, phone_keys, address, billing_name, billing_address"


def upgrade() -> None:
    op.create_table(
        "search_term",
        sa.Column("term", key_text(), nullable=False),
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("term", "customer_key", "batch_id", name="pk_search_term"),
        sqlite_with_rowid=False,
    )
    _fill(op.get_bind())
    op.create_table(
        "staff_search",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("answers", Json(), nullable=False),
        sa.Column("too_wide", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_search"),
    )
    op.create_index("ix_staff_search_at", "staff_search", ["at"])
    op.create_table(
        "staff_look_count",
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "day", "kind", name="pk_staff_look_count"),
    )
    op.create_index("ix_staff_look_count_day", "staff_look_count", ["day"])
    op.create_table(
        "staff_look",
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("customer_key", "staff_id", "day", name="pk_staff_look"),
    )
    op.create_index("ix_staff_look_day", "staff_look", ["day"])
    op.create_table(
        "fault",
        sa.Column("request_number", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request_number", name="pk_fault"),
    )
    op.create_index("ix_fault_at", "fault", ["at"])
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    # As of account.email_key: folded by the database itself, of the rows that are there too.
    op.add_column(
        "registration",
        sa.Column("email_key", sa.Text(), sa.Computed("lower(email)", persisted=on_postgresql)),
    )
    op.create_index("ix_registration_email_key", "registration", ["email_key"])
    op.create_index("ix_registration_login_key", "registration", ["login_key"])
    op.create_index("ix_registration_created_at", "registration", ["created_at"])
    waits = sa.text("waits_until IS NOT NULL")
    op.create_index(
        "ix_throttle_waits_until", "throttle", ["waits_until"], sqlite_where=waits, postgresql_where=waits
    )
    if on_postgresql:
        # As of statement: an index-only scan needs a vacuum after a file was loaded.
        op.execute(
            "ALTER TABLE search_term SET (autovacuum_vacuum_insert_scale_factor = 0,"
            " autovacuum_vacuum_insert_threshold = 500000)"
        )


def downgrade() -> None:
    op.drop_index("ix_throttle_waits_until", table_name="throttle")
    op.drop_index("ix_registration_created_at", table_name="registration")
    op.drop_index("ix_registration_login_key", table_name="registration")
    op.drop_index("ix_registration_email_key", table_name="registration")
    op.drop_column("registration", "email_key")
    for table in ("fault", "staff_look", "staff_look_count", "staff_search", "search_term"):
        op.drop_table(table)


def _fill(connection: sa.Connection) -> None:
    op.create_table(
        "search_term_unsorted",
        sa.Column("term", key_text(), nullable=False),
        sa.Column("customer_key", key_text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
    )
    for versions in _chunks(connection, "customer_version", _NAMES):
        _keep(
            connection,
            (
                (
                    row.customer_key,
                    row.batch_id,
                    search_terms.of_customer({**row._mapping, "phone_keys": json.loads(row.phone_keys)}),
                )
                for row in versions
            ),
        )
    for versions in _chunks(connection, "contract_set", "contracts"):
        _keep(
            connection,
            (
                (row.customer_key, row.batch_id, search_terms.of_contracts(json.loads(row.contracts)))
                for row in versions
            ),
        )
    connection.exec_driver_sql(
        "INSERT INTO search_term (term, customer_key, batch_id)"
        " SELECT term, customer_key, batch_id FROM search_term_unsorted ORDER BY term, customer_key, batch_id"
    )
    op.drop_table("search_term_unsorted")


def _chunks(connection: sa.Connection, table: str, columns: str) -> Iterator[Sequence[sa.Row[Any]]]:
    """All rows in the order of their key, in flat memory. The names are ours."""
    further = sa.text(
        f"SELECT customer_key, batch_id, {columns} FROM {table}"  # noqa: S608
        " WHERE (customer_key, batch_id) > (:key, :batch_id) ORDER BY customer_key, batch_id LIMIT :limit"
    )
    key, batch_id = "", -1
    while rows := connection.execute(further, {"key": key, "batch_id": batch_id, "limit": _AT_ONCE}).all():
        yield rows
        key, batch_id = rows[-1].customer_key, rows[-1].batch_id


def _keep(connection: sa.Connection, versions: Iterable[tuple[str, int, Iterable[str]]]) -> None:
    rows = [
        {"term": term, "key": key, "batch_id": batch_id}
        for key, batch_id, terms in versions
        for term in search_terms.cut(terms)
    ]
    if rows:
        connection.execute(sa.text("INSERT INTO search_term_unsorted VALUES (:term, :key, :batch_id)"), rows)
