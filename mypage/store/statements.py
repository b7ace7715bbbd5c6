"""Statements as their customer asks for them. Every query is bound to the keys of one customer."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

from mypage.domain.bills import BillVersion, PaymentVersion
from mypage.store.raw import RawQuery, Source, day

# Only columns of the covering indexes (schema/statements.py, schema/payments.py): the lines are never touched.
_VERSIONS = """
    SELECT billing_month, number, batch_id, withdrawn, hidden, total, comparable, due_on, payment_method,
           payment_state, customer_key
    FROM statement
    WHERE customer_key IN ({keys}) AND billing_month >= ? AND billing_month <= ?
    """
# In the columns of the first half; "withdrawn" is empty.
_AND_PAYMENTS = """
    UNION ALL
    SELECT billing_month, number, batch_id, NULL, NULL, paid_amount, NULL, paid_on, state, NULL, customer_key,
           retry_on
    FROM payment
    WHERE customer_key IN ({keys}) AND billing_month >= ? AND billing_month <= ?
    """
_DOCUMENTS = """
    SELECT customer_key, billing_month, number, batch_id, document
    FROM statement
    WHERE customer_key IN ({keys}) AND billing_month IN (?, ?)
    """


# Of all holders of a number: "." is the sign behind the hyphen.
_OF_NUMBER = RawQuery(
    """
    SELECT DISTINCT customer_key, billing_month FROM statement
    WHERE customer_key >= ? AND customer_key < ? AND batch_id = ?
    ORDER BY billing_month DESC, customer_key DESC
    """
)


class Versions(NamedTuple):
    """All versions of bills, and what payments files say of them, published or not."""

    bills: list[BillVersion]
    payments: list[PaymentVersion]


def versions(
    source: Source, keys: Sequence[str], oldest: int, newest: int, *, with_payments: bool
) -> Versions:
    """The versions of one customer's bills of these months (yyyymm, both included).

    ``with_payments`` asks for the payments in the same query; where none are published, that costs for nothing.
    """
    parameters = (*keys, oldest, newest)
    query = _query(len(keys), with_payments=with_payments)
    rows = query.rows(source, parameters * 2 if with_payments else parameters)
    bills = [
        BillVersion(
            month,
            number,
            batch_id,
            bool(withdrawn),
            bool(hidden),
            total,
            comparable,
            day(due_on),
            method,
            state,
            key,
        )
        for month, number, batch_id, withdrawn, hidden, total, comparable, due_on, method, state, key, *_ in rows
        if withdrawn is not None
    ]
    return Versions(bills, _payments(rows) if with_payments else [])


def _payments(rows: Iterable[Sequence[Any]]) -> list[PaymentVersion]:
    return [
        PaymentVersion(month, number, batch_id, state, day(paid_on), amount, day(retry_on), key)
        for month, number, batch_id, withdrawn, _, amount, _, paid_on, state, _, key, retry_on in rows
        if withdrawn is None
    ]


def documents(
    source: Source, keys: Sequence[str], month: int, other_month: int
) -> dict[tuple[str, int, int, int], str]:
    """The stored documents of one customer's bills of two months, by key, month, number and batch."""
    found = _documents(len(keys)).rows(source, (*keys, month, other_month))
    return {(row[0], row[1], row[2], row[3]): row[4] for row in found}


def of_number_in(source: Source, number: str, batch_id: int) -> list[tuple[str, int]]:
    """Key and month of the statements that a batch holds of a customer number, newest month first."""
    rows = _OF_NUMBER.rows(source, (number, f"{number}.", batch_id))
    return [(row[0], row[1]) for row in rows if row[0].partition("-")[0] == number]


@cache
def _query(count: int, *, with_payments: bool) -> RawQuery:
    """For so many keys: one, unless a customer's number changed."""
    text = _VERSIONS
    if with_payments:
        text = text.replace("customer_key\n", "customer_key, NULL\n", 1) + _AND_PAYMENTS
    return RawQuery(text.format(keys=_places(count)))


@cache
def _documents(count: int) -> RawQuery:
    return RawQuery(_DOCUMENTS.format(keys=_places(count)))


def _places(count: int) -> str:
    return ", ".join("?" * count)
