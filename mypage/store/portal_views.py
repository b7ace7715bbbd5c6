"""The portal as the subscriber sees it, opened by staff."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from mypage.store.schema import portal_view


def open_view(connection: Connection, row: dict[str, Any]) -> None:
    """Write a view that begins."""
    connection.execute(insert(portal_view).values(**row))


def current_view(
    connection: Connection, customer_key: str, staff_id: str, now: datetime
) -> RowMapping | None:
    """The newest view of a customer that this member of staff has open."""
    query = (
        select(portal_view)
        .where(
            portal_view.c.customer_key == customer_key,
            portal_view.c.staff_id == staff_id,
            portal_view.c.ended_at.is_(None),
            portal_view.c.until > now,
        )
        .order_by(portal_view.c.opened_at.desc(), portal_view.c.id)
        .limit(1)
    )
    return connection.execute(query).mappings().first()


def end_views(connection: Connection, customer_key: str, staff_id: str, now: datetime) -> list[str]:
    """End the views of a customer that this member of staff has open; their ids."""
    ended = (
        update(portal_view)
        .where(
            portal_view.c.customer_key == customer_key,
            portal_view.c.staff_id == staff_id,
            portal_view.c.ended_at.is_(None),
            portal_view.c.until > now,
        )
        .values(ended_at=now)
    )
    return list(connection.scalars(ended.returning(portal_view.c.id)))


def views_of_account(connection: Connection, account_id: str, limit: int) -> Sequence[datetime]:
    """When staff opened the portal as this account sees it, the newest first."""
    query = (
        select(portal_view.c.opened_at)
        .where(portal_view.c.account_id == account_id)
        .order_by(portal_view.c.opened_at.desc())
        .limit(limit)
    )
    return list(connection.scalars(query))
