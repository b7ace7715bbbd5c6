"""The links that mails carry: each purpose has a module that says what its delivery must know.

A link is signed when its mail goes out, with its purpose as salt, so the token never rests in the database and an
outage of the mail server costs nobody the link's time (specification §7).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Connection

from mypage.services import account_link, activation_link, staff_invitation, staff_invitation_link
from mypage.services.outbox import OutboxMessage


class MailedLink(Protocol):
    """What a delivery asks of the link in a mail. ``PATH`` stands before the token."""

    @property
    def PATH(self) -> str: ...  # noqa: N802 - a constant of the module

    def payload(self, mail: OutboxMessage) -> Mapping[str, object]:
        """What the token says."""

    def lock(self, connection: Connection, mail: OutboxMessage) -> None:
        """Wait for other deeds on what the link opens."""

    def lives(self, connection: Connection, mail: OutboxMessage) -> bool:
        """Whether the link would open something. Reads only."""

    def handed_over(self, connection: Connection, mail: OutboxMessage, *, now: datetime) -> None:
        """The server took the mail. Locked."""

    def given_up(self, connection: Connection, mail: OutboxMessage, *, actor: str, now: datetime) -> None:
        """The mail was never handed over and never will be. Locked."""


_LINKS: Final[Mapping[str, MailedLink]] = {
    "activation": activation_link,
    staff_invitation.PURPOSE: staff_invitation_link,
    **{link.purpose: link for link in (account_link.PASSWORD_RESET, account_link.ADDRESS_CONFIRMATION)},
}


def link_of(mail: OutboxMessage) -> MailedLink | None:
    """The link that the mail carries, if any."""
    return None if mail.kind.link is None else _LINKS[mail.kind.link]
