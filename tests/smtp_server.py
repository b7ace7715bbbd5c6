"""A real mail server for tests, with manners that can be changed while it runs.

    with MailServer() as server:
        server.manners.rcpt = "450 4.2.1 mailbox busy"
        …
        server.mails[0].body

``stop()`` and ``start()`` make an outage at the same port.
"""

import asyncio
import contextlib
import email
import email.policy
import logging
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

# What it logs of connections that a test breaks off is of no use.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Manners:
    """How the server behaves. Replies that are None are friendly.

    ``breaks_off``: None, ``mail``, ``rcpt``, ``data`` (before it says 354), ``lost`` (after the whole mail, which it
    did not keep) or ``kept`` (after the whole mail, which it kept).
    """

    mail: str | None = None
    rcpt: str | None = None
    text: str | None = None
    breaks_off: str | None = None
    # Where it falls silent, the connection kept open: ``greeting``, ``ehlo``, ``mail``, ``rcpt``, ``data``, ``text``
    # (the whole mail came, it did not keep it), ``kept`` (it did), ``rset``, ``quit``.
    hangs: str | None = None
    # Seconds before the answer to the whole mail.
    thinks: float = 0
    # Called with each kept mail before the server says 250.
    before_250: Callable[["KeptMail"], None] | None = None
    # Called with each recipient; what it returns is the reply to RCPT.
    by_recipient: Callable[[str], str | None] | None = None


@dataclass(frozen=True)
class KeptMail:
    """A mail as it came: the envelope, and the bytes."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail as a mail program reads it."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def body(self) -> str:
        """What a person reads."""
        return str(self.message.get_content()).replace("\r\n", "\n")

    @property
    def link(self) -> str:
        """The one link of the mail; it must stand alone on its line."""
        (found,) = [line for line in self.body.splitlines() if "://" in line]
        assert found.startswith("http"), found
        assert " " not in found, found
        return found


@dataclass
class MailServer:
    """The server. ``login``: the only name and password that it takes; ``tls``/``starttls``: its certificate."""

    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    starttls: ssl.SSLContext | None = None
    manners: Manners = field(default_factory=Manners)
    mails: list[KeptMail] = field(default_factory=list)
    # The recipients of mails that it kept without ever saying so.
    kept_and_broken_off: list[str] = field(default_factory=list)
    # The recipients of mails that it kept, after which the other side said not a single word: nobody can know there
    # whether its answer was heard.
    unfollowed: list[str] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _controller: "_Controller | None" = None

    def __enter__(self) -> Self:
        self.port = free_port()
        self.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to listen."""
        self._controller = _Controller(self)
        before = self.connections
        self._controller.start()
        # Starting makes one connection of its own, which under TLS never gets as far as a conversation.
        while self.tls is None and (self.connections == before or self._controller.open):
            time.sleep(0.005)
        self.connections = before

    def stop(self) -> None:
        """End, and break off what is being said."""
        if self._controller is not None:
            self.hang_up()
            # A handshake that failed in the midst of a conversation is never told to be over.
            self._is_left_within(0.5)
            self._controller.stop()
            self._controller = None

    def hang_up(self) -> None:
        """Close every open connection, as a server does with those who are silent for long."""
        assert self._controller is not None
        for session in list(self._controller.open):
            self._controller.loop.call_soon_threadsafe(session.transport.close)

    def wait_until_left(self) -> None:
        """Wait until every connection is closed, as after the death of whoever opened it."""
        assert self._is_left_within(10), "somebody is still there"

    def _is_left_within(self, seconds: float) -> bool:
        assert self._controller is not None
        until = time.monotonic() + seconds
        while self._controller.open and time.monotonic() < until:
            time.sleep(0.002)
        return not self._controller.open

    def url(self, scheme: str = "smtp", *, login: str = "", host: str = "127.0.0.1") -> str:
        """The value for MYPAGE_SMTP_URL."""
        return f"{scheme}://{login + '@' if login else ''}{host}:{self.port}"


