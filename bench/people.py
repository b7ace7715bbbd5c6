"""Databases with millions of customers for staff's search, built once and kept: published, changed and taken back.

Seven of ten have a common name of the sample operator, the others one of syllables that few share: so a term finds
from nobody to a tenth of all. At 200,000 names and addresses begin anew, with other numbers and telephones. One in a
hundred has a newer version, and another one in a batch that was taken back. One in five has a login.
"""

import contextlib
import itertools
import json
import shutil
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from sqlalchemy import insert, update

from bench.place import fingerprint, place
from bench.postgres import Postgres
from mypage.domain import kana, search_terms
from mypage.domain.staff import Role, StaffState
from mypage.store import migrate, staging
from mypage.store.engine import Database, sqlite_module
from mypage.store.schema import (
    account,
    account_customer,
    batch,
    customer_version,
    publication,
    search_term,
    staff,
)
from mypage.works.load.spool import Spool
from mypage.works.sample import names

STAFF_ID: Final = "bench-agent"
_LOADED: Final = datetime(2026, 10, 20, tzinfo=UTC)
_FIRST_NUMBER: Final = 3_100_000_000
_SYLLABLES: Final = [
    "ア",
    "イ",
    "ウ",
    "エ",
    "オ",
    "カ",
    "キ",
    "ク",
    "ケ",
    "コ",
    "サ",
    "シ",
    "ス",
    "セ",
    "ソ",
    "タ",
    "チ",
    "ツ",
    "テ",
    "ト",
    "ナ",
    "ニ",
    "ヌ",
    "ネ",
    "ノ",
    "ハ",
    "ヒ",
    "フ",
    "ヘ",
    "ホ",
    "マ",
    "ミ",
    "ム",
    "メ",
    "モ",
    "ヤ",
    "ユ",
    "ヨ",
    "ラ",
    "リ",
    "ル",
    "レ",
    "ロ",
    "ワ",
    "ガ",
    "ギ",
    "グ",
    "ゲ",
    "ゴ",
    "ザ",
    "ジ",
    "ズ",
    "ダ",
    "デ",
    "ド",
    "バ",
    "ビ",
    "ブ",
    "ボ",
]
_ANEW: Final = 200_000
_BLOCK: Final = 20_000
_EMAIL_DOMAINS: Final = ("example.jp", "example.com", "example.net")


class Person(NamedTuple):
    """A customer of the stock, as far as one searches for them."""

    key: str
    name: str
    kana: str
    phone: str
    address: str


class People(NamedTuple):
    """A filled database: its URL and how many customers it holds."""

    url: str
    count: int


def on_sqlite(count: int) -> People:
    """The stock in a file; built if it is not there yet, or made by another version of this."""
    file = place() / f"people-{count}.sqlite"
    note = place() / f"{file.name}.json"
    if not _is_kept(note, count) or not file.exists():
        for old in file.parent.glob(f"{file.name}*"):
            old.unlink()
        _build(Database(f"sqlite:///{file}"), count)
        _keep(note, count)
    return People(f"sqlite:///{file}", count)


def on_postgresql(server: Postgres, count: int) -> People:
    """The stock in a database of ``server``."""
    name = f"people_{count}"
    note = place() / f"{name}.postgresql.json"
    if not _is_kept(note, count) or not server.has(name):
        note.unlink(missing_ok=True)
        _build(Database(server.fresh(name)), count)
        _keep(note, count)
    return People(server.url(name), count)


def person(index: int, version: int = 1) -> Person:
    """The customer at a place; another ``version`` has another name and telephone."""
    chance = Random(index % _ANEW * 4 + version)  # noqa: S311 - for a measurement
    if chance.random() < 0.7:
        someone = names.person(chance)
        written, read = someone.written, someone.kana
    else:
        family, given = (_word(chance, least) for least in (2, 2))
        written, read = f"{family}　{given}", f"{family}　{given}"
    return Person(_key(index), written, read, _phone(index, version), names.address(chance).line)


