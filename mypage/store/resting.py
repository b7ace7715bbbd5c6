"""Registrations and accounts whose identity match rests on a batch, and the batches of which that is to be settled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Table,
    delete,
    insert,
    literal_column,
    select,
    union,
)

from mypage.domain.activation import RegistrationState
from mypage.store.schema import account_customer, audit_event, registration, unsettled_batch

# As it stands in the index, which is of these alone.
_IS_PENDING = registration.c.state == literal_column(f"'{RegistrationState.PENDING.value}'")


def customers(connection: Connection, batch_id: int, limit: int) -> list[str]:
    """Customers with a pending registration or an account that rests on the batch; in their order.

    A flip asks it within its few seconds: each index is read from its beginning, for ``limit`` customers and no more.
    """
    pending = _first(registration, batch_id, limit, _IS_PENDING)
    owned = _first(account_customer, batch_id, limit)
    found = union(pending, owned).subquery()
    return list(connection.scalars(select(found.c.customer_key).order_by(found.c.customer_key).limit(limit)))


def registrations(connection: Connection, batch_id: int, keys: Sequence[str]) -> list[RowMapping]:
    """Pending registrations of these customers that rest on the batch."""
    query = select(registration).where(
        registration.c.customer_key.in_(keys), registration.c.matched_batch_id == batch_id, _IS_PENDING
    )
    return list(connection.execute(query.order_by(registration.c.customer_key)).mappings())


def links(connection: Connection, batch_id: int, keys: Sequence[str]) -> list[RowMapping]:
    """How accounts have these customers, where that rests on the batch."""
    query = select(account_customer).where(
        account_customer.c.customer_key.in_(keys), account_customer.c.matched_batch_id == batch_id
    )
    in_order = query.order_by(account_customer.c.account_id, account_customer.c.customer_key)
    return list(connection.execute(in_order).mappings())


def unsettled(connection: Connection) -> list[RowMapping]:
    """The batches that are to be settled, the oldest first."""
    query = select(unsettled_batch).order_by(unsettled_batch.c.taken_back_at, unsettled_batch.c.batch_id)
    return list(connection.execute(query).mappings())


def put_unsettled(connection: Connection, batch_id: int, taken_back_at: datetime) -> None:
    """Remember that a batch is to be settled; taken back anew, from then."""
    remove_unsettled(connection, batch_id)
    connection.execute(insert(unsettled_batch).values(batch_id=batch_id, taken_back_at=taken_back_at))


def remove_unsettled(connection: Connection, batch_id: int) -> None:
    """A batch is settled."""
    connection.execute(delete(unsettled_batch).where(unsettled_batch.c.batch_id == batch_id))


def told(
    connection: Connection, batch_id: int, actions: Sequence[str], *, after: int, limit: int
) -> list[RowMapping]:
    """What became of them, as the trail tells: rows behind ``after`` in their order."""
    columns = (audit_event.c.seq, audit_event.c.at, audit_event.c.action)
    query = select(*columns, audit_event.c.customer_key, audit_event.c.account_id).where(
        audit_event.c.batch_id == batch_id, audit_event.c.action.in_(actions), audit_event.c.seq > after
    )
    return list(connection.execute(query.order_by(audit_event.c.seq).limit(limit)).mappings())


def _first(table: Table, batch_id: int, limit: int, *more: ColumnElement[bool]) -> Select[tuple[str]]:
    """The first customers of a table that rest on the batch; one who is in several accounts counts once.

    The batch is asked for as a range, and stands in the order: else a database may think that many rest on it, walk
    through the primary key for the sake of the order, and read all that rest on other batches before it finds any.
    """
    of, key = table.c.matched_batch_id, table.c.customer_key
    query = select(of, key).where(of.between(batch_id, batch_id), *more).distinct()
    first = query.order_by(of, key).limit(limit).subquery()
    return select(first.c.customer_key)
