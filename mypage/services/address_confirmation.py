"""An address that mails do not reach: known from a refusal, told at the next login, confirmed anew by a link.

Specification §4: an address that bounced for good serves no recovery until confirmed anew, for it may belong to
somebody else some day. The link opens a page of the account that is logged in, so it confirms nothing for whoever
reads the mail only.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mypage.domain.link import Link, LinkState
from mypage.domain.recovery import CONFIRMATION_LIFE, LinkFacts
from mypage.domain.signup_mail import Limit
from mypage.domain.trail import Action
from mypage.services import recovery_mail, trail
from mypage.services.account_link import ADDRESS_CONFIRMATION
from mypage.store import accounts
from mypage.store import outbox as mails
from mypage.store.raw import Source

KIND = "address_confirmation"


@dataclass(frozen=True)
class Address:
    """The account's address as its page tells it.

    ``refused_at``: since when mails do not arrive, None where they do. ``asked_at``, ``handed_over_at`` and ``refused``
    are of the mail for its confirmation, if one was asked for in the last 24 hours.
    """

    email: str
    refused_at: datetime | None
    asked_at: datetime | None
    handed_over_at: datetime | None
    refused: bool


@dataclass(frozen=True)
class Sent:
    """A mail with a link waits to go out."""


def give_up(connection: Connection, email: str, *, message_id: str, actor: str, now: datetime) -> None:
    """Mails to exactly this address are refused for good: it serves no recovery, for whichever account it stands."""
    for account_id in accounts.refuse_mail(connection, email, now):
        trail.record(
            connection,
            Action.ADDRESS_BOUNCED,
            actor=actor,
            now=now,
            account_id=account_id,
            message_id=message_id,
        )


def is_refused(source: Source, account_id: str) -> bool:
    """Whether mails to the account do not arrive. Reads only."""
    return accounts.mail_refused_at(source, account_id) is not None


def address(connection: Connection, account_id: str, now: datetime) -> Address:
    """What is known of the address. Raises ``LookupError`` where the account is gone. Reads only."""
    account = accounts.by_id(connection, account_id)
    if account is None:
        raise LookupError("the account of a live session is gone")
    mail = mails.newest_of_account(connection, account_id, KIND, since=now - CONFIRMATION_LIFE)
    return Address(
        email=account["email"],
        refused_at=account["mail_refused_at"],
        asked_at=None if mail is None else mail["enqueued_at"],
        handed_over_at=None if mail is None else mail["handed_over_at"],
        refused=mail is not None and mail["state"] in (mails.REFUSED, mails.GIVEN_UP),
    )


def ask(connection: Connection, account_id: str, *, secret: str, now: datetime) -> Sent | Limit:
    """Write the mail with the link, as the account itself asks. Raises ``LookupError`` where that is gone."""
    account = accounts.lock(connection, account_id)
    if account is None:
        raise LookupError("the account of a live session is gone")
    actor = f"account:{account_id}"
    limit = recovery_mail.limit(connection, account["email"], account_id=account_id, secret=secret, now=now)
    if limit is not None:
        trail.record(
            connection,
            Action.ADDRESS_CONFIRMATION_REFUSED,
            actor=actor,
            now=now,
            account_id=account_id,
            reason="limited",
        )
        return limit
    recovery_mail.send_link(connection, ADDRESS_CONFIRMATION, account, KIND, secret=secret, now=now)
    trail.record(connection, Action.ADDRESS_CONFIRMATION_SENT, actor=actor, now=now, account_id=account_id)
    return Sent()


def look(connection: Connection, account_id: str, token: LinkFacts | None, now: datetime) -> Link | None:
    """What a link is worth; None where it is another account's. Reads only."""
    if token is not None and token.account_id != account_id:
        return None
    return ADDRESS_CONFIRMATION.look(connection, token, now)


def confirm(
    connection: Connection, account_id: str, token: LinkFacts | None, *, now: datetime
) -> Link | None:
    """Trust the address again, once. The link as it was found: good where that was done; None where another's."""
    accounts.lock(connection, account_id)
    link = look(connection, account_id, token, now)
    if token is not None and link is not None and link.state is LinkState.GOOD:
        accounts.trust_mail(connection, account_id)
        ADDRESS_CONFIRMATION.use_up(connection, token)
        trail.record(
            connection,
            Action.ADDRESS_CONFIRMED,
            actor=f"account:{account_id}",
            now=now,
            account_id=account_id,
        )
    return link
