"""The link in an invitation's mail (``services.mailed_links``): the row of its serial says whom it invites."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from mypage.domain.link import LinkState
from mypage.domain.staff import StaffState
from mypage.services import staff_invitation
from mypage.services.outbox import OutboxMessage
from mypage.store import staff as staff_store
from mypage.store import staff_invitations as store

PATH = staff_invitation.PATH


def payload(mail: OutboxMessage) -> Mapping[str, object]:
    """The serial and the mark."""
    return {"s": mail.serial, "m": mail.facts["mark"]}


def lock(connection: Connection, mail: OutboxMessage) -> None:
    """Wait for other deeds on the member."""
    row = _row(connection, mail)
    if row is not None:
        staff_store.lock(connection, row["staff_id"])


def lives(connection: Connection, mail: OutboxMessage) -> bool:
    """Whether the invitation is open, and the member still to come."""
    row = _row(connection, mail)
    member = None if row is None else staff_store.by_id(connection, row["staff_id"])
    return member is not None and member["state"] == StaffState.INVITED


def handed_over(connection: Connection, mail: OutboxMessage, *, now: datetime) -> None:
    """The server took the mail: the link's life begins here."""
    row = _row(connection, mail)
    if row is not None:
        store.change(connection, row["serial"], handed_over_at=now)


def given_up(connection: Connection, mail: OutboxMessage, *, actor: str, now: datetime) -> None:
    """The mail was never handed over: the link ends, and the list of staff says so."""
    row = _row(connection, mail)
    if row is not None:
        store.change(connection, row["serial"], ended=LinkState.EXPIRED.value)


def _row(connection: Connection, mail: OutboxMessage) -> RowMapping | None:
    """The mail's own invitation, None where it has ended."""
    row = store.by_serial(connection, mail.serial or 0)
    return row if row is not None and row["ended"] is None else None
