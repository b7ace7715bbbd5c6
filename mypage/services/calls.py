"""The call for which a member of staff looks and acts: noted once, good for one customer (specification §5).

An act asks :func:`current` and then :func:`use`. The name of whoever calls for the customer is in the trail's detail
only.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import support_call as rules
from mypage.domain.staff import actor
from mypage.domain.support_call import Caller, Verified
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.store import registrations
from mypage.store import support_calls as store

_CALLERS: Final = {caller.word: caller for caller in Caller}
_VERIFIED: Final = {verified.word: verified for verified in Verified}


@dataclass(frozen=True, slots=True)
class CallBack:
    """Who was reached at which of the master's two numbers (1 or 2), and when."""

    number: int
    reached: Caller
    at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """A call that is good now. ``code_proven_at``: when its caller read out the posted code."""

    id: str
    customer_key: str
    staff_id: str
    caller: Caller
    verified: tuple[Verified, ...]
    started_at: datetime
    ends_at: datetime
    call_back: CallBack | None = None
    code_proven_at: datetime | None = None

    @property
    def may_hand_over(self) -> bool:
        """Whether the caller was verified by more than the code that they read out."""
        return rules.may_hand_over(self.verified)

    @property
    def is_doubly_proven(self) -> bool:
        """Whether the master's phone was called back, or the posted code was right."""
        return self.call_back is not None or self.code_proven_at is not None


def caller_named(word: str) -> Caller | None:
    """The caller of that word; None where there is none."""
    return _CALLERS.get(word)


def verified_named(word: str) -> Verified | None:
    """The way of verifying of that word; None where there is none."""
    return _VERIFIED.get(word)


def current(connection: Connection, *, staff_id: str, customer_key: str, now: datetime) -> Call | None:
    """The call that is good for this customer and this member of staff; None where none was noted. Reads only."""
    row = store.open_call(connection, customer_key, staff_id)
    if row is None or rules.is_over(row["used_at"], row["ended_at"], now):
        return None
    return _call(row)


def use(connection: Connection, call: Call, *, now: datetime) -> None:
    """Something was done or shown for a call: it is good for half an hour from now."""
    store.change_open(connection, call.customer_key, call.staff_id, call.id, used_at=now)


def note(
    connection: Connection,
    *,
    staff_id: str,
    customer_key: str,
    caller: Caller,
    verified: Collection[Verified],
    name: str = "",
    now: datetime,
) -> Call:
    """Note with whom one speaks and how that person was verified, in place of what was noted before.

    ``name``: of whoever calls for the customer. Of two clicks the second one finds the call of the first.
    """
    registrations.lock(connection, customer_key)
    before = current(connection, staff_id=staff_id, customer_key=customer_key, now=now)
    ways = tuple(each for each in Verified if each in verified)
    if before is not None and before.started_at == now:
        return before
    store.change_open(connection, customer_key, staff_id, ended_at=now)
    row: dict[str, object] = {
        "customer_key": customer_key,
        "id": secrets.token_hex(8),
        "staff_id": staff_id,
        "caller": caller.word,
        "verified": [each.word for each in ways],
        "started_at": now,
        "used_at": now,
    }
    store.add(connection, row)
    trail.record(
        connection,
        Action.CALL_NOTED,
        actor=actor(staff_id),
        now=now,
        customer_key=customer_key,
        detail={"name": name} if name else None,
        call_id=row["id"],
        caller=caller.word,
        verified=row["verified"],
    )
    noted = store.open_call(connection, customer_key, staff_id)
    assert noted is not None  # noqa: S101 - it was written just now
    return _call(noted)


def end(connection: Connection, *, staff_id: str, customer_key: str, now: datetime) -> bool:
    """The caller hung up; False where no call was open."""
    call = current(connection, staff_id=staff_id, customer_key=customer_key, now=now)
    if call is None or not store.change_open(connection, customer_key, staff_id, call.id, ended_at=now):
        return False
    trail.record(
        connection,
        Action.CALL_ENDED,
        actor=actor(staff_id),
        now=now,
        customer_key=customer_key,
        call_id=call.id,
    )
    return True


def _call(row: RowMapping) -> Call:
    reached = row["reached_number"]
    return Call(
        id=row["id"],
        customer_key=row["customer_key"],
        staff_id=row["staff_id"],
        caller=_CALLERS[row["caller"]],
        verified=tuple(_VERIFIED[word] for word in row["verified"]),
        started_at=row["started_at"],
        ends_at=row["used_at"] + rules.UNUSED_FOR,
        call_back=None if reached is None else CallBack(reached, _CALLERS[row["reached"]], row["reached_at"]),
        code_proven_at=row["code_proven_at"],
    )
