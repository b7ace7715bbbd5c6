"""What staff ask of a customer that no other page does."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, or_, select

from mypage.domain.succession import Follows
from mypage.store.schema import (
    account_customer,
    audit_event,
    batch,
    login_session,
    registration,
    released_customer,
    succession,
)


def registrations(connection: Connection, keys: Sequence[str]) -> list[RowMapping]:
    """The registrations of a customer under all its keys, in whatever state, the newest first."""
    query = select(registration).where(registration.c.customer_key.in_(keys))
    newest_first = query.order_by(registration.c.created_at.desc(), registration.c.customer_key)
    return list(connection.execute(newest_first).mappings())


def links(connection: Connection, keys: Sequence[str], account_id: str) -> list[RowMapping]:
    """How an account has a customer under its keys, the oldest first."""
    query = select(account_customer).where(
        account_customer.c.customer_key.in_(keys), account_customer.c.account_id == account_id
    )
    oldest_first = query.order_by(account_customer.c.since, account_customer.c.customer_key)
    return list(connection.execute(oldest_first).mappings())


def releases(connection: Connection, keys: Sequence[str]) -> list[RowMapping]:
    """The releases of a customer whom nobody has registered since."""
    query = select(released_customer).where(released_customer.c.customer_key.in_(keys))
    return list(connection.execute(query).mappings())


def count_sessions(
    connection: Connection, account_id: str, stamp: str, *, touched_since: datetime, created_since: datetime
) -> int:
    """How many sessions of an account are alive."""
    query = (
        select(func.count())
        .select_from(login_session)
        .where(
            login_session.c.account_id == account_id,
            login_session.c.stamp == stamp,
            login_session.c.touched_at >= touched_since,
            login_session.c.created_at >= created_since,
        )
    )
    return int(connection.scalar(query) or 0)


def newest_staff_act(connection: Connection, keys: Sequence[str], *, looks: Collection[str]) -> int:
    """The number in the trail of the newest act of staff on a customer; 0 where there is none. ``looks`` are none."""
    query = select(func.max(audit_event.c.seq)).where(
        audit_event.c.customer_key.in_(keys),
        audit_event.c.actor.startswith("staff:"),
        audit_event.c.action.not_in(looks),
    )
    return int(connection.scalar(query) or 0)


def steps(connection: Connection, key: str) -> list[RowMapping]:
    """The published number changes that lead on from a key or to it, each as its old key has it last."""
    onward = succession.c.kind != Follows.CARRIED_FROM.value
    published = (
        select(succession, batch.c.pub_seq)
        .join(batch, batch.c.id == succession.c.batch_id)
        .where(batch.c.pub_seq.is_not(None), onward)
    )
    to_it = select(succession.c.customer_key).where(succession.c.other_key == key, onward)
    of_those = published.where(or_(succession.c.customer_key == key, succession.c.customer_key.in_(to_it)))
    rows = list(connection.execute(of_those).mappings())
    newest: dict[str, int] = {}
    for row in rows:
        newest[row["customer_key"]] = max(row["pub_seq"], newest.get(row["customer_key"], 0))
    found = [
        row
        for row in rows
        if key in (row["customer_key"], row["other_key"]) and row["pub_seq"] == newest[row["customer_key"]]
    ]
    return sorted(found, key=lambda row: (row["pub_seq"], row["customer_key"], row["other_key"]))


def customers_of(connection: Connection, account_id: str) -> list[str]:
    """The keys of all customers of an account."""
    query = select(account_customer.c.customer_key).where(account_customer.c.account_id == account_id)
    return list(connection.scalars(query.order_by(account_customer.c.customer_key)))
