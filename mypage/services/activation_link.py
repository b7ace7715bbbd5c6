"""The link of the signup's mail, as its delivery sees it (one of ``services.mailed_links``).

The 24 hours of a registration begin with the server's 250 (specification §2, §7); one whose mail was never handed
over ends with it (decisions "Activation token": after 72 hours).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain.activation import LINK_LIFE, RegistrationState
from mypage.services import lapse
from mypage.services.outbox import OutboxMessage
from mypage.store import login_names, registrations

PATH: Final = "/signup/activate/"


def payload(mail: OutboxMessage) -> Mapping[str, object]:
    """The registration and its serial."""
    return {"r": mail.registration_id, "s": mail.serial}


def lock(connection: Connection, mail: OutboxMessage) -> None:
    """Wait for other deeds on the customer's registration."""
    if mail.customer_key is not None:
        registrations.lock(connection, mail.customer_key)


def lives(connection: Connection, mail: OutboxMessage) -> bool:
    """Whether the registration is pending with the mail's serial."""
    return _registration(connection, mail) is not None


def handed_over(connection: Connection, mail: OutboxMessage, *, now: datetime) -> None:
    """The server took the mail: the registration and its claim on the login id last 24 hours from here."""
    found = _registration(connection, mail)
    if found is None:
        return
    ends = now + LINK_LIFE
    registrations.change(
        connection, found["registration_id"], found["serial"], handed_over_at=now, expires_at=ends
    )
    login_names.extend(
        connection,
        found["login_key"],
        claimed_by=login_names.claim_of(found["customer_key"]),
        expires_at=ends,
    )


def given_up(connection: Connection, mail: OutboxMessage, *, actor: str, now: datetime) -> None:
    """The mail was never handed over: the registration ends."""
    found = _registration(connection, mail)
    if found is not None:
        lapse.end(connection, found, reason="mail_given_up", actor=actor, now=now)


def _registration(connection: Connection, mail: OutboxMessage) -> RowMapping | None:
    """The registration that the mail's link would open; None when it was replaced, activated or ended."""
    if mail.registration_id is None:
        return None
    found = registrations.by_id(connection, mail.registration_id)
    alive = found and found["serial"] == mail.serial and found["state"] == RegistrationState.PENDING
    return found if alive else None
