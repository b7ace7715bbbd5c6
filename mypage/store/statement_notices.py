"""Whom to tell of a month's bills: accounts with their customers, the bills as they are stored, who was told already.

Asked for many customers at once, either those of a range of keys (:class:`Between`) or some (:class:`Among`).
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, tuple_

from mypage.domain.bills import BillVersion
from mypage.store.raw import RawQuery, Source, insert_all
from mypage.store.schema import statement_notice
from mypage.store.sessions import OF_CUSTOMER, VERSIONS, Customers, customers_in

# By the words of the partial index: each customer has one owner.
_NEXT = RawQuery(
    "SELECT customer_key FROM account_customer WHERE customer_key > ? AND role = 'owner' ORDER BY customer_key LIMIT ?"
)
_BETWEEN = "c.customer_key > ? AND c.customer_key <= ?"
# Whoever wants none, gets no mail, or may not log in is not even looked at.
_OWNERS = f"""
    SELECT c.account_id, a.email, a.language, a.nickname, {OF_CUSTOMER}
    FROM account_customer c
    JOIN account a ON a.id = c.account_id
    {VERSIONS}
    WHERE {{where}} AND c.role = 'owner' AND a.state = 'active' AND a.mail_refused_at IS NULL
      AND a.notices_off_at IS NULL
    ORDER BY c.customer_key
    """  # noqa: S608 - columns and joins of ours
_BEFORE_CUSTOMER = 4
_BILLS = """
    SELECT s.number, s.batch_id, s.withdrawn, s.hidden, s.customer_key
    FROM account_customer c
    JOIN statement s ON s.customer_key = c.customer_key AND s.billing_month = ?
    WHERE {where} AND c.role = 'owner'
    """
_TOLD = "SELECT c.customer_key, c.account_id FROM statement_notice c WHERE c.billing_month = ? AND {where}"


class Between(NamedTuple):
    """All customers whose keys lie behind ``after``, up to ``until``."""

    after: str
    until: str


class Among(NamedTuple):
    """Some customers, by their keys."""

    keys: tuple[str, ...]


Where = Between | Among


class Owner(NamedTuple):
    """An account that owns a customer, as a mail needs it."""

    account_id: str
    email: str
    language: str
    nickname: str


class Owned(NamedTuple):
    """By each customer key the account that owns it, and the customers themselves."""

    owners: dict[str, Owner]
    customers: Customers


def next_keys(source: Source, after: str, limit: int) -> list[str]:
    """The keys of the next customers that somebody owns."""
    return [key for (key,) in _NEXT.rows(source, (after, limit))]


def owned(source: Source, where: Where) -> Owned:
    """The customers that are owned by an account that may be told something."""
    query = _query(_OWNERS, None if isinstance(where, Between) else len(where.keys))
    rows = query.rows(source, _parameters(where))
    owners = {row[_BEFORE_CUSTOMER]: Owner(*row[:_BEFORE_CUSTOMER]) for row in rows}
    return Owned(owners, customers_in([row[_BEFORE_CUSTOMER:] for row in rows]))


def bills(source: Source, where: Where, month: int) -> list[BillVersion]:
    """All versions of their bills of a month (yyyymm), published or not; nothing of the money."""
    query = _query(_BILLS, None if isinstance(where, Between) else len(where.keys))
    return [
        BillVersion(month, number, batch_id, bool(withdrawn), bool(hidden), 0, 0, None, None, None, key)
        for number, batch_id, withdrawn, hidden, key in query.rows(source, (month, *_parameters(where)))
    ]


def told(source: Source, where: Where, month: int) -> set[tuple[str, str]]:
    """Customer key and account of those who were told of a month (yyyymm) already."""
    query = _query(_TOLD, None if isinstance(where, Between) else len(where.keys))
    return {(row[0], row[1]) for row in query.rows(source, (month, *_parameters(where)))}


def tell(connection: Connection, month: int, mailing_id: int, whom: Iterable[tuple[str, str]]) -> None:
    """Keep that these (customer key, account) are told of a month (yyyymm)."""
    columns = ("customer_key", "account_id", "billing_month", "mailing_id")
    insert_all(connection, "statement_notice", columns, [(*each, month, mailing_id) for each in whom])


def forget(connection: Connection, told_of: Sequence[tuple[str, str, int]]) -> None:
    """These (customer key, account, month) were not told after all."""
    columns = statement_notice.c
    key = tuple_(columns.customer_key, columns.account_id, columns.billing_month)
    connection.execute(statement_notice.delete().where(key.in_(told_of)))


def _parameters(where: Where) -> tuple[Any, ...]:
    return tuple(where) if isinstance(where, Between) else where.keys


@cache
def _query(text: str, count: int | None) -> RawQuery:
    """For a range, or for so many keys."""
    where = _BETWEEN if count is None else f"c.customer_key IN ({', '.join('?' * count)})"
    return RawQuery(text.format(where=where))
