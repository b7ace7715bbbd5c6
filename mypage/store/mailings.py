"""Mailings: adding one, the next that is to be expanded, and how far it came."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, insert, select, update

from mypage.store.schema import mailing

EXPANDING = "expanding"
# All customers were looked at.
EXPANDED = "expanded"
# Nobody was to be told of it any more.
POINTLESS = "pointless"


class Mailing(NamedTuple):
    """A row of ``mailing``. ``cursor``: everybody up to that customer key was looked at; ``""`` at the beginning."""

    id: int
    kind: str
    batch_ids: Sequence[int]
    epoch: int
    facts: Mapping[str, Any]
    made_at: datetime
    state: str
    cursor: str
    examined: int
    mails: int
    ended_at: datetime | None


def add(connection: Connection, **values: Any) -> int:
    """A mailing that is to be expanded; its id."""
    beginning = {"state": EXPANDING, "cursor": "", "examined": 0, "mails": 0}
    added = insert(mailing).values(**beginning, **values).returning(mailing.c.id)
    return int(connection.execute(added).scalar_one())


def next_one(connection: Connection, kinds: Sequence[str]) -> Mailing | None:
    """The mailing that is to be expanded first: by the order of ``kinds``, then the oldest. None without any."""
    order = case({kind: place for place, kind in enumerate(kinds)}, value=mailing.c.kind)
    waiting = select(mailing).where(mailing.c.state == EXPANDING, mailing.c.kind.in_(kinds))
    row = connection.execute(waiting.order_by(order, mailing.c.id).limit(1)).first()
    return None if row is None else _mailing(row)


def of_batch(connection: Connection, batch_id: int) -> list[Mailing]:
    """The mailings that tell of a batch, the oldest first."""
    rows = connection.execute(select(mailing).order_by(mailing.c.id))
    return [found for found in map(_mailing, rows) if batch_id in found.batch_ids]


def advance(connection: Connection, before: Mailing, *, cursor: str, examined: int) -> bool:
    """Let a mailing go on behind ``cursor``; False where somebody else did that, or ended it.

    Whoever comes at the same moment waits here for the end of the transaction.
    """
    return _change(
        connection, before, cursor=cursor, examined=mailing.c.examined + examined, mails=mailing.c.mails
    )


def count(connection: Connection, mailing_id: int, mails: int) -> None:
    """Count mails that were written."""
    connection.execute(
        update(mailing).where(mailing.c.id == mailing_id).values(mails=mailing.c.mails + mails)
    )


def end(connection: Connection, before: Mailing, state: str, now: datetime) -> bool:
    """End a mailing; False where somebody else went on with it, or ended it."""
    return _change(connection, before, state=state, ended_at=now)


def _change(connection: Connection, before: Mailing, **values: Any) -> bool:
    stands = (
        mailing.c.id == before.id,
        mailing.c.state == EXPANDING,
        mailing.c.cursor == before.cursor,
    )
    return connection.execute(update(mailing).where(*stands).values(**values)).rowcount == 1


def _mailing(row: Row[Any]) -> Mailing:
    return Mailing(**row._mapping)
