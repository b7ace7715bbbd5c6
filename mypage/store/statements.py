"""Statements as their customer asks for them. Every query is bound to one customer key."""

from mypage.domain.bills import BillVersion
from mypage.store.raw import RawQuery, Source, day

# Only columns of the covering index (schema/statements.py): the lines are never touched.
_VERSIONS = RawQuery(
    """
    SELECT billing_month, number, batch_id, withdrawn, hidden, total, comparable, due_on, payment_method,
           payment_state
    FROM statement
    WHERE customer_key = ? AND billing_month >= ? AND billing_month <= ?
    ORDER BY billing_month, number, batch_id
    """
)
_DOCUMENTS = RawQuery(
    """
    SELECT billing_month, number, batch_id, document
    FROM statement
    WHERE customer_key = ? AND billing_month IN (?, ?)
    """
)


def versions(source: Source, customer_key: str, oldest: int, newest: int) -> list[BillVersion]:
    """All versions of the customer's bills of these months (yyyymm, both included), published or not."""
    return [
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
        )
        for month, number, batch_id, withdrawn, hidden, total, comparable, due_on, method, state in (
            _VERSIONS.rows(source, (customer_key, oldest, newest))
        )
    ]


def documents(
    source: Source, customer_key: str, month: int, other_month: int
) -> dict[tuple[int, int, int], str]:
    """The stored documents of the customer's bills of two months, by month, number and batch."""
    found = _DOCUMENTS.rows(source, (customer_key, month, other_month))
    return {(row[0], row[1], row[2]): row[3] for row in found}
