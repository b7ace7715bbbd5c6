"""``notices``: how long a signup's mail takes while a million notices are expanded and sent.

The stock is one month's bill for each customer, each with an account; it is built once and kept. A turn publishes that
month in a copy of it, and signs somebody up several times a second until the worker is done with the mailing.
"""

import contextlib
import itertools
import json
import shutil
import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, func, insert, select, update

from bench.figures import Figure
from bench.mail import worker
from bench.place import fingerprint, place
from bench.postgres import Postgres, postgres
from bench.sink import Sink, sink
from mypage.domain.batch import SecondPerson
from mypage.domain.customers import Stored, derived
from mypage.services import publication as deeds
from mypage.services.publication import Published
from mypage.services.trail import broken_at
from mypage.store import migrate
from mypage.store.engine import Database, sqlite_module
from mypage.store.outbox import HANDED_OVER
from mypage.store.schema import (
    account,
    account_customer,
    batch,
    customer_version,
    mailing,
    publication,
    statement,
)
from mypage.store.schema import outbox as outbox_table
from mypage.store.schema.metadata import instant_text
from tests.mail import enqueue_signup, register

_GOAL: Final = 1.0
_FULL, _QUICK = 1_000_000, 6_000
# Of a full mailing the first of the mails are watched to the end; sending all of them is measured by ``mail``.
_WATCHED: Final = 100_000
_ALONE: Final = 12
_PAUSE: Final = 0.5
_FIRST_NUMBER: Final = 3_100_000_000
_MADE: Final = datetime(2026, 10, 20, tzinfo=UTC)
_CHUNK: Final = 10_000
_DEADLINE: Final = 3_600


class Turn(NamedTuple):
    """Seconds from enqueueing a signup's mail to the server's 250, alone and while the mailing went on; and the rest."""

    alone: list[float]
    meanwhile: list[float]
    flip_ms: float
    expanded_in: float
    sent_in: float
    sent: int


def notices(quick: bool, rounds: int | None) -> Figure:
    """Both databases; the longest wait of any signup's mail, of several turns the best."""
    many = _QUICK if quick else _FULL
    worst: dict[str, list[float]] = {"sqlite": [], "postgresql": []}
    with sink() as server, postgres(durable=True) as cluster:
        for _ in range(rounds or 1):
            for name, copy in (("sqlite", _on_sqlite), ("postgresql", _on_postgresql)):
                turn = _turn(copy(cluster, many), server, many)
                worst[name].append(max(turn.meanwhile))
                print(f"{name}: {_told(turn, many)}", flush=True)
    return min(
        (Figure(min(seconds), _GOAL, least=False) for seconds in worst.values()),
        key=lambda figure: figure.closeness,
    )


def _told(turn: Turn, many: int) -> str:
    def waits(seconds: list[float]) -> str:
        return f"median {statistics.median(seconds):.3f} s, longest {max(seconds):.3f} s of {len(seconds)}"

    return (
        f"signup mails while {many:,} are told: {waits(turn.meanwhile)}; alone: {waits(turn.alone)};"
        f" flip {turn.flip_ms:.1f} ms, expanded in {turn.expanded_in:.1f} s ({many / turn.expanded_in:,.0f}/s),"
        f" {turn.sent:,} sent in {turn.sent_in:.1f} s ({turn.sent / turn.sent_in:,.0f}/s)"
    )


def _turn(url: str, server: Sink, many: int) -> Turn:
    environment = {
        "MYPAGE_DATABASE_URL": url,
        "MYPAGE_SECRET_KEYS": "a-key-of-the-benchmarks-that-opens-nothing-else",
        "MYPAGE_PUBLIC_URL": "https://my.example.jp",
        "MYPAGE_SMTP_URL": server.url,
        "MYPAGE_MAIL_FROM": "mypage@example.jp",
    }
    server.taken()
    with contextlib.closing(Database(url)) as database, worker(environment):
        alone = _SigningUp(database, "alone")
        with alone:
            _wait_until(lambda: alone.count >= _ALONE)
        meanwhile = _SigningUp(database, "meanwhile")
        with meanwhile:
            begin = time.monotonic()
            flip_ms = _publish(database)
            _wait_until(lambda: not _expanding(database))
            expanded_in = time.monotonic() - begin
            watched = min(many, _WATCHED)
            _wait_until(lambda: _sent(database) >= watched)
            sent_in, sent = time.monotonic() - begin, _sent(database)
        _wait_until(lambda: not (alone.waiting() or meanwhile.waiting()))
        turn = Turn(alone.seconds(), meanwhile.seconds(), flip_ms, expanded_in, sent_in, sent)
    _check(url, server, many)
    return turn


