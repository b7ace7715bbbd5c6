"""A database filled with statements, built once and kept: real keys for every row, bodies that repeat.

Loaded in bulk, month by month as an operator's batches come; through the door of the batches, eighty million
lines would take longer than anybody waits for a measurement.
"""

import contextlib
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, insert, update

from bench import bodies
from bench.place import fingerprint, place
from bench.postgres import Postgres
from mypage.adapters import passwords
from mypage.domain.customers import Stored, derived
from mypage.store import migrate
from mypage.store.engine import Database, sqlite_module
from mypage.store.schema import (
    account,
    account_customer,
    batch,
    customer_version,
    login_name,
    publication,
    statement,
)

ACCOUNTS: Final = 64
PASSWORD: Final = "Bench-2026-pass"  # noqa: S105 - opens a database of invented customers
_LOADED: Final = datetime(2026, 10, 20, tzinfo=UTC)
_FIRST_NUMBER: Final = 3_100_000_000
_COLUMNS: Final = (
    "customer_key", "billing_month", "number", "batch_id", "withdrawn", "hidden", "total", "comparable", "due_on",
    "payment_method", "payment_state", "document",
)  # fmt: skip
_CUSTOMER_BATCH: Final = 1
_CHUNK: Final = 20_000


class Stock(NamedTuple):
    """A filled database: its URL, how many statements it holds, and whose accounts can log in."""

    url: str
    statements: int
    login_ids: tuple[str, ...]


def on_sqlite(statements: int) -> Stock:
    """The stock in a file; built if it is not there yet, or made by another version of this."""
    file = place() / f"stock-{statements}.sqlite"
    url = f"sqlite:///{file}"
    note = place() / f"{file.name}.json"
    if not _is_kept(note, statements) or not file.exists():
        for old in file.parent.glob(f"{file.name}*"):
            old.unlink()
        _build(Database(url), statements)
        _keep(note, statements)
    return of(url, statements)


def on_postgresql(server: Postgres, statements: int) -> Stock:
    """The stock in a database of ``server``."""
    name = f"stock_{statements}"
    note = place() / f"{name}.postgresql.json"
    if not _is_kept(note, statements) or not server.has(name):
        note.unlink(missing_ok=True)
        _build(Database(server.fresh(name)), statements)
        _keep(note, statements)
    return of(server.url(name), statements)


def of(url: str, statements: int) -> Stock:
    """What is known of a stock, or of a copy of it."""
    return Stock(url, statements, tuple(_login_id(place_) for place_ in range(ACCOUNTS)))


def _is_kept(note: Path, statements: int) -> bool:
    try:
        return bool(json.loads(note.read_text())["made_from"] == fingerprint(statements))
    except (OSError, ValueError, KeyError):
        return False


def _keep(note: Path, statements: int) -> None:
    note.write_text(json.dumps({"made_from": fingerprint(statements)}))


def _login_id(place_: int) -> str:
    return f"bench-{place_:03d}"


def _key(index: int) -> str:
    return str(_FIRST_NUMBER + index)