def _key(index: int) -> str:
    return str(_FIRST_NUMBER + 7 * index)


def _phone(index: int, version: int) -> str:
    """Ten digits, each customer's own."""
    return f"0{(index * 3 + version) * 7_919_353 % 900_000_000 + 100_000_000}"


def email(index: int) -> str:
    """The address of the login of every fifth customer."""
    return f"user.{index}@{_EMAIL_DOMAINS[index % 3]}"


def _word(chance: Random, least: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(chance.randint(least, 4)))


def _build(database: Database, count: int) -> None:
    customers, terms = _lines(count)
    print(f"loading {count:,} customers once …", flush=True)
    begin = time.monotonic()
    with contextlib.closing(database):
        migrate.upgrade(database)
        with database.writing() as connection:
            for values in _batches():
                connection.execute(insert(batch).values(**values))
            connection.execute(update(publication).values(epoch=3, pub_seq=2))
            connection.execute(insert(staff).values(**_agent()))
        _fill(database, customer_version, _of(customers))
        _fill(database, search_term, _of(terms))
        _fill(database, account, _accounts(count))
        _fill(database, account_customer, _links(count))
        if database.is_sqlite:
            with database.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            with database.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("VACUUM (ANALYZE)")
    print(f"loaded in {time.monotonic() - begin:.0f} s", flush=True)


def _lines(count: int) -> tuple[Path, Path]:
    """Both tables as files of lines, written once for both databases."""
    folder = place() / f"people-{count}"
    customers, terms, note = folder / "customers", folder / "terms", folder / "people.json"
    if not _is_kept(note, count):
        print(f"making {count:,} customers once …", flush=True)
        begin = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        spool = Spool(folder / "spool", piece=64 << 20)
        with customers.open("wb", 1 << 20) as file:
            file.writelines(_versions(count, spool))
        with terms.open("wb", 1 << 20) as file:
            file.writelines(spool.in_order())
        spool.remove()
        _keep(note, count)
        print(f"made in {time.monotonic() - begin:.0f} s", flush=True)
    return customers, terms


def _of(file: Path) -> Iterator[bytes]:
    with file.open("rb", 1 << 20) as opened:
        yield from opened


class _Form(NamedTuple):
    """What those with the same name and address have in common: the rest of the line before and behind the telephone."""

    terms: tuple[str, ...]
    named: str
    living: str


def _versions(count: int, terms: Spool) -> Iterator[bytes]:
    """The lines of the customer master in the order of its keys; their terms go into the spool."""
    forms: list[tuple[_Form, ...]] = []
    for index in range(count):
        place_ = index % _ANEW
        versions = (1, 2, 3) if place_ % 100 == 17 else (1,)
        if place_ == len(forms):
            forms.append(tuple(_form(person(index, version)) for version in versions))
        # The second one was taken back: nobody is found by it.
        for batch_id, form in zip(versions, forms[place_], strict=True):
            yield _line(_key(index), _phone(index, batch_id), batch_id, form, terms)


def _form(someone: Person) -> _Form:
    row: dict[str, Any] = {
        "name": someone.name, "name_kana": someone.kana, "name_kana2": None, "address": someone.address,
        "billing_name": None, "billing_address": None, "phone_keys": (),
    }  # fmt: skip
    keys = json.dumps(sorted(kana.name_keys(someone.kana)), ensure_ascii=False)
    named = _joined((someone.name, someone.kana, None, keys, kana.name_rule()))
    living = _joined((None, someone.address, None, None, None, "active", None, None, 1, None, "[]"))
    return _Form(tuple(search_terms.cut(search_terms.of_customer(row))), named, living)


def _line(key: str, phone: str, batch_id: int, form: _Form, terms: Spool) -> bytes:
    end = f"\t{key}\t{batch_id}\n"
    for term in form.terms:
        terms.add((term + end).encode())
    terms.add(f"{search_terms.Kind.PHONE}{phone}{end}".encode())
    head = f"{key}\t{batch_id}\t0\t{key}\t1\t{key}\t\\N\t"
    return f'{head}{form.named}\t{phone}\t\\N\t["{phone}"]\t{form.living}\n'.encode()


