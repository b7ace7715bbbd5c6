"""What staff ask of a customer that no other page does."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from mypage.store.schema import account_customer, audit_event, login_session, registration, released_customer


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
