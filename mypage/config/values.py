"""How the text of a setting becomes its value. Each reader raises ``ValueError`` with a Japanese sentence."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from mypage.domain.billing_month import BillingMonth

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over. ``security`` is ``none``, ``starttls`` or ``tls``."""

    host: str
    port: int
    security: str
    username: str | None
    password: str | None


@dataclass(frozen=True)
class S3Server:
    """A bucket of an S3-compatible server. ``prefix`` stands before the names of all objects; it may be empty."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    key: str
    secret: str


def text(raw: str) -> str:
    """Any text."""
    return raw


def filled(raw: str) -> str:
    """A text that is not empty and stands on one line."""
    if not raw.strip() or "\n" in raw or "\r" in raw:
        raise ValueError("1行の文字を入れてください")
    return raw.strip()


def told(raw: str) -> tuple[str, ...]:
    r"""What the operator tells subscribers: paragraphs, one a line; a line may be an https address of theirs.

    Where a value cannot hold lines, ``\n`` stands for their ends.
    """
    lines = tuple(line.strip() for line in raw.replace("\\n", "\n").splitlines() if line.strip())
    if not lines:
        raise ValueError("案内の文か、https:// で始まるアドレスを入れてください")
    for line in lines:
        if line.startswith(("http://", "https://")) and not _is_https_address(line):
            raise ValueError("アドレスは https://www.example.jp/moving のように、1行に1つだけ入れてください")
    return lines


def _is_https_address(line: str) -> bool:
    try:
        return (
            line.startswith("https://") and bool(urlsplit(line).hostname) and not re.search(r"[\s\"<>]", line)
        )
    except ValueError:
        return False


def yes_no(raw: str) -> bool:
    """``true``/``yes``/``on``/``1`` or the opposite."""
    word = raw.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("true か false を入れてください")


def count(raw: str) -> int:
    """A whole number above zero."""
    if not re.fullmatch(r"[0-9]{1,9}", raw.strip()) or int(raw) < 1:
        raise ValueError("1以上の整数を入れてください")
    return int(raw)


def whole(raw: str) -> int:
    """A whole number, zero allowed."""
    if not re.fullmatch(r"[0-9]{1,9}", raw.strip()):
        raise ValueError("0以上の整数を入れてください")
    return int(raw)


def minutes(raw: str) -> timedelta:
    """A number of minutes above zero."""
    return timedelta(minutes=count(raw))


def hours(raw: str) -> timedelta:
    """A number of hours above zero."""
    return timedelta(hours=count(raw))


def days(raw: str) -> timedelta:
    """A number of days above zero."""
    if (found := count(raw)) > 36_500:
        raise ValueError("1から36500までの日数を入れてください")
    return timedelta(days=found)


def megabytes(raw: str) -> int:
    """A number of megabytes (of 1,048,576 bytes), as bytes."""
    if (found := count(raw)) > 1_000_000:
        raise ValueError("1から1000000までの整数を入れてください")
    return found << 20


def search_days(raw: str) -> timedelta:
    """Days that a search term may be kept: 90 at most (specification "security")."""
    if (days := count(raw)) > 90:
        raise ValueError("1から90までの日数を入れてください")
    return timedelta(days=days)


def detail_days(raw: str) -> timedelta:
    """Days that a personal detail is kept: what is gone sooner answers nobody's question."""
    if not 90 <= (days := count(raw)) <= 36_500:
        raise ValueError("90以上の日数を入れてください")
    return timedelta(days=days)


def listed(raw: str) -> tuple[str, ...]:
    """Comma-separated words."""
    return tuple(word.strip() for word in raw.split(",") if word.strip())


def secret_keys(raw: str) -> tuple[str, ...]:
    """Signing keys, newest first; a short key can be guessed."""
    keys = listed(raw)
    if not keys or any(len(key) < 32 for key in keys):
        raise ValueError("32文字以上の鍵を、新しいものから順にカンマ区切りで入れてください")
    return keys


