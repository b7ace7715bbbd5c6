"""A mail of the outbox as the bytes that go out: its words, its link signed now, its headers."""

from contextlib import suppress
from datetime import datetime

from mypage.adapters.mail_message import compose
from mypage.adapters.mail_text import MailTexts
from mypage.adapters.tokens import Tokens
from mypage.config.settings import Settings
from mypage.services import notice_choice
from mypage.services.mailed_links import link_of
from mypage.services.outbox import OutboxMessage


class MailWriter:
    """Writes the mails of one operator."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens = Tokens(settings.secret_keys)
        self._texts = MailTexts(settings)
        self._ahead: tuple[int, bytes] | None = None

    def write_ahead(self, mail: OutboxMessage, now: datetime) -> None:
        """Have a mail ready when its turn comes; never one with a link, which is signed when it goes out.

        Raises nothing: what is wrong with a mail is found again when its turn comes.
        """
        self._ahead = None
        if mail.kind.link is None:
            with suppress(Exception):
                self._ahead = (mail.id, self._written(mail, now))

    def written(self, mail: OutboxMessage, now: datetime) -> bytes:
        """The mail as it goes out at ``now``; the same mail again has the same Message-ID and another token."""
        if self._ahead is not None and self._ahead[0] == mail.id:
            return self._ahead[1]
        return self._written(mail, now)

    def _written(self, mail: OutboxMessage, now: datetime) -> bytes:
        facts = dict(mail.facts)
        link = link_of(mail)
        if link is not None and mail.kind.link is not None:
            token = self._tokens.sign(mail.kind.link, link.payload(mail), now)
            facts["link"] = f"{self._settings.public_url}{link.PATH}{token}"
        return compose(
            self._texts.render(mail.kind.word, mail.language, facts),
            language=mail.language,
            sender_name=self._settings.operator_name,
            sender=self._settings.mail_from,
            recipient=mail.recipient,
            message_id=f"<{mail.message_id}@{self._settings.sender_domain}>",
            now=now,
            further=self._turning_off(mail, now) if mail.kind.can_be_turned_off else (),
        )

    def _turning_off(self, mail: OutboxMessage, now: datetime) -> list[tuple[str, str]]:
        """The headers by which a mail program offers to turn such mails off.

        At one press (RFC 8058) only where the portal speaks https, as that asks; else the link leads to a page.
        """
        payload = notice_choice.payload(mail.account_id or "", mail.recipient)
        token = self._tokens.sign(notice_choice.PURPOSE, payload, now)
        link = ("List-Unsubscribe", f"<{self._settings.public_url}{notice_choice.PATH}{token}>")
        if not self._settings.is_https:
            return [link]
        return [link, ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]
