"""Who of the staff looks at unusually many customers: counted by day, and told to the auditors once (specification §5).

Nobody is stopped by it: a caller waits, and a busy day looks the same at first. That it happened stands in the trail
and in a mail to each auditor, in the transaction of the look that was one too many.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from mypage.domain.mail import MailKind
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import outbox, trail
from mypage.store import staff_looks as store
from mypage.words.filters import TOKYO


class Look(StrEnum):
    """What is counted: searches, and customers who were opened (each once a day)."""

    SEARCH = "searches"
    CUSTOMER = "customers"


def searched(connection: Connection, *, staff_id: str, limit: int, now: datetime) -> None:
    """Count a search of somebody."""
    _count(connection, staff_id, Look.SEARCH, limit, now)


def opened(connection: Connection, *, staff_id: str, customer_key: str, limit: int, now: datetime) -> None:
    """Count a customer whom somebody opens; the same one again on that day is no further look."""
    if store.open_first(connection, staff_id, now.astimezone(TOKYO).date(), customer_key):
        _count(connection, staff_id, Look.CUSTOMER, limit, now)


def _count(connection: Connection, staff_id: str, look: Look, limit: int, now: datetime) -> None:
    day = now.astimezone(TOKYO).date()
    if store.count(connection, staff_id, day, look.value) > limit and store.told_first(
        connection, staff_id, day
    ):
        _tell(connection, staff_id, look, limit, now)


def _tell(connection: Connection, staff_id: str, look: Look, limit: int, now: datetime) -> None:
    told = store.who_is_told(connection)
    for _, recipient in told:
        outbox.enqueue(
            connection,
            MailKind.STAFF_LOOKED_MUCH.word,
            recipient=recipient,
            language="ja",
            facts={
                "name": store.name_of(connection, staff_id),
                "look": look.value,
                "limit": limit,
                "at": now.isoformat(),
            },
            now=now,
        )
    trail.record(
        connection,
        Action.STAFF_LOOKED_MUCH,
        actor=actor(staff_id),
        now=now,
        look=look.value,
        limit=limit,
        told=[each for each, _ in told],
    )