class _SigningUp:
    """Somebody signs up all the time, in a thread, within the block."""

    def __init__(self, database: Database, name: str) -> None:
        self._database, self._name, self._ended = database, name, threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.count = 0

    def __enter__(self) -> "_SigningUp":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_PAUSE):
            key = f"{self._name}-{self.count}"
            register(self._database, datetime.now(UTC), customer=key)
            enqueue_signup(self._database, datetime.now(UTC), customer=key, recipient=f"{key}@example.jp")
            self.count += 1

    def waiting(self) -> int:
        """How many of the mails have not gone out."""
        return sum(each is None for each in self._ends())

    def seconds(self) -> list[float]:
        """From each mail's writing to the server's 250."""
        columns = (outbox_table.c.enqueued_at, outbox_table.c.handed_over_at)
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(self._mine())).all()
        assert len(rows) == self.count
        return [(row[1] - row[0]).total_seconds() for row in rows]

    def _ends(self) -> list[datetime | None]:
        with self._database.reading() as connection:
            return list(connection.scalars(select(outbox_table.c.handed_over_at).where(self._mine())))

    def _mine(self) -> Any:
        return outbox_table.c.customer_key.like(f"{self._name}-%")


def _publish(database: Database) -> float:
    """The flip, with the row of its mailing: milliseconds."""
    with database.reading() as connection:
        (batch_id,) = connection.scalars(select(batch.c.id).where(batch.c.kind == "charges"))
    begin = time.monotonic()
    with database.writing() as connection:
        done = deeds.publish(
            connection,
            [batch_id],
            second_person=SecondPerson.NUMBER_CHANGES,
            actor="bench",
            now=datetime.now(UTC),
        )
    assert isinstance(done, Published), done
    return (time.monotonic() - begin) * 1000


def _expanding(database: Database) -> bool:
    with database.reading() as connection:
        return list(connection.scalars(select(mailing.c.state))) != ["expanded"]


def _sent(database: Database) -> int:
    sent = select(func.count()).where(outbox_table.c.state == HANDED_OVER, outbox_table.c.priority == 90)
    with database.reading() as connection:
        return int(connection.scalar(sent) or 0)


def _wait_until(done: Any) -> None:
    deadline = time.monotonic() + _DEADLINE
    while not done():
        assert time.monotonic() < deadline, "the worker did not come to an end"
        time.sleep(0.25)


def _check(url: str, server: Sink, many: int) -> None:
    """Each account has one mail; nobody got two; the trail is whole."""
    with contextlib.closing(Database(url)) as database, database.reading() as connection:
        notice = outbox_table.c.kind == "statement_ready"
        counted = select(func.count(), func.count(outbox_table.c.account_id.distinct())).where(notice)
        assert tuple(connection.execute(counted).one()) == (many, many), "not one mail an account"
        assert connection.scalar(select(mailing.c.mails)) == many
        assert broken_at(connection) is None, "the trail is broken"
    recipients = server.taken().recipients
    assert len(set(recipients)) == len(recipients), "somebody got two mails"


def _on_sqlite(_cluster: Postgres, many: int) -> str:
    kept, copy = place() / f"notices-{many}.sqlite", place() / "notices.sqlite"
    note = place() / f"{kept.name}.json"
    if not _is_kept(note, many) or not kept.exists():
        for old in place().glob(f"{kept.name}*"):
            old.unlink()
        with contextlib.closing(Database(f"sqlite:///{kept}")) as database:
            _build(database, many)
        _keep(note, many)
    for old in place().glob(f"{copy.name}*"):
        old.unlink()
    shutil.copy(kept, copy)
    return f"sqlite:///{copy}"


def _on_postgresql(cluster: Postgres, many: int) -> str:
    name = f"notices_{many}"
    note = place() / f"{name}.postgresql.json"
    if not _is_kept(note, many) or not cluster.has(name):
        note.unlink(missing_ok=True)
        with contextlib.closing(Database(cluster.fresh(name))) as database:
            _build(database, many)
        _keep(note, many)
    url = cluster.fresh("notices", name)
    cluster.settle()
    return url


def _is_kept(note: Path, many: int) -> bool:
    try:
        return bool(json.loads(note.read_text())["made_from"] == fingerprint(many, source="notices.py"))
    except (OSError, ValueError, KeyError):
        return False


