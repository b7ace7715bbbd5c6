"""``publish``, ``publish-vs-copy-rows``: what receiving, checking and publishing a month costs beside bare ``COPY``."""

import contextlib
import json
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg

from bench import batch, loaded, master
from bench.figures import Figure
from bench.month import FULL, LINES_A_BILL, QUICK, Month, month
from bench.postgres import Postgres, postgres
from mypage.store import staging
from mypage.store.schema import statement

# "performance": 3 in pure Python, 2 with a columnar reader, 1.5 with two processes. It goes with what the engine uses.
PUBLISH_GOAL: Final = 3.0
_ROUNDS: Final = 3
_BLOCK: Final = 1 << 20
_COPY: Final = "month_copy"
_COLUMNS: Final = ", ".join(staging.columns(statement))
# All that a statement says; the id of its batch is another one each time.
_DIGEST: Final = (
    "SELECT count(*), coalesce(sum(hashtextextended(concat_ws('|', customer_key, billing_month, number, withdrawn,"
    " hidden, total, comparable, due_on, payment_method, payment_state, document), 0)), 0)::text FROM statement"
)
BILL_LINE: Final = """
CREATE TABLE bill_line (
    customer_number text COLLATE "C" NOT NULL, holder_no integer, billing_month integer NOT NULL,
    statement_number bigint NOT NULL, action text, line_number integer NOT NULL, service text,
    description text NOT NULL, usage_month integer, quantity numeric, unit_price numeric, amount numeric NOT NULL,
    tax_class text NOT NULL, line_kind text, amount_basis text, total bigint NOT NULL, payment_method text,
    due_on date, payment_state text, tax_10 bigint, tax_8 bigint,
    PRIMARY KEY (customer_number, billing_month, statement_number, line_number)
)"""


def publish(quick: bool, rounds: int | None) -> Figure:
    """Ours ÷ ``COPY`` of the rows that came of it into the same table with the same indexes."""
    with postgres(durable=True) as server:
        of = month(QUICK if quick else FULL)
        value = _ratio(server, of, rounds, lambda: _copy_statements(server, of), "COPY of the statements")
    return Figure(value, PUBLISH_GOAL, least=False)


def publish_vs_copy_rows(quick: bool, rounds: int | None) -> Figure:
    """Ours ÷ ``COPY`` of the file into a table of lines with its key."""
    with postgres(durable=True) as server:
        of = month(QUICK if quick else FULL)
        value = _ratio(server, of, rounds, lambda: _copy_rows(server, of), "COPY of the rows")
    return Figure(value, 0.8, least=False)


def ours(server: Postgres, of: Month) -> batch.Ran:
    """One run of ``mypage batch publish`` on a new copy of the master, checked."""
    url = master.on_postgresql(server, of)
    warm(of.charges)
    server.settle()
    ran = batch.publish(url, of.charges)
    loaded.check(url, of, ran)
    _keep_rows(server, of)
    master.done_on_postgresql(server)
    return ran


def warm(file: Path) -> None:
    """Read a file once, so that both sides find it in memory."""
    with file.open("rb") as opened:
        while opened.read(_BLOCK):
            pass


def _ratio(server: Postgres, of: Month, rounds: int | None, other: Callable[[], float], name: str) -> float:
    ratios = []
    for number in range(rounds or _ROUNDS):
        ran = ours(server, of)
        beside = other()
        ratios.append(ran.seconds / beside)
        print(f"round {number + 1}: {ran} ÷ {beside:.2f} s {name} = {ratios[-1]:.3f}", flush=True)
    return statistics.median(ratios)


def _kept_rows(of: Month) -> tuple[Path, Path]:
    folder = of.charges.parent
    return folder / "statement.copy", folder / "statement.json"


def _keep_rows(server: Postgres, of: Month) -> None:
    """Keep the rows that came of the load for ``COPY``, unless these very rows lie there already."""
    rows, note = _kept_rows(of)
    with server.connected(master.WORK) as connection:
        digest = _digest(connection)
        if rows.exists() and note.exists() and json.loads(note.read_text()) == digest:
            return
        out = f"COPY statement ({_COLUMNS}) TO STDOUT".encode()
        with rows.open("wb") as file, connection.cursor() as cursor, cursor.copy(out) as copy:
            for block in copy:
                file.write(block)
        note.write_text(json.dumps(digest))


def _digest(connection: psycopg.Connection[Any]) -> list[object]:
    (row,) = connection.execute(_DIGEST.encode()).fetchall()
    return list(row)


def _copy_statements(server: Postgres, of: Month) -> float:
    """Seconds of a ``COPY`` of the kept rows, committed."""
    rows, note = _kept_rows(of)
    master.on_postgresql(server, of)
    seconds = _copied(server, master.WORK, f"COPY statement ({_COLUMNS}) FROM STDIN", rows)
    with server.connected(master.WORK) as connection:
        assert _digest(connection) == json.loads(note.read_text()), "COPY did not bring the same rows"
    master.done_on_postgresql(server)
    return seconds


def _copy_rows(server: Postgres, of: Month) -> float:
    """Seconds of a ``COPY`` of the file as it is, committed."""
    with empty_lines(server, of.lines):
        return _copied(server, _COPY, "COPY bill_line FROM STDIN (FORMAT csv, HEADER true)", of.charges)


@contextlib.contextmanager
def empty_lines(server: Postgres, lines: int) -> Iterator[str]:
    """A database with an empty table of lines; at the end so many must be in it, each bill with its eight."""
    server.fresh(_COPY)
    with server.connected(_COPY) as connection:
        connection.execute(BILL_LINE.encode())
    yield _COPY
    with server.connected(_COPY) as connection:
        (found,) = connection.execute(
            b"SELECT count(*), count(*) FILTER (WHERE line_number = 8), count(amount), count(due_on) FROM bill_line"
        ).fetchall()
    expected = (lines, lines // LINES_A_BILL, lines, lines)
    assert found == expected, f"there are {found} lines, bills, amounts and due dates"
    server.drop(_COPY)
    server.settle()


def _copied(server: Postgres, database: str, command: str, file: Path) -> float:
    warm(file)
    server.settle()
    begin = time.monotonic()
    with server.connected(database) as connection, connection.cursor() as cursor:
        with file.open("rb") as opened, cursor.copy(command.encode()) as copy:
            while block := opened.read(_BLOCK):
                copy.write(block)
        connection.commit()
        return time.monotonic() - begin
