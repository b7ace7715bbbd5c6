"""Handing mail over to the operator's mail server: the message, and one conversation for several of them.

What the server said is a value. Nothing here decides what follows from it.
"""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from mypage.adapters.mail_text import MailText
from mypage.config.values import SmtpServer

# Seconds for a connection and for each answer. After the end of the text a server may think longer: whoever
# hangs up then sends twice (RFC 5321, 4.5.3.2.6).
_PATIENCE = 20.0
_PATIENCE_AT_END = 120.0
_TOKYO = ZoneInfo("Asia/Tokyo")
# Any dots, as Japanese carriers issued them; nothing that means something to SMTP or to a header.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class Accepted:
    """The server took the mail over (250)."""

    reply: str


@dataclass(frozen=True)
class Refused:
    """The server will never take this mail (5xx); ``of_recipient``: said to its recipient, not to its text."""

    reply: str
    of_recipient: bool = False


@dataclass(frozen=True)
class Later:
    """The server did not take this mail now (4xx, or the conversation broke off before its end)."""

    reply: str


@dataclass(frozen=True)
class Unknown:
    """The conversation broke off after the whole mail was sent: it may have been taken or not."""

    reply: str


@dataclass(frozen=True)
class Unreachable:
    """No conversation came about (network, TLS, login, our sender refused): this says nothing about the mail."""

    reply: str


Outcome = Accepted | Refused | Later | Unknown | Unreachable


def compose(
    text: MailText,
    *,
    language: str,
    sender_name: str,
    sender: str,
    recipient: str,
    message_id: str,
    now: datetime,
) -> bytes:
    """The mail as bytes: plain text, UTF-8 in base64, so that no server on its way needs to change it.

    Raises ``ValueError`` for a header that holds a line break.
    """
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(display_name=sender_name, addr_spec=sender)
    message["To"] = recipient
    message["Subject"] = text.subject
    message["Date"] = format_datetime(now.astimezone(_TOKYO))
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.body, charset="utf-8", cte="base64")
    message["Content-Language"] = language
    return message.as_bytes()


class Conversation:
    """One conversation with the mail server, opened by the first mail and kept for those that follow.

    Use it as a context manager. Not for several threads.
    """

    def __init__(
        self, server: SmtpServer, *, patience: float = _PATIENCE, patience_at_end: float = _PATIENCE_AT_END
    ) -> None:
        self._server = server
        self._patience = patience
        self._patience_at_end = patience_at_end
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._end()

    def send(self, *, sender: str, recipient: str, message: bytes) -> Outcome:
        """Hand ``message`` over for ``recipient``. ``sender`` is the envelope's."""
        if not _ADDRESS.fullmatch(recipient):
            return Refused("the address holds characters that cannot be sent")
        kept_open = self._smtp is not None
        outcome = self._begin(sender)
        if kept_open and isinstance(outcome, Unreachable):
            # The server has closed what was kept open since the last mail: nothing of this one was said yet.
            self._end()
            outcome = self._begin(sender)
        if isinstance(outcome, Unreachable):
            self._end()
            return outcome
        return self._hand_over(outcome, recipient, message)

    def _begin(self, sender: str) -> smtplib.SMTP | Unreachable:
        """Everything up to MAIL FROM: what fails here fails for every mail."""
        try:
            if self._smtp is None:
                self._smtp = self._connected()
            code, said = self._smtp.docmd("MAIL", f"FROM:<{sender}>")
        except (OSError, smtplib.SMTPException) as error:
            return Unreachable(_told(error))
        return self._smtp if code == 250 else Unreachable(_reply(code, said))

    def _connected(self) -> smtplib.SMTP:
        where = self._server
        if where.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                where.host, where.port, timeout=self._patience, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(where.host, where.port, timeout=self._patience)
        try:
            if where.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if where.username is not None:
                smtp.login(where.username, where.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, recipient: str, message: bytes) -> Outcome:
        whole_mail_sent = recipient_taken = False
        try:
            code, said = smtp.docmd("RCPT", f"TO:<{recipient}>")
            if code in (250, 251):
                recipient_taken = True
                code, said = smtp.docmd("DATA")
                if code == 354:
                    self._waiting(smtp, self._patience_at_end)
                    smtp.send(_LEADING_DOT.sub(b"..", message) + b".\r\n")
                    whole_mail_sent = True
                    code, said = smtp.getreply()
                    self._waiting(smtp, self._patience)
                    if code == 250:
                        return Accepted(_reply(code, said))
        except (OSError, smtplib.SMTPException) as error:
            self._end()
            return Unknown(_told(error)) if whole_mail_sent else Later(_told(error))
        self._begin_anew()
        if 500 <= code < 600:
            return Refused(_reply(code, said), of_recipient=not recipient_taken)
        return Later(_reply(code, said))

    def _waiting(self, smtp: smtplib.SMTP, seconds: float) -> None:
        if smtp.sock is not None:
            smtp.sock.settimeout(seconds)

    def _begin_anew(self) -> None:
        """Forget a mail that was not taken; a server that does not answer to that is left."""
        try:
            if self._smtp is not None and self._smtp.rset()[0] == 250:
                return
        except (OSError, smtplib.SMTPException):
            pass
        self._end()

    def _end(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with suppress(OSError, smtplib.SMTPException):
            smtp.docmd("QUIT")
        smtp.close()


def _reply(code: int, said: bytes) -> str:
    """A reply for staff: on one line, short."""
    return " ".join(f"{code} {said.decode('utf-8', errors='replace')}".split())[:300]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _reply(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
