"""Databases with the customers of a month, loaded once through ``mypage batch publish`` and kept; rounds work on copies."""

import contextlib
import json
import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import text

from bench import batch
from bench.month import Month
from bench.place import fingerprint, place
from bench.postgres import Postgres
from mypage.store import migrate
from mypage.store.engine import Database

WORK: Final = "month_work"


def on_postgresql(server: Postgres, month: Month) -> str:
    """A new copy of the database, in place of the copy before; its URL."""
    name = f"month_{month.statements}"
    note = place() / f"{name}.postgresql.json"
    if not _is_kept(note, month) or not server.has(name):
        note.unlink(missing_ok=True)
        _load(server.fresh(name), month)
        _keep(note, month)
    return server.fresh(WORK, name)


def done_on_postgresql(server: Postgres) -> None:
    """The copy goes, and its pages are written: what comes next finds a quiet server."""
    server.drop(WORK)
    server.settle()


def on_sqlite(month: Month) -> str:
    """The same in a file."""
    kept, copy = place() / f"month-{month.statements}.sqlite", place() / "month-work.sqlite"
    note = place() / f"{kept.name}.json"
    if not _is_kept(note, month) or not kept.exists():
        _remove(kept)
        _load(f"sqlite:///{kept}", month)
        _keep(note, month)
    _remove(copy)
    shutil.copyfile(kept, copy)
    return f"sqlite:///{copy}"


def _load(url: str, month: Month) -> None:
    print(f"loading {month.statements:,} customers once …", flush=True)
    with contextlib.closing(Database(url)) as database:
        migrate.upgrade(database)
    ran = batch.publish(url, month.customers)
    with contextlib.closing(Database(url)) as database:
        if database.is_sqlite:
            with database.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with database.reading() as connection:
                connection.execute(text("VACUUM (ANALYZE)"))
    print(f"loaded in {ran}", flush=True)


def _remove(file: Path) -> None:
    for old in file.parent.glob(f"{file.name}*"):
        old.unlink()


def _is_kept(note: Path, month: Month) -> bool:
    try:
        return bool(json.loads(note.read_text())["made_from"] == _made_from(month))
    except (OSError, ValueError, KeyError):
        return False


def _keep(note: Path, month: Month) -> None:
    note.write_text(json.dumps({"made_from": _made_from(month)}))


def _made_from(month: Month) -> str:
    return fingerprint(month.statements, source="month.py")
