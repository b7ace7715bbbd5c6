"""Handing mail over to the operator's mail server: one conversation for several mails.

What the server said is a value. Nothing here decides what follows from it.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Final, Self

from mypage.config.values import SmtpServer

# Seconds for a connection and for each answer. After the end of the text a server may think longer: whoever
# hangs up then sends twice (RFC 5321, 4.5.3.2.6).
PATIENCE: Final = 20.0
PATIENCE_AT_END: Final = 120.0
# From the first word about a mail until its text: whoever answers each question at the last moment is left, so that
# a mail is done with before its lease ends and another worker takes it.
LONGEST_BEGINNING: Final = 90.0
# Nobody waits for a goodbye.
_PATIENCE_TO_QUIT: Final = 1.0
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


class Conversation:
    """One conversation with the mail server, opened by the first mail and kept for those that follow.

    Use it as a context manager. Not for several threads.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        patience: float = PATIENCE,
        patience_at_end: float = PATIENCE_AT_END,
        longest_beginning: float = LONGEST_BEGINNING,
    ) -> None:
        self._server = server
        self._patience = patience
        self._patience_at_end = patience_at_end
        self._longest_beginning = longest_beginning
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """Say goodbye, if anything was said; the next mail opens another conversation."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        self._waiting(smtp, _PATIENCE_TO_QUIT)
        with suppress(OSError, smtplib.SMTPException):
            smtp.docmd("QUIT")
        smtp.close()

    def send(
        self, *, sender: str, recipient: str, message: bytes, meanwhile: Callable[[], None] = lambda: None
    ) -> Outcome:
        """Hand ``message`` over for ``recipient``. ``sender`` is the envelope's.

        ``meanwhile`` is called while the server thinks about the whole mail; it is short and does not raise.
        """
        until = monotonic() + self._longest_beginning
        if not _ADDRESS.fullmatch(recipient):
            return Refused("the address holds characters that cannot be sent")
        kept_open = self._smtp is not None
        outcome = self._begin(sender)
        if kept_open and isinstance(outcome, Unreachable):
            # The server has closed what was kept open since the last mail: nothing of this one was said yet.
            self.end()
            outcome = self._begin(sender)
        if isinstance(outcome, Unreachable):
            self.end()
            return outcome
        return self._hand_over(outcome, recipient, message, until, meanwhile)

    def _begin(self, sender: str) -> smtplib.SMTP | Unreachable:
        """Everything up to MAIL FROM: what fails here fails for every mail."""
        try:
            if self._smtp is None:
                self._smtp = self._connected()
            code, said = self._smtp.docmd("MAIL", f"FROM:<{sender}>")
        except (OSError, smtplib.SMTPException) as error:
            return Unreachable(_told(error))
        return self._smtp if _is_yes(code) else Unreachable(_reply(code, said))

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

    def _hand_over(
        self, smtp: smtplib.SMTP, recipient: str, message: bytes, until: float, meanwhile: Callable[[], None]
    ) -> Outcome:
        whole_mail_sent = recipient_taken = False
        try:
            code, said = smtp.docmd("RCPT", f"TO:<{recipient}>")
            if _is_yes(code):
                recipient_taken = True
                if monotonic() > until:
                    raise TimeoutError("the server took too long to begin")
                code, said = smtp.docmd("DATA")
                if code == 354:
                    self._waiting(smtp, self._patience_at_end)
                    smtp.send(_LEADING_DOT.sub(b"..", message) + b".\r\n")
                    whole_mail_sent = True
                    meanwhile()
                    code, said = smtp.getreply()
                    self._waiting(smtp, self._patience)
                    if _is_yes(code):
                        return Accepted(_reply(code, said))
        except (OSError, smtplib.SMTPException) as error:
            self.end()
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
            if self._smtp is not None and _is_yes(self._smtp.rset()[0]):
                return
        except (OSError, smtplib.SMTPException):
            pass
        self.end()


def _is_yes(code: int) -> bool:
    return 200 <= code < 300


def _reply(code: int, said: bytes) -> str:
    """A reply for staff."""
    return _legible(f"{code} {said.decode('utf-8', errors='replace')}")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _reply(error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    return _legible(f"{type(error).__name__}: {error}")


def _legible(words: str) -> str:
    """On one line, short, and nothing that a database would not take."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())[:300]
