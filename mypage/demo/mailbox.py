"""``/dev/mailbox``: the mails that the demo's mail server took, readable in the browser. Never outside the demo.

Whoever sees this page can activate any registration. So it answers to nobody but the machine's own browser: any
other Host and whatever came through a proxy get a 404 (specification §7).
"""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, abort, request

from mypage.config.values import LOOPBACK_HOSTS
from mypage.web.house import house
from mypage.web.pages import page

mailbox = Blueprint("mailbox", __name__, url_prefix="/dev")

_NEWEST = 50
_LINK = re.compile(r"https?://\S+")
# What proxies add, also those of clouds; names that begin with x-forwarded come on top.
_FORWARDING = (
    "cf-connecting-ip",
    "client-ip",
    "forwarded",
    "forwarded-for",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-host",
    "x-original-url",
    "x-real-ip",
)


@dataclass(frozen=True)
class Line:
    """A line of a mail; ``href`` where it is a link."""

    text: str
    href: str | None


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as its reader sees it."""

    number: int
    subject: str
    sender: str
    recipient: str
    at: datetime | None
    language: str
    lines: tuple[Line, ...]


@mailbox.before_request
def only_from_this_machine() -> None:
    """Refuse whoever is not the machine's own browser, before each request of such a page."""
    public = urlsplit(house().settings.public_url)
    asked = urlsplit(f"//{request.host}")
    try:
        here = asked.hostname in LOOPBACK_HOSTS and asked.port == public.port
    except ValueError:
        here = False
    forwarded = any(
        name.lower() in _FORWARDING or name.lower().startswith("x-forwarded")
        for name in request.headers.keys()  # noqa: SIM118 - iterating headers gives pairs
    )
    if not here or forwarded or not house().settings.demo:
        abort(404)


@mailbox.get("/mailbox")
def received() -> str:
    """The newest mails, the last one first."""
    settings = house().settings
    mails = newest(settings.mailbox, settings.public_url) if settings.mailbox else []
    return page("demo/mailbox.html", mails=mails)


def newest(folder: Path, public_url: str) -> list[ReceivedMail]:
    """The newest mails of a Maildir. Links to ``public_url`` become paths: they stay on the reader's own host."""
    found = [
        file
        for name in ("new", "cur")
        if (folder / name).is_dir()
        for file in (folder / name).iterdir()
        if not file.name.startswith(".")
    ]
    found.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
    return [
        _read(number, file.read_bytes(), public_url) for number, file in enumerate(found[:_NEWEST], start=1)
    ]


def _read(number: int, content: bytes, public_url: str) -> ReceivedMail:
    message = email.message_from_bytes(content, policy=email.policy.default)
    return ReceivedMail(
        number=number,
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        recipient=str(message["Delivered-To"] or message["To"] or ""),
        at=message["Date"].datetime if message["Date"] else None,
        language=str(message["Content-Language"] or "ja"),
        lines=tuple(_line(line, public_url) for line in _text(message).splitlines()),
    )


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    return body.get_content() if body is not None else ""


def _line(text: str, public_url: str) -> Line:
    if not _LINK.fullmatch(text.strip()):
        return Line(text, None)
    address = text.strip()
    ours = address.startswith(f"{public_url}/")
    return Line(address, address.removeprefix(public_url) if ours else address)
