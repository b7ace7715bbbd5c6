"""The mail of the provisional registration: how many may go out, counted apart from the outbox, and its writing."""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from mypage.config.settings import Settings
from mypage.domain import signup_mail as rules
from mypage.domain.signup_mail import AskedMail, Limit
from mypage.services import outbox
from mypage.store import registrations

KIND, KIND_BY_PHONE = "provisional_registration", "provisional_registration_by_phone"


def wanted(email: str, *, settings: Settings, replaces: bool, now: datetime) -> AskedMail:
    """A mail as it is counted: its address as a stand-in, the same however its letters are written."""
    return AskedMail(now, destination(email, secret=settings.secret_keys[0]), replaces)


def destination(email: str, *, secret: str) -> str:
    """What stands for an address where mails are counted."""
    named = f"destination\n{email.casefold()}".encode()
    return hmac.new(secret.encode(), named, sha256).hexdigest()


def limit(connection: Connection, customer_key: str, mail: AskedMail) -> Limit | None:
    """The limit that ``mail`` would break, None if it may go out. Held until the end of the transaction."""
    since = mail.at - rules.WINDOW
    registrations.lock_destination(connection, mail.destination)
    registrations.forget_mails(connection, customer_key, since)
    asked = [AskedMail(*row) for row in registrations.mails_of_customer(connection, customer_key, since)]
    return rules.limit(
        mail,
        asked,
        registrations.mails_to(connection, mail.destination, since),
        registrations.replacements_to(connection, mail.destination, since),
    )


def send(
    connection: Connection,
    mail: AskedMail,
    *,
    customer_key: str,
    registration_id: str,
    serial: int,
    email: str,
    language: str,
    by_phone: bool,
) -> None:
    """Write the mail with the link of ``serial``, and count it. ``by_phone``: staff signed the person up."""
    registrations.add_mail(
        connection,
        {
            "customer_key": customer_key,
            "at": mail.at,
            "serial": serial,
            "destination": mail.destination,
            "replaces": mail.replaces,
        },
    )
    outbox.enqueue(
        connection,
        KIND_BY_PHONE if by_phone else KIND,
        recipient=email,
        language=language,
        facts={},
        now=mail.at,
        customer_key=customer_key,
        registration_id=registration_id,
        serial=serial,
    )
