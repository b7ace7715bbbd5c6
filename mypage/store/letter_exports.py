"""The files in which letters go to be posted: which letters wait, and which stand in which file."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from mypage.store.schema import account_customer, letter, letter_export

_AT_ONCE: Final = 500
_KEY: Final = (letter.c.customer_key, letter.c.account_id, letter.c.serial)


class LetterKey(NamedTuple):
    """Names a letter, and says whether a code is printed on it."""

    customer_key: str
    account_id: str
    serial: int
    with_code: bool


class Export(NamedTuple):
    """A file of letters. ``written_at`` is None until it is there; ``sha256`` is known a moment before."""

    id: int
    actor: str
    begun_at: datetime
    letters: int
    codes: int
    file: str
    sha256: str | None
    written_at: datetime | None


def _letters() -> Select[Any]:
    """Letters to whoever still has the customer, by customer; ``is_newest``: none was asked for since."""
    other = letter.alias()
    newer = exists().where(
        other.c.customer_key == letter.c.customer_key,
        other.c.account_id == letter.c.account_id,
        other.c.serial > letter.c.serial,
    )
    linked = and_(
        account_customer.c.customer_key == letter.c.customer_key,
        account_customer.c.account_id == letter.c.account_id,
    )
    columns = (
        letter,
        account_customer.c.awaits_letter,
        account_customer.c.letter_for_approval,
        account_customer.c.since,
        (~newer).label("is_newest"),
    )
    return select(*columns).join(account_customer, linked).order_by(*_KEY)


def waiting(connection: Connection, *, coded_only: bool = False) -> Iterator[Sequence[RowMapping]]:
    """The letters that stand in no file yet, some at a time; with ``coded_only`` without mere notices."""
    found = _letters().where(letter.c.export_id.is_(None))
    return _pages(connection, found.where(letter.c.with_code) if coded_only else found)


def of_export(connection: Connection, export_id: int) -> Iterator[Sequence[RowMapping]]:
    """The letters of a file, some at a time."""
    return _pages(connection, _letters().where(letter.c.export_id == export_id))


def _pages(connection: Connection, query: Select[Any]) -> Iterator[Sequence[RowMapping]]:
    key = tuple_(*_KEY)
    following = query
    while page := connection.execute(following.limit(_AT_ONCE)).mappings().all():
        yield page
        last = page[-1]
        following = query.where(key > (last["customer_key"], last["account_id"], last["serial"]))


def count_waiting(connection: Connection) -> int:
    """How many letters stand in no file yet, whether or not they can be posted."""
    waits = select(func.count()).select_from(letter).where(letter.c.export_id.is_(None))
    return int(connection.execute(waits).scalar_one())


def add(
    connection: Connection, *, actor: str, begun_at: datetime, letters: int, codes: int, file: str
) -> int:
    """A file that is to be written; its id."""
    row = {"actor": actor, "begun_at": begun_at, "letters": letters, "codes": codes, "file": file}
    return int(
        connection.execute(insert(letter_export).values(row).returning(letter_export.c.id)).scalar_one()
    )


def assign(connection: Connection, export_id: int, letters: Iterable[LetterKey]) -> None:
    """Let letters stand in a file."""
    placed = update(letter).where(*(column == bindparam(f"of_{column.name}") for column in _KEY))
    rows = [
        {"of_customer_key": key, "of_account_id": account_id, "of_serial": serial, "printed": with_code}
        for key, account_id, serial, with_code in letters
    ]
    connection.execute(placed.values(export_id=export_id, with_code=bindparam("printed")), rows)


def change(connection: Connection, export_id: int, **values: Any) -> None:
    """Write into a file's row."""
    connection.execute(update(letter_export).where(letter_export.c.id == export_id).values(**values))


def post(connection: Connection, export_id: int, *, posted_at: datetime, expires_at: datetime) -> None:
    """The file is there: its letters go to be posted, and their codes are good until then. A notice has none."""
    kept = letter.c.expires_at.type
    good_until = case((letter.c.with_code, literal(expires_at, kept)), else_=literal(posted_at, kept))
    placed = update(letter).where(letter.c.export_id == export_id)
    connection.execute(placed.values(posted_at=posted_at, expires_at=good_until))


def unfinished(connection: Connection) -> Export | None:
    """The file that was begun and is not there, if any."""
    query = select(letter_export).where(letter_export.c.written_at.is_(None))
    row = connection.execute(query.order_by(letter_export.c.id).limit(1)).first()
    return None if row is None else Export(*row)


def by_id(connection: Connection, export_id: int) -> Export | None:
    """A file by its id."""
    row = connection.execute(select(letter_export).where(letter_export.c.id == export_id)).first()
    return None if row is None else Export(*row)


def latest(connection: Connection, limit: int) -> list[Export]:
    """The newest files first."""
    rows = connection.execute(select(letter_export).order_by(letter_export.c.id.desc()).limit(limit))
    return [Export(*row) for row in rows]
