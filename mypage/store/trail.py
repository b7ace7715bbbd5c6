"""Rows of the audit trail: the end of the chain, a new row, and reading it back."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, text

from mypage.store.raw import RawQuery
from mypage.store.schema import audit_detail, audit_event

# One number for PostgreSQL's advisory lock; any will do as long as nobody else takes it.
_LOCK = 7_201_901
_PAGE = 1000
# Each deed appends: these are made once.
_LAST = RawQuery("SELECT seq, hash FROM audit_event WHERE chain = ? ORDER BY seq DESC LIMIT 1")
_APPEND, _KEEP = insert(audit_event), insert(audit_detail)
_COLUMNS = audit_event.c.keys()
_COPY = f"COPY audit_event ({', '.join(_COLUMNS)}) FROM STDIN"


def lock(connection: Connection) -> None:
    """Let one writer at a time append, until its commit. SQLite's write lock does that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def last(connection: Connection, chain: str) -> tuple[int, str] | None:
    """Sequence number and hash of the newest row, None before the first."""
    rows = _LAST.rows(connection, (chain,))
    return (rows[0][0], rows[0][1]) if rows else None


def append(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows, whole ones; their hashes were made by the caller."""
    if len(rows) == 1:
        # One row alone needs no preparation for many.
        connection.execute(_APPEND, rows[0])
    elif connection.dialect.name == "postgresql":
        _copy(connection, rows)
    else:
        connection.execute(_APPEND, rows)


def _copy(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Half the time of inserting them."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            copy.write_row([row[name] for name in _COLUMNS])


def keep_details(connection: Connection, details: Sequence[dict[str, Any]]) -> None:
    """Keep the personal details of rows (chain, seq, salt, detail), where they can be purged."""
    connection.execute(_KEEP, details)


def rows(connection: Connection, chain: str) -> Iterator[RowMapping]:
    """All rows of a chain from the first on, read in pages so that memory stays flat."""
    query = select(audit_event).where(audit_event.c.chain == chain).order_by(audit_event.c.seq).limit(_PAGE)
    seq = 0
    while page := connection.execute(query.where(audit_event.c.seq > seq)).mappings().all():
        yield from page
        seq = page[-1]["seq"]


def of_customer(connection: Connection, customer_key: str) -> list[RowMapping]:
    """The rows that concern a customer, oldest first."""
    query = select(audit_event).where(audit_event.c.customer_key == customer_key).order_by(audit_event.c.seq)
    return list(connection.execute(query).mappings())


def of_accounts(connection: Connection, account_ids: Collection[str]) -> list[RowMapping]:
    """The rows that concern one of these accounts and no customer, oldest first."""
    theirs = audit_event.c.account_id.in_(account_ids), audit_event.c.customer_key.is_(None)
    query = select(audit_event).where(*theirs).order_by(audit_event.c.seq)
    return list(connection.execute(query).mappings())
