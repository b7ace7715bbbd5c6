"""Rows of the audit trail: the end of the chain, a new row, and reading it back."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, text

from mypage.domain.trail_check import CheckedRow
from mypage.store.raw import RawQuery
from mypage.store.schema import audit_detail, audit_event

# One number for PostgreSQL's advisory lock; any will do as long as nobody else takes it.
_LOCK = 7_201_901
_PAGE = 1000
# Each deed appends: these are made once.
_LAST = RawQuery("SELECT seq, hash FROM audit_event WHERE chain = ? ORDER BY seq DESC LIMIT 1")
_APPEND, _KEEP = insert(audit_event).execution_options(preserve_rowcount=True), insert(audit_detail)
# As they are read for a check: as many as make little of the journey, few enough to hold.
_CHECKED_AT_ONCE = 2000
_COLUMNS = audit_event.c.keys()
_CHECKED = RawQuery(
    f"""
    SELECT {", ".join(f"e.{name}" for name in _COLUMNS)}, d.salt, d.detail
    FROM audit_event e LEFT JOIN audit_detail d ON d.chain = e.chain AND d.seq = e.seq
    WHERE e.chain = ? AND e.seq > ? ORDER BY e.seq LIMIT {_CHECKED_AT_ONCE}
    """  # noqa: S608 - columns and a number of ours
)
_BEFORE_ALL = -(2**63)
_COPY = f"COPY audit_event ({', '.join(_COLUMNS)}) FROM STDIN"


class NotWrittenError(Exception):
    """The database took rows of the trail and did not write them."""


def lock(connection: Connection) -> None:
    """Let one writer at a time append, until its commit. SQLite's write lock does that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def last(connection: Connection, chain: str) -> tuple[int, str] | None:
    """Sequence number and hash of the newest row, None before the first."""
    rows = _LAST.rows(connection, (chain,))
    return (rows[0][0], rows[0][1]) if rows else None


def append(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows, whole ones; their hashes were made by the caller. Raises :class:`NotWrittenError`."""
    if len(rows) == 1:
        # One row alone needs no preparation for many.
        written = connection.execute(_APPEND, rows[0]).rowcount
    elif connection.dialect.name == "postgresql":
        written = _copy(connection, rows)
    else:
        written = connection.execute(_APPEND, rows).rowcount
    if written != len(rows):
        # Somebody put a trigger or a rule before the table that swallows rows: then nothing is done at all.
        raise NotWrittenError(f"{len(rows) - written} rows of the trail were not written")


def _copy(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Half the time of inserting them."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        with cursor.copy(_COPY) as copy:
            for row in rows:
                copy.write_row([row[name] for name in _COLUMNS])
        return int(cursor.rowcount)


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


def checked_rows(connection: Connection, chain: str, *, after: int = _BEFORE_ALL) -> Iterator[CheckedRow]:
    """All rows of a chain after ``after`` in order of their numbers, with their details: in pages, memory stays flat."""
    while page := _CHECKED.rows(connection, (chain, after)):
        yield from map(CheckedRow._make, page)
        after = page[-1][1]


def hash_of(connection: Connection, chain: str, seq: int) -> str | None:
    """The hash of a row, None where there is no such row."""
    event = audit_event.c
    return connection.scalar(select(event.hash).where(event.chain == chain, event.seq == seq))


def digest_of(connection: Connection, chain: str, seq: int) -> str | None:
    """The digest of the detail that was written with a row, None where none was."""
    event = audit_event.c
    return connection.scalar(select(event.detail_digest).where(event.chain == chain, event.seq == seq))


def other_chains(connection: Connection, chain: str, limit: int) -> list[tuple[str, int]]:
    """Chain and number of rows under another name than ``chain``."""
    event = audit_event.c
    # Two ranges of the key: "unequal" would read the whole table.
    query = select(event.chain, event.seq).where((event.chain < chain) | (event.chain > chain)).limit(limit)
    return [(row.chain, row.seq) for row in connection.execute(query)]
