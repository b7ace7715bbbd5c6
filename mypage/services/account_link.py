"""The links to what is an account's own: how they live and die, and what their delivery must know.

Each mail has a row with a serial of its own; of a purpose only the newest is good. The token carries the account's
mark besides (``domain.recovery``), so a password change, another address, or whatever ends the account's sessions
kills the link without knowing of it. A link to an account is one of ``services.mailed_links``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping

from mypage.domain import link as rules
from mypage.domain import recovery
from mypage.domain.link import Link, LinkState, NewestLink, ShownLink
from mypage.domain.recovery import LinkFacts
from mypage.services.outbox import OutboxMessage
from mypage.services.sessions import ACTIVE
from mypage.store import accounts
from mypage.store import recovery as store


@dataclass(frozen=True)
class AccountLink:
    """The links of one purpose: how long they are good, and the path before the token."""

    purpose: str
    life: timedelta
    PATH: str

    def open(self, connection: Connection, account: RowMapping, *, destination: str, now: datetime) -> int:
        """A new link in a mail to the account; all earlier ones are dead. Its serial."""
        row = {
            "purpose": self.purpose,
            "account_id": account["id"],
            "destination": destination,
            "enqueued_at": now,
        }
        return store.add_mail(connection, row)

    def mark(self, account: RowMapping) -> str:
        """The fact with which a link to the account dies."""
        return recovery.mark(
            self.purpose,
            password_hash=account["password_hash"],
            email=account["email"],
            stamp=account["stamp"],
        )

    def look(self, connection: Connection, token: LinkFacts | None, now: datetime) -> Link:
        """What a link is worth. Reads only."""
        if token is None:
            return Link(LinkState.BROKEN)
        account = accounts.by_id(connection, token.account_id)
        row = store.newest(connection, token.account_id, self.purpose)
        if account is None or row is None:
            return Link(LinkState.EXPIRED)
        newest = _facts(row, self.life)
        state = rules.state(newest, ShownLink(token.serial, token.signed_at), now)
        if state is LinkState.REPLACED:
            return Link(state, newest.handed_over_at or newest.enqueued_at)
        if state is LinkState.GOOD and not self._opens(account, token.mark):
            return Link(LinkState.EXPIRED)
        return Link(state)

    def use_up(self, connection: Connection, token: LinkFacts) -> None:
        """The link has done its work."""
        store.change(connection, token.serial, ended=LinkState.USED.value)

    def payload(self, mail: OutboxMessage) -> Mapping[str, object]:
        """The account, the serial and the mark."""
        return {"a": _account_of(mail), "s": mail.serial, "m": mail.facts["mark"]}

    def lock(self, connection: Connection, mail: OutboxMessage) -> None:
        """Wait for other deeds on the account."""
        accounts.lock(connection, _account_of(mail))

    def lives(self, connection: Connection, mail: OutboxMessage) -> bool:
        """Whether the mail's link is the newest, and the account is as it was when it was asked for."""
        account = accounts.by_id(connection, _account_of(mail))
        if account is None or self._open_row(connection, mail) is None:
            return False
        return self._opens(account, mail.facts["mark"])

    def handed_over(self, connection: Connection, mail: OutboxMessage, *, now: datetime) -> None:
        """The server took the mail: the link's life begins here."""
        row = self._open_row(connection, mail)
        if row is not None:
            store.change(connection, row["serial"], handed_over_at=now)

    def given_up(self, connection: Connection, mail: OutboxMessage, *, actor: str, now: datetime) -> None:
        """The mail was never handed over: the link ends."""
        row = self._open_row(connection, mail)
        if row is not None:
            store.change(connection, row["serial"], ended=LinkState.EXPIRED.value)

    def _opens(self, account: RowMapping, mark: str) -> bool:
        return account["state"] == ACTIVE and self.mark(account) == mark

    def _open_row(self, connection: Connection, mail: OutboxMessage) -> RowMapping | None:
        """The mail's own link, None where it is not the newest or has ended."""
        row = store.newest(connection, _account_of(mail), self.purpose)
        return row if row and row["serial"] == mail.serial and row["ended"] is None else None


PASSWORD_RESET: Final = AccountLink("password-reset", recovery.RESET_LIFE, "/recover/password/")
ADDRESS_CONFIRMATION: Final = AccountLink(
    "address-confirmation", recovery.CONFIRMATION_LIFE, "/recover/address/"
)


def _account_of(mail: OutboxMessage) -> str:
    return mail.account_id or ""  # the outbox takes no link without its owner


def _facts(row: RowMapping, life: timedelta) -> NewestLink:
    return NewestLink(
        serial=row["serial"],
        life=life,
        enqueued_at=row["enqueued_at"],
        handed_over_at=row["handed_over_at"],
        ended=None if row["ended"] is None else LinkState(row["ended"]),
    )
