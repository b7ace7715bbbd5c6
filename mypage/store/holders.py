"""The holders of a customer number, as the published batches have them (the version rule of ``domain.batch``)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, select

from mypage.domain.customer_number import split_key
from mypage.store.raw import RawQuery
from mypage.store.schema import batch, customer_version

_NEAREST = RawQuery(
    """
    SELECT COALESCE(
        (SELECT customer_key FROM customer_version WHERE customer_key >= ? ORDER BY customer_key LIMIT 1),
        (SELECT MIN(customer_key) FROM customer_version)
    )
    """
)
_newest_first = (
    func.row_number()
    .over(partition_by=customer_version.c.customer_key, order_by=batch.c.pub_seq.desc())
    .label("place")
)


def _seen(*conditions: ColumnElement[bool]) -> Select[Any]:
    versions = (
        select(customer_version, _newest_first)
        .join(batch, batch.c.id == customer_version.c.batch_id)
        .where(batch.c.pub_seq.is_not(None), *conditions)
        .subquery()
    )
    return select(versions).where(versions.c.place == 1)


def nearest_number(connection: Connection, number: str) -> str:
    """A folded number if the master has it, else that of its neighbour; the number itself in an empty master."""
    ((key,),) = _NEAREST.rows(connection, (number,))
    return split_key(key)[0] if key is not None else number


def of_number(connection: Connection, number: str) -> list[RowMapping]:
    """The version that is seen of each holder of a folded number, tombstones (解約済) included, the newest first."""
    key = customer_version.c.customer_key
    # Keys of later holders are the number, a hyphen and theirs. "." comes after "-" and before all digits and letters.
    this_number = and_(key >= number, key < f"{number}.")
    rows = connection.execute(_seen(this_number)).mappings()
    return sorted(rows, key=lambda row: row["holder_no"], reverse=True)


def of_keys(
    connection: Connection, customer_keys: Sequence[str], *, without: int | None = None
) -> dict[str, RowMapping]:
    """The versions that are seen of some holders, by customer key; without those of whom nothing is published.

    ``without``: as if that batch were not published.
    """
    others = () if without is None else (customer_version.c.batch_id != without,)
    rows = connection.execute(_seen(customer_version.c.customer_key.in_(customer_keys), *others)).mappings()
    return {row["customer_key"]: row for row in rows}


def of_key(connection: Connection, customer_key: str) -> RowMapping | None:
    """The version that is seen of one holder, None where nothing of it is published."""
    return connection.execute(_seen(customer_version.c.customer_key == customer_key)).mappings().one_or_none()
