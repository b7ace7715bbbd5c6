"""Databases with the customers of a month, loaded once through ``mypage batch publish`` and kept; rounds work on copies.

``beneath``: so many statements of the stock lie there already, with accounts that can log in.
"""

import contextlib
import json
import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import text

from bench import batch, stock
from bench.month import Month
from bench.place import fingerprint, place
from bench.postgres import Postgres
from mypage.store import migrate
from mypage.store.engine import Database

WORK: Final = "month_work"


def on_postgresql(server: Postgres, month: Month, beneath: int = 0) -> str:
    """A new copy of the database, in place of the copy before; its URL."""
    name = f"month_{month.statements}" + (f"_over_{beneath}" if beneath else "")
    note = place() / f"{name}.postgresql.json"
    made_from = fingerprint(month.statements, beneath, source="month.py")
    if not _is_kept(note, made_from) or not server.has(name):
        note.unlink(missing_ok=True)
        template = "template0"
        if beneath:
            stock.on_postgresql(server, beneath)
            template = f"stock_{beneath}"
        _load(server.fresh(name, template), month)
        _keep(note, made_from)
    return server.fresh(WORK, name)


def done_on_postgresql(server: Postgres) -> None:
    """The copy goes, and its pages are written: what comes next finds a quiet server."""
    server.drop(WORK)
    server.settle()


def on_sqlite(month: Month, beneath: int = 0) -> str:
    """The same in a file."""
    name = f"month-{month.statements}" + (f"-over-{beneath}" if beneath else "")
    kept, copy = place() / f"{name}.sqlite", place() / "month-work.sqlite"
    note = place() / f"{kept.name}.json"
    made_from = fingerprint(month.statements, beneath, source="month.py")
    if not _is_kept(note, made_from) or not kept.exists():
        _remove(kept)
        if beneath:
            stock.on_sqlite(beneath)
            shutil.copyfile(place() / f"stock-{beneath}.sqlite", kept)
        _load(f"sqlite:///{kept}", month)
        _keep(note, made_from)
    _remove(copy)
    shutil.copyfile(kept, copy)
    return f"sqlite:///{copy}"


def _load(url: str, month: Month) -> None:
    print(f"loading {month.statements:,} customers once …", flush=True)
    with contextlib.closing(Database(url)) as database:
        migrate.upgrade(database)
        if not database.is_sqlite:
            _count_on(database)
    ran = batch.publish(url, month.customers)
    with contextlib.closing(Database(url)) as database:
        if database.is_sqlite:
            with database.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with database.reading() as connection:
                connection.execute(text("VACUUM (ANALYZE)"))
    print(f"loaded in {ran}", flush=True)


def _count_on(database: Database) -> None:
    """The stock names its batches itself; the next one comes after them."""
    with database.writing() as connection:
        connection.execute(
            text(
                "SELECT setval(pg_get_serial_sequence('batch', 'id'), (SELECT coalesce(max(id), 0) FROM batch) + 1, false)"
            )
        )


def _remove(file: Path) -> None:
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()


def _is_kept(note: Path, made_from: str) -> bool:
    try:
        return bool(json.loads(note.read_text())["made_from"] == made_from)
    except (OSError, ValueError, KeyError):
        return False


def _keep(note: Path, made_from: str) -> None:
    note.write_text(json.dumps({"made_from": made_from}))
