"""[表示する]: what is personal stands open before one member of staff, for one customer, as long as the call lasts.

Each reveal leaves a row of the trail that names the facts; each page that shows them says so in its own row
(``customer_looks``). What they say is in neither.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.personal import Personal, named
from mypage.domain.staff import actor
from mypage.domain.trail import Action
from mypage.services import calls, trail
from mypage.services.calls import Call
from mypage.store import reveals as store


def reveal(connection: Connection, call: Call, facts: Collection[Personal], *, now: datetime) -> bool:
    """Let facts stand open; False where they all did already, and nothing is written."""
    calls.use(connection, call, now=now)
    fresh = store.reveal(connection, call.customer_key, call.id, [fact.word for fact in facts], now)
    if not fresh:
        return False
    trail.record(
        connection,
        Action.CUSTOMER_REVEALED,
        actor=actor(call.staff_id),
        now=now,
        customer_key=call.customer_key,
        fields=fresh,
        call_id=call.id,
    )
    return True


def of_call(connection: Connection, call: Call | None) -> frozenset[Personal]:
    """The facts that stand open; none without a call."""
    if call is None:
        return frozenset()
    words = store.revealed(connection, call.customer_key, call.id)
    return frozenset(fact for word in words if (fact := named(word)) is not None)
