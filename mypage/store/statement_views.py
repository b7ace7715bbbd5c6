"""Marks of who saw which statement."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mypage.domain.bills import BillVersion
from mypage.store.raw import RawQuery, Source
from mypage.store.schema import account, login_session, staff, statement_view

_MARKED = """
    SELECT customer_key, billing_month, number, batch_id FROM statement_view
    WHERE customer_key IN ({keys}) AND account_id = ? AND session_id = ?
    """


# Staff see bills as ``staff:`` and their id (services/portal_view.py).
_OF_STAFF = "staff:"
_is_staff = and_(
    statement_view.c.account_id.startswith(_OF_STAFF),
    staff.c.id == func.substr(statement_view.c.account_id, len(_OF_STAFF) + 1),
)


class View(NamedTuple):
    """A bill of a batch that an account has seen; ``at`` is the first time, ``login_id`` None where it is gone.

    ``staff``: the name of the member of staff who saw it instead, in the portal as the subscriber sees it.
    """

    customer_key: str
    login_id: str | None
    month: int
    number: int
    at: datetime
    staff: str | None = None


def of_batch(
    connection: Connection, batch_id: int, *, limit: int | None = None, offset: int = 0
) -> Iterator[View]:
    """Who saw which bill of a batch, by customer. Reads all marks: it is asked for after a mistake only."""
    view = statement_view.c
    who = (view.customer_key, view.account_id, view.billing_month, view.number)
    query = (
        select(
            view.customer_key,
            account.c.login_id,
            view.billing_month,
            view.number,
            func.min(view.at),
            staff.c.name,
        )
        .outerjoin(account, account.c.id == view.account_id)
        .outerjoin(staff, _is_staff)
        .where(view.batch_id == batch_id)
        .group_by(*who, account.c.login_id, staff.c.name)
        .order_by(*who)
        .limit(limit)
        .offset(offset)
    )
    for row in connection.execute(query):
        yield View(*row)


def marked(
    source: Source, keys: Sequence[str], account_id: str, session_id: str
) -> frozenset[tuple[str, int, int, int]]:
    """Key, month, number and batch of what this session has seen of this customer."""
    rows = _query(len(keys)).rows(source, (*keys, account_id, session_id))
    return frozenset((row[0], row[1], row[2], row[3]) for row in rows)


@cache
def _query(count: int) -> RawQuery:
    return RawQuery(_MARKED.format(keys=", ".join("?" * count)))


def mark(
    connection: Connection,
    seen: Iterable[BillVersion],
    *,
    account_id: str,
    session_id: str,
    now: datetime,
) -> None:
    """Mark the versions as seen; what two requests of one session see at once is marked once."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {
            "customer_key": version.customer_key,
            "account_id": account_id,
            "session_id": session_id,
            "billing_month": version.month,
            "number": version.number,
            "batch_id": version.batch_id,
            "at": now,
        }
        for version in seen
    ]
    if rows:
        connection.execute(insert(statement_view).on_conflict_do_nothing(), rows)


def remember_list(connection: Connection, session_id: str, epoch: int) -> None:
    """Keep that all that the list shows at ``epoch`` is marked for this session."""
    connection.execute(
        update(login_session).where(login_session.c.id_hash == session_id).values(seen_epoch=epoch)
    )
