"""What happened since an instant, for whoever has the shift: counts, and the customers behind them.

An instant is turned into a row of the trail once (``since``); everything else asks for a few actions behind that row, so
what a mass mailing left since then is not read.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Text,
    and_,
    exists,
    func,
    literal_column,
    select,
)

from mypage.domain.activation import RegistrationState
from mypage.store import outbox as mails
from mypage.store.raw import RawQuery
from mypage.store.schema import (
    account,
    account_customer,
    audit_event,
    batch,
    mail_outage,
    outbox,
    registration,
    signup_draft,
    staff,
    staff_look_count,
    stumble,
    throttle,
)
from mypage.store.schema.metadata import instant_text

_FIRST_SINCE = RawQuery("SELECT seq FROM audit_event WHERE at >= ? ORDER BY at, seq LIMIT 1")
_BEHIND_ALL = 2**62


class Counted(NamedTuple):
    """How often something happened, and to how many customers that are known."""

    times: int
    customers: int


class OfCustomer(NamedTuple):
    """A customer in a list: when it happened last, and how often."""

    customer_key: str
    at: str
    times: int


def since(connection: Connection, moment: datetime) -> int:
    """The first row of the trail from an instant on; behind all rows where there is none."""
    rows = _FIRST_SINCE.rows(connection, (instant_text(moment),))
    return rows[0][0] if rows else _BEHIND_ALL


def counts(connection: Connection, actions: Collection[str], first: int) -> dict[str, Counted]:
    """By action what the trail tells since its row ``first``."""
    query = (
        select(
            audit_event.c.action,
            func.count().label("times"),
            func.count(audit_event.c.customer_key.distinct()).label("customers"),
        )
        .where(_since(actions, first))
        .group_by(audit_event.c.action)
    )
    return {row.action: Counted(row.times, row.customers) for row in connection.execute(query)}


def causes(connection: Connection, actions: Collection[str], first: int) -> dict[str, Counted]:
    """By cause what the trail tells since its row ``first``."""
    cause = _cause(connection)
    query = (
        select(
            cause.label("cause"),
            func.count().label("times"),
            func.count(audit_event.c.customer_key.distinct()).label("customers"),
        )
        .where(_since(actions, first))
        .group_by(cause)
    )
    return {row.cause: Counted(row.times, row.customers) for row in connection.execute(query) if row.cause}


def stumbles(connection: Connection, moment: datetime) -> dict[str, int]:
    """By cause the refusals since an instant that leave no row each."""
    query = select(stumble.c.cause, func.sum(stumble.c.times).label("times"))
    query = query.where(stumble.c.minute >= moment).group_by(stumble.c.cause)
    return {row.cause: int(row.times) for row in connection.execute(query)}


def stumbles_of(connection: Connection, cause: str, moment: datetime) -> Sequence[RowMapping]:
    """The refusals of a cause by screen and rule, most often first."""
    times = func.sum(stumble.c.times)
    query = (
        select(stumble.c.step, stumble.c.rule, times.label("times"))
        .where(stumble.c.minute >= moment, stumble.c.cause == cause)
        .group_by(stumble.c.step, stumble.c.rule)
        .order_by(times.desc(), stumble.c.step, stumble.c.rule)
    )
    return connection.execute(query).mappings().all()


def with_cause(
    connection: Connection, actions: Collection[str], cause: str, first: int, *, limit: int, offset: int
) -> list[OfCustomer]:
    """The customers to whom a cause happened, the last one first."""
    return _customers(
        connection, _by_customer(actions, first).where(_cause(connection) == cause), limit, offset
    )


def without_customer(connection: Connection, actions: Collection[str], cause: str, first: int) -> int:
    """How often a cause happened to somebody whom nobody knows."""
    query = select(func.count()).where(
        _since(actions, first), audit_event.c.customer_key.is_(None), _cause(connection) == cause
    )
    count: int = connection.execute(query).scalar_one()
    return count


def with_action(
    connection: Connection,
    actions: Collection[str],
    first: int,
    *,
    but_not: Collection[str] = (),
    limit: int,
    offset: int,
) -> list[OfCustomer]:
    """The customers to whom one of ``actions`` happened and none of ``but_not``, the last one first."""
    query = _by_customer(actions, first)
    if but_not:
        query = query.where(~_also(but_not, first))
    return _customers(connection, query, limit, offset)


def count_with_action(
    connection: Connection, actions: Collection[str], first: int, but_not: Collection[str]
) -> int:
    """How many customers :func:`with_action` lists."""
    query = select(func.count(audit_event.c.customer_key.distinct()))
    count: int = connection.execute(query.where(_since(actions, first), ~_also(but_not, first))).scalar_one()
    return count


def drafts(connection: Connection, now: datetime) -> tuple[int, int]:
    """How many people are on screen 2 now, and how many on screen 3."""
    alive = signup_draft.c.expires_at > now
    query = select(func.count(), func.count(signup_draft.c.login_id)).where(alive)
    all_, confirming = connection.execute(query).one()
    return all_ - confirming, confirming


def pending(connection: Connection) -> tuple[int, int]:
    """How many provisional registrations wait for their mail, and how many for the activation."""
    waits = registration.c.state == RegistrationState.PENDING.value
    query = select(func.count(), func.count(registration.c.handed_over_at)).where(waits)
    all_, mailed = connection.execute(query).one()
    return all_ - mailed, mailed


def pending_list(connection: Connection, *, mailed: bool, limit: int, offset: int) -> list[OfCustomer]:
    """The customers of these, the one who waits longest first."""
    at = registration.c.handed_over_at
    query = (
        select(registration.c.customer_key, registration.c.created_at)
        .where(
            registration.c.state == RegistrationState.PENDING.value,
            at.is_not(None) if mailed else at.is_(None),
        )
        .order_by(registration.c.created_at, registration.c.customer_key)
    )
    rows = connection.execute(query.limit(limit).offset(offset))
    return [OfCustomer(row.customer_key, instant_text(row.created_at), 1) for row in rows]


def count_mails(connection: Connection, *, due_before: datetime) -> tuple[int, int]:
    """How many mails wait, and how many of them should be out by now."""
    waits = outbox.c.state == mails.WAITING
    late = and_(waits, outbox.c.enqueued_at < due_before)
    return (
        connection.execute(select(func.count()).select_from(outbox).where(waits)).scalar_one(),
        connection.execute(select(func.count()).select_from(outbox).where(late)).scalar_one(),
    )


def mail_list(
    connection: Connection, states: Collection[str], *, limit: int, offset: int
) -> Sequence[RowMapping]:
    """Mails in these states, the newest first."""
    query = select(outbox).where(outbox.c.state.in_(states)).order_by(outbox.c.id.desc())
    return connection.execute(query.limit(limit).offset(offset)).mappings().all()


def outages(connection: Connection) -> Sequence[RowMapping]:
    """The mail servers with which no conversation comes about."""
    return connection.execute(select(mail_outage).order_by(mail_outage.c.since)).mappings().all()


def recently(connection: Connection, actions: Collection[str], first: int, limit: int) -> list[str]:
    """The customers to whom one of ``actions`` happened since then, the last one first."""
    query = _by_customer(actions, first)
    return [row.customer_key for row in _customers(connection, query, limit, 0)]


def waits_by_name(connection: Connection, now: datetime, limit: int) -> set[tuple[str, str]]:
    """The counters (scope and HMAC) whose wait is in force."""
    query = select(throttle.c.scope, throttle.c.key).where(throttle.c.waits_until > now).limit(limit)
    return {(row.scope, row.key) for row in connection.execute(query)}


def owners(connection: Connection, customer_keys: Collection[str]) -> dict[str, RowMapping]:
    """By customer the login that owns it; without those that have none."""
    query = (
        select(account, account_customer.c.customer_key)
        .join(account_customer, account_customer.c.account_id == account.c.id)
        .where(account_customer.c.customer_key.in_(customer_keys), account_customer.c.role == "owner")
    )
    return {row["customer_key"]: row for row in connection.execute(query).mappings()}


def waits(connection: Connection, now: datetime) -> dict[str, tuple[int, datetime]]:
    """By scope how many waits are in force, and when the last one ends."""
    query = select(
        throttle.c.scope, func.count().label("many"), func.max(throttle.c.waits_until).label("until")
    )
    in_force = query.where(throttle.c.waits_until > now).group_by(throttle.c.scope)
    return {row.scope: (row.many, row.until) for row in connection.execute(in_force)}


def batches(connection: Connection) -> dict[str, int]:
    """How many batches there are in each state."""
    query = select(batch.c.state, func.count().label("many")).group_by(batch.c.state)
    return {row.state: row.many for row in connection.execute(query)}


def batch_list(connection: Connection, *, limit: int, offset: int) -> Sequence[RowMapping]:
    """The newest batches first."""
    query = select(batch).order_by(batch.c.id.desc()).limit(limit).offset(offset)
    return connection.execute(query).mappings().all()


def looks(connection: Connection, day: Any) -> list[RowMapping]:
    """How much each member of staff looked at on a day: name, kind, times."""
    query = (
        select(staff.c.name, staff.c.id, staff_look_count.c.kind, staff_look_count.c.times)
        .join(staff, staff.c.id == staff_look_count.c.staff_id)
        .where(staff_look_count.c.day == day)
        .order_by(staff.c.name, staff.c.id)
    )
    return list(connection.execute(query).mappings())


def _since(actions: Collection[str], first: int) -> ColumnElement[bool]:
    return and_(audit_event.c.action.in_(sorted(actions)), audit_event.c.seq >= first)


def _also(actions: Collection[str], first: int) -> ColumnElement[bool]:
    """The same customer also did one of these since then."""
    other = audit_event.alias("other")
    return exists().where(
        other.c.customer_key == audit_event.c.customer_key,
        other.c.action.in_(sorted(actions)),
        other.c.seq >= first,
    )


def _cause(connection: Connection) -> ColumnElement[Any]:
    # Once for all places of a query: a bound name would be another parameter in each of them.
    if connection.dialect.name == "postgresql":
        return literal_column("(audit_event.facts::jsonb ->> 'cause')", Text)
    return literal_column("json_extract(audit_event.facts, '$.cause')", Text)


def _by_customer(actions: Collection[str], first: int) -> Select[Any]:
    return (
        select(
            audit_event.c.customer_key,
            func.max(audit_event.c.at).label("last"),
            func.count().label("times"),
        )
        .where(_since(actions, first), audit_event.c.customer_key.is_not(None))
        .group_by(audit_event.c.customer_key)
    )


def _customers(connection: Connection, query: Select[Any], limit: int, offset: int) -> list[OfCustomer]:
    last = literal_column("last", Text)
    rows = connection.execute(
        query.order_by(last.desc(), audit_event.c.customer_key).limit(limit).offset(offset)
    )
    return [OfCustomer(row.customer_key, row.last, row.times) for row in rows]
