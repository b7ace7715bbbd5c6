"""A member of staff opens a customer's page: nothing changes for the customer, and it is never forgotten."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.personal import Personal
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import staff_looks, trail


def opened(
    connection: Connection,
    *,
    customer_key: str,
    staff_id: str,
    revealed: Collection[Personal],
    limit: int,
    now: datetime,
) -> None:
    """Keep who looked, at which facts that stood open; ``limit``: so many customers a day are nothing unusual."""
    staff_looks.opened(connection, staff_id=staff_id, customer_key=customer_key, limit=limit, now=now)
    trail.record(
        connection,
        Action.CUSTOMER_OPENED,
        actor=actor(staff_id),
        now=now,
        customer_key=customer_key,
        revealed=sorted(fact.word for fact in revealed),
    )