def sealing_keys(raw: str) -> tuple[str, ...]:
    """Keys to encrypt with, newest first; empty where nothing is to be encrypted yet."""
    return secret_keys(raw) if raw.strip() else ()


def networks(raw: str) -> tuple[IpNetwork, ...]:
    """Comma-separated addresses or networks in CIDR form."""
    try:
        return tuple(ipaddress.ip_network(word) for word in listed(raw))
    except ValueError:
        raise ValueError("10.0.0.0/8 のようなネットワークをカンマ区切りで入れてください") from None


def database_url(raw: str) -> str:
    """``sqlite:///FILE`` or ``postgresql://…``; the driver is ours to choose."""
    url = raw.strip()
    if url.startswith("sqlite:///") and len(url) > len("sqlite:///"):
        return url
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("sqlite:///ファイル名 か postgresql://… を入れてください")


def public_url(raw: str) -> str:
    """The address that subscribers type; without a path, without a slash at the end."""
    url = raw.strip().rstrip("/")
    parts = urlsplit(url)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise ValueError("https://my.example.jp のような、パスのないアドレスを入れてください")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK_HOSTS:
        raise ValueError("https:// で始まるアドレスを入れてください（http:// は自分のマシンだけで使えます）")
    return url


def smtp_server(raw: str) -> SmtpServer:
    """``smtp://``, ``smtp+starttls://`` or ``smtps://`` with optional ``name:password@`` and port."""
    securities = {"smtp": ("none", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465)}
    parts = urlsplit(raw.strip())
    try:
        security, usual_port = securities[parts.scheme]
        host, port = parts.hostname, parts.port or usual_port
    except (KeyError, ValueError):
        host = None
    if not host:
        raise ValueError("smtp://ホスト:ポート か smtp+starttls://… か smtps://… を入れてください")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    return SmtpServer(host=host, port=port, security=security, username=username, password=password)


def s3_server(raw: str) -> S3Server | None:
    """``https://KEY:SECRET@host[:port]/bucket[/prefix][?region=…]``, or none. http only for one's own network."""
    if not raw.strip():
        return None
    wrong = ValueError("https://アクセスキー:秘密のキー@ホスト/バケット?region=地域 の形で入れてください")
    try:
        parts = urlsplit(raw.strip())
        port = parts.port
    except ValueError:
        raise wrong from None
    bucket, _, prefix = parts.path.strip("/").partition("/")
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not parts.username
        or not parts.password
    ):
        raise wrong
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket) or not re.fullmatch(
        r"[A-Za-z0-9._/-]*", prefix
    ):
        raise wrong
    region = parse_qs(parts.query).get("region", ["us-east-1"])[0]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    endpoint = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return S3Server(endpoint, bucket, prefix, region, unquote(parts.username), unquote(parts.password))


def mail_address(raw: str) -> str:
    """An address of ours, alone, without a name."""
    address = raw.strip()
    if not re.fullmatch(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", address):
        raise ValueError("mypage@example.jp のようなメールアドレスを入れてください")
    return address


def month(raw: str) -> BillingMonth:
    """A month such as ``2020-07``."""
    parsed = BillingMonth.parse(raw.strip())
    if parsed is None:
        raise ValueError("2020-07 のような年月を入れてください")
    return parsed


def colour(raw: str) -> str:
    """A colour such as ``#0017c1``."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", raw.strip()):
        raise ValueError("#0017c1 のような色を入れてください")
    return raw.strip().lower()


def pattern(raw: str) -> re.Pattern[str] | None:
    """A regular expression, or none."""
    if not raw.strip():
        return None
    try:
        return re.compile(raw.strip())
    except re.error:
        raise ValueError("正規表現として読めません") from None


def one_of(*words: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(raw: str) -> str:
        if raw.strip() not in words:
            raise ValueError(" / ".join(words) + " のどれかを入れてください")
        return raw.strip()

    return read


def path(raw: str) -> Path | None:
    """A file or folder, or none."""
    return Path(raw).expanduser() if raw.strip() else None
