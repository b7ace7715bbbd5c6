"""Rows of the audit trail: the end of the chain, a new row, and reading it back."""

from collections.abc import Collection, Iterator
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


def lock(connection: Connection) -> None:
    """Let one writer at a time append, until its commit. SQLite's write lock does that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def last(connection: Connection, chain: str) -> tuple[int, str] | None:
    """Sequence number and hash of the newest row, None before the first."""
    rows = _LAST.rows(connection, (chain,))
    return (rows[0][0], rows[0][1]) if rows else None


def append(connection: Connection, row: dict[str, Any]) -> None:
    """Write a row; its hash was made by the caller."""
    connection.execute(_APPEND, row)


def keep_detail(connection: Connection, *, chain: str, seq: int, salt: str, detail: str) -> None:
    """Keep the personal detail of a row, where it can be purged."""
    connection.execute(_KEEP, {"chain": chain, "seq": seq, "salt": salt, "detail": detail})


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