def _build(database: Database, statements: int) -> None:
    customers = -(-statements // bodies.MONTHS)
    print(f"building {customers * bodies.MONTHS:,} statements once …", flush=True)
    begin = time.monotonic()
    with contextlib.closing(database):
        migrate.upgrade(database)
        with database.writing() as connection:
            _batches(connection)
            _accounts(connection, customers)
        if database.is_sqlite:
            _fill_sqlite(Path(str(database.url.database)), customers)
        else:
            _fill_postgresql(database, customers)
        with database.writing() as connection:
            _lengthen(connection, customers)
        if not database.is_sqlite:
            _vacuum(database)
    print(f"built in {time.monotonic() - begin:.0f} s", flush=True)


def _batches(connection: Connection) -> None:
    common = {
        "delivery": "bench", "state": "published", "options": {}, "filename": "bench.csv", "size": 0, "actor": "bench",
        "received_at": _LOADED, "checked_at": _LOADED, "published_at": _LOADED, "counts": {},
    }  # fmt: skip
    months = bodies.months()
    rows = [("customers", None), *(("charges", month) for month in months)]
    for number, (kind, month) in enumerate(rows, start=_CUSTOMER_BATCH):
        values = {
            "id": number,
            "kind": kind,
            "sha256": f"bench-{number}",
            "pub_seq": number,
            "newest_month": month,
        }
        connection.execute(insert(batch).values(**common, **values))
    connection.execute(update(publication).values(epoch=len(rows), pub_seq=len(rows)))


def _accounts(connection: Connection, customers: int) -> None:
    """Accounts of customers spread evenly over all keys."""
    password_hash = passwords.hashed(PASSWORD)
    compared: dict[str, Stored] = {
        "name_kana": "ミホン　ハナコ",
        "name_kana2": None,
        "phone": "0748-10-0000",
        "phone2": None,
    }
    for place_ in range(ACCOUNTS):
        key, login_id = _key(_member(place_, customers)), _login_id(place_)
        connection.execute(
            insert(account).values(
                id=login_id, login_id=login_id, login_key=login_id, password_hash=password_hash,
                password_changed_at=_LOADED, stamp="bench", state="active", nickname="ベンチ", language="ja",
                email="bench@example.jp", terms_version="1", created_at=_LOADED,
            )
        )  # fmt: skip
        connection.execute(insert(login_name).values(login_key=login_id, claimed_by=login_id))
        connection.execute(
            insert(account_customer).values(
                customer_key=key,
                account_id=login_id,
                role="owner",
                since=_LOADED,
                matched_batch_id=_CUSTOMER_BATCH,
            )
        )
        connection.execute(
            insert(customer_version).values(
                customer_key=key, batch_id=_CUSTOMER_BATCH, tombstone=False, number=key, holder_no=1,
                shown_number=key, name="見本　花子", status="active", web_registration=True,
                **compared, **derived(compared, fold_v=False),
            )
        )  # fmt: skip


def _member(place_: int, customers: int) -> int:
    return customers * (2 * place_ + 1) // (2 * ACCOUNTS)


def _rows(customers: int, month: int) -> Iterator[tuple[str, tuple[object, ...]]]:
    """For each customer the key and the rest of the row, in the order of keys."""
    batch_id = _CUSTOMER_BATCH + 1 + month
    label = bodies.months()[month]
    usual = itertools.cycle(
        [(label, 1, batch_id, False, False, *history[month]) for history in bodies.histories()]
    )
    for index in range(customers):
        yield _key(index), next(usual)


def _lengthen(connection: Connection, customers: int) -> None:
    """Give those who log in bills of twenty lines, to each other ones."""
    changed = update(statement).where(
        statement.c.customer_key == bindparam("of"), statement.c.billing_month == bindparam("in_month")
    )
    connection.execute(
        changed,
        [
            {
                "of": _key(_member(place_, customers)),
                "in_month": month,
                **body._asdict(),
                "due_on": date.fromisoformat(body.due_on) if body.due_on else None,
            }
            for place_ in range(ACCOUNTS)
            for month, body in zip(bodies.months(), bodies.long_history(place_), strict=True)
        ],
    )


def _fill_sqlite(file: Path, customers: int) -> None:
    connection = sqlite_module().connect(file, isolation_level=None)
    with contextlib.closing(connection):
        # Built anew after a power cut: no need to wait for the disk.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -400000")
        marks = ",".join("?" * len(_COLUMNS))
        insertion = f"INSERT INTO statement ({', '.join(_COLUMNS)}) VALUES ({marks})"  # noqa: S608 - names from above
        for month in range(bodies.MONTHS):
            rows = ((key, *rest) for key, rest in _rows(customers, month))
            while chunk := list(itertools.islice(rows, _CHUNK)):
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(insertion, chunk)
                connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill_postgresql(database: Database, customers: int) -> None:
    connection = database.engine.raw_connection()
    driver = connection.driver_connection
    assert driver is not None
    with contextlib.closing(connection):
        for month in range(bodies.MONTHS):
            texts: dict[tuple[object, ...], str] = {}
            with (
                driver.cursor() as cursor,
                cursor.copy(f"COPY statement ({', '.join(_COLUMNS)}) FROM STDIN") as copy,
            ):
                rows = iter(_rows(customers, month))
                while chunk := list(itertools.islice(rows, 2_000)):
                    copy.write("".join([f"{key}\t{_copied(rest, texts)}\n" for key, rest in chunk]))
            driver.commit()


def _vacuum(database: Database) -> None:
    """What autovacuum does within minutes of a load; the measurement does not wait for it.

    With the indexes: else the few pages that :func:`_lengthen` touched, which are the ones asked for, stay unclean.
    """
    with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql("VACUUM (ANALYZE, INDEX_CLEANUP ON)")


def _copied(rest: tuple[object, ...], texts: dict[tuple[object, ...], str]) -> str:
    found = texts.get(rest)
    if found is None:
        found = texts[rest] = "\t".join(_field(value) for value in rest)
    return found


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
