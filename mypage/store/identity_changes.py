"""What batches change of who their customers are, and the accounts that it concerns."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, exists, select

from mypage.domain.account import AccountState
from mypage.store.schema import account, account_customer, batch, identity_change, outbox

_HAS_ACCOUNT = exists().where(account_customer.c.customer_key == identity_change.c.customer_key)


class Concerned(NamedTuple):
    """An account that has a customer of whom a batch changes something."""

    customer_key: str
    batch_id: int
    account_id: str
    email: str
    language: str
    nickname: str


def of_batch(
    connection: Connection, batch_id: int, *, after: str, limit: int, with_account: bool = False
) -> list[RowMapping]:
    """The changes behind the key ``after`` in the order of the keys, each with ``has_account``."""
    query = select(identity_change, _HAS_ACCOUNT.label("has_account")).where(_behind([batch_id], after))
    if with_account:
        query = query.where(_HAS_ACCOUNT)
    return list(connection.execute(query.order_by(identity_change.c.customer_key).limit(limit)).mappings())


def next_keys(connection: Connection, batch_ids: Sequence[int], after: str, limit: int) -> list[str]:
    """The keys behind ``after`` of customers of whom one of the batches changes something."""
    query = select(identity_change.c.customer_key).where(_behind(batch_ids, after)).distinct()
    return list(connection.scalars(query.order_by(identity_change.c.customer_key).limit(limit)))


def concerned(
    connection: Connection, batch_ids: Sequence[int], after: str, until: str, *, before: datetime
) -> list[Concerned]:
    """The accounts that had these customers ``before`` then, and whose mail arrives; in the order of the keys."""
    query = (
        select(
            identity_change.c.customer_key,
            identity_change.c.batch_id,
            account.c.id,
            account.c.email,
            account.c.language,
            account.c.nickname,
        )
        .join(account_customer, account_customer.c.customer_key == identity_change.c.customer_key)
        .join(account, account.c.id == account_customer.c.account_id)
        .where(
            _behind(batch_ids, after),
            identity_change.c.customer_key <= until,
            account_customer.c.since < before,
            account.c.state != AccountState.RELEASED.value,
            account.c.mail_refused_at.is_(None),
        )
    )
    rows = connection.execute(query.order_by(identity_change.c.customer_key, identity_change.c.batch_id))
    return [Concerned(*row) for row in rows]


def told(connection: Connection, account_ids: Sequence[str], since: datetime) -> set[tuple[str, int]]:
    """Account and batch of the mails about such changes that were written since then."""
    query = select(outbox.c.account_id, outbox.c.facts).where(
        outbox.c.account_id.in_(account_ids),
        outbox.c.kind.in_(("identity_changed", "number_changed")),
        outbox.c.enqueued_at >= since,
    )
    return {(row.account_id, row.facts["batch_id"]) for row in connection.execute(query)}


def published(connection: Connection, batch_ids: Sequence[int]) -> dict[int, datetime]:
    """Those of the batches that are published, and since when."""
    query = select(batch.c.id, batch.c.published_at).where(
        batch.c.id.in_(batch_ids), batch.c.pub_seq.is_not(None)
    )
    return {row.id: row.published_at for row in connection.execute(query)}


def _behind(batch_ids: Sequence[int], after: str) -> ColumnElement[bool]:
    return and_(identity_change.c.batch_id.in_(batch_ids), identity_change.c.customer_key > after)
