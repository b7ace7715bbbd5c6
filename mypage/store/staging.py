"""Staged rows: written under a batch that is not published, so that nobody sees them.

Rows come as lines in the text form of PostgreSQL's ``COPY`` (tabs between, ``\\N`` for nothing, backslashes
doubled): PostgreSQL takes the bytes as they are, SQLite's are split in Python.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, select

from mypage.domain.batch import Kind
from mypage.store.schema import (
    contract_set,
    customer_version,
    identity_change,
    left_out,
    payment,
    search_term,
    statement,
    succession,
)

# What a batch of a kind holds first, and what else goes with it.
TABLES: Final[dict[Kind, tuple[Table, ...]]] = {
    Kind.CUSTOMERS: (customer_version, search_term, identity_change),
    Kind.CONTRACTS: (contract_set, search_term),
    Kind.CHARGES: (statement, left_out),
    Kind.PAYMENTS: (payment, left_out),
    Kind.NUMBER_CHANGES: (succession, identity_change),
}
# How far an unstaging came: a row's number, or a term.
Place = int | str
NOTHING: Final = "\\N"
_ROWS_AT_ONCE: Final = 20_000


def columns(table: Table) -> list[str]:
    """The columns of a staged line, in their order."""
    return [column.name for column in table.columns]


def escaped(text: str) -> str:
    """A text as it stands in a line. It must hold no tab and no line end."""
    return text.replace("\\", "\\\\") if "\\" in text else text


def stage(connection: Connection, table: Table, blocks: Iterable[bytes]) -> None:
    """Write lines; each block ends with a whole line."""
    if connection.dialect.name == "postgresql":
        _copy(connection, table, blocks)
    else:
        _insert(connection, table, blocks)


def unstage(connection: Connection, table: Table, batch_id: int, after: Place | None) -> Place | None:
    """Remove staged rows of a batch: all of them, on SQLite those in a short range of rows behind ``after``.

    The place where to go on, None at the beginning and at the end. There is no index by batch: it would cost every
    row loaded, for what nearly never happens.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(delete(table).where(table.c.batch_id == batch_id))
        return None
    if table is search_term:
        return _unstage_terms(connection, batch_id, str(after or ""))
    after = int(after or 0)
    end: int = connection.exec_driver_sql(f"SELECT coalesce(max(rowid), 0) FROM {table.name}").scalar_one()  # noqa: S608
    until = after + _ROWS_AT_ONCE
    connection.exec_driver_sql(
        f"DELETE FROM {table.name} WHERE rowid > ? AND rowid <= ? AND batch_id = ?",  # noqa: S608 - the name is ours
        (after, until, batch_id),
    )
    return until if until < end else None


def _unstage_terms(connection: Connection, batch_id: int, after: str) -> str | None:
    """The same where rows have no number: by their terms."""
    behind = select(search_term.c.term).where(search_term.c.term > after).order_by(search_term.c.term)
    until: str | None = connection.execute(behind.limit(1).offset(_ROWS_AT_ONCE)).scalar()
    here = [search_term.c.term > after, search_term.c.batch_id == batch_id]
    if until is not None:
        here.append(search_term.c.term <= until)
    connection.execute(delete(search_term).where(*here))
    return until


def _copy(connection: Connection, table: Table, blocks: Iterable[bytes]) -> None:
    driver: Any = connection.connection.driver_connection
    names = ", ".join(columns(table))
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for block in blocks:
            copy.write(block)


def _insert(connection: Connection, table: Table, blocks: Iterable[bytes]) -> None:
    names = columns(table)
    places = ", ".join("?" * len(names))
    driver: Any = connection.connection.driver_connection
    driver.executemany(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({places})",  # noqa: S608 - names are ours
        _values(blocks),
    )


def _values(blocks: Iterable[bytes]) -> Iterator[list[str | None]]:
    for block in blocks:
        for line in block.decode().split("\n")[:-1]:
            fields: list[str | None] = [None if field == NOTHING else field for field in line.split("\t")]
            if "\\\\" in line:
                fields = [field and field.replace("\\\\", "\\") for field in fields]
            yield fields