def _accounts(count: int) -> Iterator[bytes]:
    at = _LOADED.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for index in range(0, count, 5):
        fixed = ("x", at, "bench", "active", "ベンチ")
        yield _of_fields((f"a{index}", f"User-{index}", f"user-{index}", *fixed, email(index), "ja", "1", at))


def _links(count: int) -> Iterator[bytes]:
    at = _LOADED.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for index in range(0, count, 5):
        yield _of_fields((_key(index), f"a{index}", "owner", at, 1))


def _joined(fields: Iterable[object]) -> str:
    return "\t".join(["\\N" if field is None else str(field) for field in fields])


def _of_fields(fields: Iterable[object]) -> bytes:
    return f"{_joined(fields)}\n".encode()


def _fill(database: Database, table: Any, lines: Iterator[bytes]) -> None:
    names_ = list(_FILLED.get(table.name, staging.columns(table)))
    write = _insert if database.is_sqlite else _copy
    write(database, table.name, names_, lines)


_FILLED: Final = {
    "account": (
        "id", "login_id", "login_key", "password_hash", "password_changed_at", "stamp", "state", "nickname", "email",
        "language", "terms_version", "created_at",
    ),
    "account_customer": ("customer_key", "account_id", "role", "since", "matched_batch_id"),
}  # fmt: skip


def _insert(database: Database, table: str, columns: list[str], lines: Iterator[bytes]) -> None:
    connection = sqlite_module().connect(str(database.url.database), isolation_level=None)
    with contextlib.closing(connection):
        for pragma in ("synchronous = OFF", "cache_size = -400000"):
            connection.execute(f"PRAGMA {pragma}")
        marks = ",".join("?" * len(columns))
        insertion = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of ours
        while chunk := list(itertools.islice(lines, _BLOCK)):
            rows = [
                [None if field == "\\N" else field for field in line.decode().rstrip("\n").split("\t")]
                for line in chunk
            ]
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insertion, rows)
            connection.execute("COMMIT")


def _copy(database: Database, table: str, columns: list[str], lines: Iterator[bytes]) -> None:
    connection = database.engine.raw_connection()
    driver: Any = connection.driver_connection
    with contextlib.closing(connection):
        with (
            driver.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
        ):
            while chunk := list(itertools.islice(lines, 2_000)):
                copy.write(b"".join(chunk))
        driver.commit()


def _batches() -> Iterator[dict[str, Any]]:
    common = {
        "delivery": "bench", "kind": "customers", "options": {}, "filename": "bench.csv", "size": 0, "actor": "bench",
        "received_at": _LOADED, "checked_at": _LOADED, "published_at": _LOADED, "counts": {},
    }  # fmt: skip
    for number, (state, pub_seq) in enumerate((("published", 1), ("taken_back", None), ("published", 2)), 1):
        yield {**common, "id": number, "sha256": f"bench-{number}", "state": state, "pub_seq": pub_seq}


def _agent() -> dict[str, Any]:
    return {
        "id": STAFF_ID, "login_id": STAFF_ID, "login_key": STAFF_ID, "name": "ベンチ", "email": "bench@example.jp",
        "role": Role.AGENT.word, "role_given_by": "cli", "role_given_at": _LOADED, "invited_by": "cli",
        "state": StaffState.ACTIVE.value, "stamp": "bench", "created_at": _LOADED,
    }  # fmt: skip


def _is_kept(note: Path, count: int) -> bool:
    try:
        return bool(json.loads(note.read_text())["made_from"] == _made_from(count))
    except (OSError, ValueError, KeyError):
        return False


def _keep(note: Path, count: int) -> None:
    note.write_text(json.dumps({"made_from": _made_from(count)}))


def _made_from(count: int) -> str:
    rules = Path(search_terms.__file__).read_text()
    return fingerprint(count, rules, source="people.py")
