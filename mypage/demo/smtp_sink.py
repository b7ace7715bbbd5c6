"""The demo's own mail server: takes every mail over SMTP and keeps it in a Maildir, for ``/dev/mailbox``."""

import mailbox
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from mypage.command import settings
from mypage.config.values import LOOPBACK_HOSTS


class MaildirHandler:
    """Keeps the bytes of each mail as they came, with the address that they were delivered to above them."""

    def __init__(self, folder: Path) -> None:
        self._maildir = mailbox.Maildir(folder, create=True)
        self._one_at_a_time = threading.Lock()

    async def handle_DATA(  # noqa: N802 - aiosmtpd's own name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take one mail."""
        to = ", ".join(envelope.rcpt_tos)
        content = envelope.content
        whole = content if isinstance(content, bytes) else (content or "").encode()
        with self._one_at_a_time:
            self._maildir.add(f"Delivered-To: {to}\r\n".encode("ascii", errors="replace") + whole)
        return "250 2.0.0 OK: kept in the mailbox"


class SmtpSink:
    """A mail server on this very machine. ``with SmtpSink(folder, port):``"""

    def __init__(self, folder: Path, port: int, host: str = "127.0.0.1") -> None:
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        self._controller = Controller(
            MaildirHandler(folder), hostname=host, port=port, ident="MyPage demo", data_size_limit=1_000_000
        )

    def __enter__(self) -> "SmtpSink":
        self._controller.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()


@click.command("demo-mail-server")
def demo_mail_server_command() -> None:
    """見本のメールサーバー / The demo's mail server (MYPAGE_SMTP_URL, MYPAGE_MAILBOX)."""
    found = settings()
    if not found.demo or found.mailbox is None or found.smtp.host not in LOOPBACK_HOSTS:
        click.echo("これは見本のためのメールサーバーです。`./run` で見本を動かしてください。", err=True)
        sys.exit(2)
    ended = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with SmtpSink(found.mailbox, found.smtp.port):
        ended.wait()
