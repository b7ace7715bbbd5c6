"""What staff read of a customer's past, newest first and a page at a time: rows of the trail, mails, batches."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    Select,
    and_,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from mypage.store.schema import (
    account_customer,
    audit_event,
    batch,
    contract_set,
    customer_version,
    outbox,
    payment,
    statement,
    succession,
)
from mypage.store.schema.metadata import instant_of, instant_text

_RELEASED: Final = "registration.released"


class Whose(NamedTuple):
    """Whose past it is: a customer under all its keys, and the accounts that have it or had it.

    ``until`` tells of an account when it was released; what it did afterwards is another customer's story.
    """

    keys: tuple[str, ...]
    accounts: frozenset[str]
    until: Mapping[str, datetime]


class Before(NamedTuple):
    """Where to go on: only what comes before this instant, and of that instant before this number (None: nothing)."""

    at: datetime
    number: int | None


def whose(connection: Connection, keys: Sequence[str]) -> Whose:
    """The accounts that belong into the story of a customer."""
    holding = select(account_customer.c.account_id).where(account_customer.c.customer_key.in_(keys))
    has_it = set(connection.scalars(holding))
    named = (
        select(audit_event.c.account_id)
        .distinct()
        .where(audit_event.c.customer_key.in_(keys), audit_event.c.account_id.is_not(None))
    )
    released = (
        select(audit_event.c.account_id, func.max(audit_event.c.at))
        .where(audit_event.c.customer_key.in_(keys), audit_event.c.action == _RELEASED)
        .group_by(audit_event.c.account_id)
    )
    until = {
        row[0]: instant_of(row[1]) for row in connection.execute(released) if row[0] not in (None, *has_it)
    }
    return Whose(tuple(keys), frozenset(has_it.union(connection.scalars(named))), until)


def trail_rows(
    connection: Connection,
    whose: Whose,
    *,
    actions: Collection[str] | None = None,
    without: Collection[str] = (),
    before: Before | None = None,
    limit: int | None = None,
) -> list[RowMapping]:
    """Rows of the trail, the newest first: of these actions (None: of all), but ``without`` those."""
    query = select(audit_event).where(_theirs(audit_event, whose, audit_event.c.at, instant_text))
    if actions is not None:
        query = query.where(audit_event.c.action.in_(actions))
    if without:
        query = query.where(audit_event.c.action.not_in(without))
    newest_first = _page(query, audit_event.c.at, audit_event.c.seq, before, limit, instant_text)
    return list(connection.execute(newest_first).mappings())


def mails(
    connection: Connection,
    whose: Whose,
    *,
    before: Before | None = None,
    limit: int | None = None,
    states: Collection[str] | None = None,
    kinds: Collection[str] | None = None,
) -> list[RowMapping]:
    """Mails about the customer or to its accounts, the newest first; in these states and of these kinds (None: all)."""
    query = select(outbox).where(_theirs(outbox, whose, outbox.c.enqueued_at, _as_it_is))
    if states is not None:
        query = query.where(outbox.c.state.in_(states))
    if kinds is not None:
        query = query.where(outbox.c.kind.in_(kinds))
    newest_first = _page(query, outbox.c.enqueued_at, outbox.c.id, before, limit, _as_it_is)
    return list(connection.execute(newest_first).mappings())


def message_ids(connection: Connection, whose: Whose) -> set[str]:
    """What the mails of the outbox are called in the trail."""
    query = select(outbox.c.message_id).where(_theirs(outbox, whose, outbox.c.enqueued_at, _as_it_is))
    return set(connection.scalars(query))


def touching_batches(connection: Connection, keys: Sequence[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """The batches that are or were published and hold something of a customer; a row for each billing month."""
    # Contracts and masters have no month, and say nothing that differs between the customer's keys.
    parts = [
        select(table.c.batch_id, null_month.label("month")).where(table.c.customer_key.in_(keys)).distinct()
        for table, null_month in (
            (customer_version, literal(0)),
            (contract_set, literal(0)),
            (succession, literal(0)),
            (statement, statement.c.billing_month),
            (payment, payment.c.billing_month),
        )
    ]
    touched = union_all(*parts).subquery()
    query = (
        select(
            batch.c.id,
            batch.c.kind,
            batch.c.pub_seq,
            batch.c.published_at,
            batch.c.taken_back_at,
            batch.c.actor,
            touched.c.month,
        )
        .join(touched, touched.c.batch_id == batch.c.id)
        .where(batch.c.published_at.is_not(null()))
        .order_by(batch.c.published_at, batch.c.id, touched.c.month)
    )
    return connection.execute(query).all()


def master_versions(connection: Connection, keys: Sequence[str]) -> list[RowMapping]:
    """All published versions of the customer's master rows, in the order in which they were published."""
    query = (
        select(customer_version)
        .join(batch, batch.c.id == customer_version.c.batch_id)
        .where(customer_version.c.customer_key.in_(keys), batch.c.pub_seq.is_not(None))
        .order_by(batch.c.pub_seq)
    )
    return list(connection.execute(query).mappings())


def _as_it_is(moment: datetime) -> Any:
    return moment


def _theirs(table: Any, whose: Whose, at: ColumnElement[Any], stored: Any) -> ColumnElement[bool]:
    """What names the customer, or no customer and one of its accounts."""
    unending = whose.accounts - whose.until.keys()
    of_accounts = [table.c.account_id.in_(unending)] if unending else []
    of_accounts += [
        and_(table.c.account_id == account_id, at <= stored(moment))
        for account_id, moment in whose.until.items()
    ]
    return or_(
        table.c.customer_key.in_(whose.keys),
        and_(table.c.customer_key.is_(None), or_(false(), *of_accounts)),
    )


def _page(
    query: Select[Any],
    at: ColumnElement[Any],
    number: ColumnElement[Any],
    before: Before | None,
    limit: int | None,
    stored: Any,
) -> Select[Any]:
    if before is not None:
        moment = stored(before.at)
        older = at < moment
        # As the greatest kind of number: that of a mail is a small one, and of another rank any may come.
        bound = literal(before.number, BigInteger)
        query = query.where(
            older if before.number is None else or_(older, and_(at == moment, number < bound))
        )
    return query.order_by(at.desc(), number.desc()).limit(limit)