class _Controller(Controller):
    def __init__(self, server: MailServer) -> None:
        self._server = server
        self.open: set[Any] = set()
        super().__init__(_Handler(server), hostname="127.0.0.1", port=server.port, ssl_context=server.tls)

    def factory(self) -> SMTP:
        return _Smtp(self._server, self)

    def _trigger_server(self) -> None:
        # The usual trial speaks to the server, which a TLS server with our own authority would not understand.
        with socket.create_connection(("127.0.0.1", self._server.port), timeout=5):
            pass


class _Smtp(SMTP):
    def __init__(self, server: MailServer, controller: _Controller) -> None:
        self._mail_server = server
        self._controller = controller

        def authenticate(_smtp: SMTP, _s: Session, _e: Envelope, _mechanism: str, said: Any) -> AuthResult:
            wanted = tuple(word.encode() for word in server.login or ())
            return AuthResult(
                success=isinstance(said, LoginPassword) and (said.login, said.password) == wanted,
                handled=False,
            )

        super().__init__(
            _Handler(server),
            loop=controller.loop,
            tls_context=server.starttls,
            require_starttls=server.starttls is not None,
            authenticator=authenticate if server.login else None,
            auth_required=server.login is not None,
            auth_require_tls=False,
            hostname="mail.test",
        )

    def connection_made(self, transport: Any) -> None:
        self._mail_server.connections += 1
        self._controller.open.add(self)
        self.kept: KeptMail | None = None
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.kept is not None:
            self._mail_server.unfollowed.append(self.kept.recipient)
        self._controller.open.discard(self)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        await self._hang("greeting")
        await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - the library's own name
        await self._hang("ehlo")
        await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        self.kept = None
        await self._hang("mail")
        await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await self._hang("rcpt")
        await super().smtp_RCPT(arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        self.kept = None
        await self._hang("rset")
        await super().smtp_RSET(arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        self.kept = None
        await self._hang("quit")
        await super().smtp_QUIT(arg)

    async def _hang(self, where: str) -> None:
        while self._mail_server.manners.hangs == where:
            await asyncio.sleep(0.01)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._hang("data")
        if self._mail_server.manners.breaks_off == "data":
            _break_off(self)
            return
        await super().smtp_DATA(arg)


def _break_off(conversation: SMTP) -> None:
    assert isinstance(conversation.transport, asyncio.Transport)
    conversation.transport.abort()


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        manners = self._server.manners
        if manners.breaks_off == "mail":
            _break_off(server)
        if manners.mail:
            return manners.mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        manners = self._server.manners
        if manners.breaks_off == "rcpt":
            _break_off(server)
        refused = manners.by_recipient(address) if manners.by_recipient else manners.rcpt
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        manners = self._server.manners
        if manners.thinks:
            await asyncio.sleep(manners.thinks)
        if manners.hangs == "text":
            await server._hang("text")  # type: ignore[attr-defined]
            return "451 4.3.0 too late"
        if manners.breaks_off == "lost":
            _break_off(server)
            return "451 4.3.0 broken off"
        if manners.text:
            return manners.text
        content = envelope.content
        kept = KeptMail(
            str(envelope.mail_from),
            ", ".join(envelope.rcpt_tos),
            content if isinstance(content, bytes) else b"",
        )
        self._server.mails.append(kept)
        server.kept = kept  # type: ignore[attr-defined]
        await server._hang("kept")  # type: ignore[attr-defined]
        if manners.breaks_off == "kept":
            self._server.kept_and_broken_off.append(kept.recipient)
            _break_off(server)
        if manners.before_250:
            await asyncio.to_thread(manners.before_250, kept)
        return f"250 2.0.0 queued as {len(self._server.mails)}"


@contextlib.contextmanager
def silent_server() -> Any:
    """A port where connections are taken and nothing is ever said."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]
