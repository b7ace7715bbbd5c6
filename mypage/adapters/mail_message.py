"""A mail as the bytes that go to the server: plain text, UTF-8 in base64, so that nobody on its way needs to change it.

Written out instead of built by the standard library's message: that takes longer than all the rest of a mail's way,
and a mailing has a million of them. What of a header needs encoding is encoded by the library, once for each text.
"""

import base64
from collections.abc import Sequence
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from mypage.adapters.mail_text import MailText

_TOKYO = ZoneInfo("Asia/Tokyo")


def compose(
    text: MailText,
    *,
    language: str,
    sender_name: str,
    sender: str,
    recipient: str,
    message_id: str,
    now: datetime,
    further: Sequence[tuple[str, str]] = (),
) -> bytes:
    """The mail as bytes; ``further`` are headers of its own. Raises ``ValueError`` for a header that holds a line break."""
    head = (
        _from(sender_name, sender),
        _encoded("Subject", text.subject),
        _plain("To", recipient),
        _plain("Date", _date(now.replace(microsecond=0))),
        _plain("Message-ID", message_id),
        b"Auto-Submitted: auto-generated\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: base64\r\n"
        b"MIME-Version: 1.0\r\n",
        _plain("Content-Language", language),
        *(_plain(name, value) for name, value in further),
    )
    body = base64.encodebytes(text.body.replace("\n", "\r\n").encode())
    return b"".join((*head, b"\r\n", body.replace(b"\n", b"\r\n")))


def _plain(name: str, value: str) -> bytes:
    """A header as it is; one that is not plain is left to the library, which encodes or refuses it."""
    if value.isascii() and value.isprintable():
        return f"{name}: {value}\r\n".encode("ascii")
    return _encoded(name, value)


@lru_cache(maxsize=256)
def _encoded(name: str, value: str) -> bytes:
    return _header(name, value)


@lru_cache(maxsize=16)
def _from(name: str, address: str) -> bytes:
    return _header("From", Address(display_name=name, addr_spec=address))


@lru_cache(maxsize=4)
def _date(second: datetime) -> str:
    return format_datetime(second.astimezone(_TOKYO))


def _header(name: str, value: str | Address) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message[name] = value
    return message.as_bytes().removesuffix(b"\r\n")
