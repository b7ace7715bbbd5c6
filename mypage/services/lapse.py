"""Provisional registrations that nobody activated in time: they end, and hold no password any more.

A dead link says so by the rule of time alone (``domain.activation``); here the row follows, so that staff's timeline
tells when it ended and nothing of it is kept that could open anything (specification §2, "24 hours").
"""

from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.domain.activation import RegistrationState, void_at
from mypage.domain.trail import Action
from mypage.services import trail
from mypage.services.provisional import facts_of
from mypage.store import login_names, registrations


def end_if_lapsed(connection: Connection, customer_key: str, *, actor: str, now: datetime) -> bool:
    """End the customer's provisional registration if its time is over; False when it is not, or there is none."""
    registrations.lock(connection, customer_key)
    row = registrations.of_customer(connection, customer_key)
    if row is None or row["state"] != RegistrationState.PENDING or now < void_at(facts_of(row)):
        return False
    end(connection, row, reason="expired", actor=actor, now=now)
    return True


def end(connection: Connection, row: RowMapping, *, reason: str, actor: str, now: datetime) -> None:
    """End a pending registration and free its login id. Its lock is held by the caller."""
    registrations.change(
        connection,
        row["registration_id"],
        row["serial"],
        state=RegistrationState.VOID,
        ended_at=now,
        password_hash=None,
    )
    login_names.release(connection, row["login_key"], claimed_by=login_names.claim_of(row["customer_key"]))
    trail.record(
        connection,
        Action.REGISTRATION_VOIDED,
        actor=actor,
        now=now,
        customer_key=row["customer_key"],
        registration_id=row["registration_id"],
        reason=reason,
    )