def _keep(note: Path, many: int) -> None:
    note.write_text(json.dumps({"made_from": fingerprint(many, source="notices.py")}))


def _build(database: Database, many: int) -> None:
    print(f"building {many:,} customers with accounts once …", flush=True)
    migrate.upgrade(database)
    today = datetime.now(UTC)
    with database.writing() as connection:
        _batches(connection, today.year * 100 + today.month)
    for table, rows in (
        (customer_version, _customers(many)),
        (account, _accounts(many)),
        (account_customer, _owners(many)),
        (statement, _statements(many, today.year * 100 + today.month)),
    ):
        _fill(database, table, rows)
    if not database.is_sqlite:
        with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _batches(connection: Connection, month: int) -> None:
    common: dict[str, Any] = {
        "options": {}, "filename": "bench.csv", "size": 0, "actor": "bench", "received_at": _MADE, "checked_at": _MADE,
        "checked_epoch": 1, "counts": {},
    }  # fmt: skip
    for number, values in enumerate(
        (
            {"kind": "customers", "state": "published", "pub_seq": 1, "published_at": _MADE},
            {"kind": "charges", "state": "checked", "newest_month": month},
        ),
        start=1,
    ):
        named = {"id": number, "delivery": f"bench-{number}", "sha256": f"bench-{number}"}
        connection.execute(insert(batch).values(**common, **named, **values))
    connection.execute(update(publication).values(epoch=1, pub_seq=1))


def _key(index: int) -> str:
    return str(_FIRST_NUMBER + index)


def _account_id(index: int) -> str:
    # In no order, as they come in life.
    return uuid.uuid5(uuid.NAMESPACE_OID, str(index)).hex


def _customers(many: int) -> Iterator[dict[str, Any]]:
    compared: dict[str, Stored] = {
        "name_kana": "ミホン　ハナコ",
        "name_kana2": None,
        "phone": "0748-10-0000",
        "phone2": None,
    }
    common = {
        "batch_id": 1, "tombstone": False, "holder_no": 1, "name": "見本　花子", "status": "active",
        "web_registration": True, "defects": [], **compared, **derived(compared, fold_v=False),
    }  # fmt: skip
    for index in range(many):
        yield {"customer_key": _key(index), "number": _key(index), "shown_number": _key(index), **common}


def _accounts(many: int) -> Iterator[dict[str, Any]]:
    common = {
        "password_hash": "-", "password_changed_at": _MADE, "stamp": "bench", "state": "active", "nickname": "ベンチ",
        "language": "ja", "terms_version": "1", "created_at": _MADE,
    }  # fmt: skip
    for index in range(many):
        login_id = f"bench-{index}"
        yield {
            "id": _account_id(index),
            "login_id": login_id,
            "login_key": login_id,
            "email": f"{login_id}@example.jp",
            **common,
        }


def _owners(many: int) -> Iterator[dict[str, Any]]:
    for index in range(many):
        yield {"customer_key": _key(index), "account_id": _account_id(index), "role": "owner", "since": _MADE}


def _statements(many: int, month: int) -> Iterator[dict[str, Any]]:
    common = {
        "billing_month": month, "number": 1, "batch_id": 2, "withdrawn": False, "hidden": False, "total": 5_500,
        "comparable": 5_500, "document": "{}",
    }  # fmt: skip
    for index in range(many):
        yield {"customer_key": _key(index), **common}


def _fill(database: Database, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    first = next(rows)
    columns, rows = list(first), itertools.chain([first], rows)
    names = f"{table.name} ({', '.join(columns)})"
    if database.is_sqlite:
        with contextlib.closing(sqlite_module().connect(database.url.database)) as connection:
            # Built anew after a power cut: no need to wait for the disk.
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -400000")
            marks = ", ".join("?" * len(columns))
            while chunk := list(itertools.islice(rows, _CHUNK)):
                insertion = f"INSERT INTO {names} VALUES ({marks})"  # noqa: S608 - names of ours
                connection.executemany(insertion, [[*map(_kept, row.values())] for row in chunk])
                connection.commit()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with contextlib.closing(database.engine.raw_connection()) as raw:
        driver: Any = raw.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {names} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([*map(_kept, row.values())])
        driver.commit()


def _kept(value: object) -> object:
    """As both databases take it in bulk."""
    if isinstance(value, datetime):
        return instant_text(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
