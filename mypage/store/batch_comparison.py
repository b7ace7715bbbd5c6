"""The statements of two batches side by side, in the order of their keys: read from the list's index, a stretch at a time.

There is no index by batch (``store.staging``), so all versions of a stretch of customers are read: how many is bounded.
"""

from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select, tuple_

from mypage.store.schema import statement


class Only(StrEnum):
    """Which differences are asked for."""

    ALL = "all"
    AMOUNT = "amount"
    FIRST = "first"
    SECOND = "second"


class Place(NamedTuple):
    """A statement by its key; what comes behind it in order is read next."""

    customer_key: str
    month: int
    number: int


class Difference(NamedTuple):
    """A statement that the two batches tell differently: yen in each, None where it is not in it, 0 where withdrawn."""

    customer_key: str
    month: int
    number: int
    first: int | None
    second: int | None
    is_withdrawn_first: bool
    is_withdrawn_second: bool

    @property
    def place(self) -> Place:
        """Its key."""
        return Place(self.customer_key, self.month, self.number)


_of: Final = statement.c
_key: Final = (_of.customer_key, _of.billing_month, _of.number)


def stretch_end(connection: Connection, after: Place | None, rows: int) -> str | None:
    """The customer before whom a stretch of so many rows ends, None where it is the last one."""
    query = select(_of.customer_key).order_by(*_key, _of.batch_id).limit(1).offset(rows)
    if after is not None:
        query = query.where(_of.customer_key >= after.customer_key)
    return connection.scalar(query)


def differences(
    connection: Connection,
    first: int,
    second: int,
    only: Only,
    *,
    after: Place | None,
    before_key: str | None,
    limit: int,
) -> list[Difference]:
    """The first ``limit`` differences behind ``after``, of customers before ``before_key``."""
    conditions: list[ColumnElement[bool]] = [_of.batch_id.in_((first, second))]
    if after is not None:
        # The first condition finds the place in the index, the second the statement.
        conditions += [_of.customer_key >= after.customer_key, tuple_(*_key) > tuple_(*after)]
    if before_key is not None:
        conditions.append(_of.customer_key < before_key)
    totals = [func.max(case((_of.batch_id == each, _of.total))) for each in (first, second)]
    gone = [
        func.max(case((and_(_of.batch_id == each, _of.withdrawn), 1), else_=0)) for each in (first, second)
    ]
    query = (
        select(*_key, *totals, *gone)
        .where(*conditions)
        .group_by(*_key)
        .having(_asked(only, totals, gone))
        .order_by(*_key)
        .limit(limit)
    )
    return [_difference(row) for row in connection.execute(query)]


def _asked(only: Only, totals: list[Any], gone: list[Any]) -> ColumnElement[bool]:
    differs = and_(func.count() == 2, or_(totals[0] != totals[1], gone[0] != gone[1]))
    match only:
        case Only.AMOUNT:
            return differs
        case Only.FIRST:
            return and_(totals[1].is_(None))
        case Only.SECOND:
            return and_(totals[0].is_(None))
        case Only.ALL:
            return or_(func.count() == 1, differs)


def _difference(row: Row[Any]) -> Difference:
    key, month, number, first, second, is_gone_first, is_gone_second = tuple(row)
    return Difference(key, month, number, first, second, bool(is_gone_first), bool(is_gone_second))
