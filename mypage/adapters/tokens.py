"""Signed links: what a link says, by whom it was signed and when. Nothing of it is stored.

The purpose is the salt, so that a token for one purpose opens nothing else. Three ways to fail are values, not
exceptions: the door has a page for each (specification §2, decisions "Activation token").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, Serializer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

# Longer than any token made here; what is longer is not worth a signature check.
_LONGEST = 1024


@dataclass(frozen=True)
class Signed:
    """A token that is ours and not too old. ``signed_at`` is exact to the second."""

    payload: Mapping[str, Any]
    signed_at: datetime


@dataclass(frozen=True)
class Expired:
    """A token that is ours, but older than its purpose allows."""

    payload: Mapping[str, Any]
    signed_at: datetime


@dataclass(frozen=True)
class Broken:
    """Not a token of ours, or one that was cut or changed on its way."""


class _SignerAt(TimestampSigner):
    """A signer that takes its time from outside: ours may be moved, and is read by the doors only."""

    def __init__(self, *arguments: Any, at: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._at = at

    def get_timestamp(self) -> int:
        return self._at


class _PlainSerializer(URLSafeTimedSerializer):
    """Never compresses: that begins a token with a dot, and many a proxy refuses paths such as ``/.eJ…``."""

    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(Serializer.dump_payload(self, obj))


class Tokens:
    """Signs and reads tokens. ``keys``: newest first, as in the settings; each of them is still believed."""

    def __init__(self, keys: Sequence[str]) -> None:
        # itsdangerous signs with the last key of its list.
        self._keys = list(reversed(keys))

    def sign(self, purpose: str, payload: Mapping[str, Any], now: datetime) -> str:
        """A token for a URL that says ``payload`` (a small JSON object) for ``purpose``, signed at ``now``."""
        return str(self._serializer(purpose, now).dumps(dict(payload)))

    def read(
        self, purpose: str, token: str, now: datetime, max_age: timedelta | None = None
    ) -> Signed | Expired | Broken:
        """What ``token`` says. Without ``max_age`` it never expires here: its age is then the caller's rule.

        A token from the future (a clock that was set back) is as good as a fresh one.
        """
        if len(token) > _LONGEST or not token.isascii():
            return Broken()
        try:
            payload, signed_at = self._serializer(purpose, now).loads(token, return_timestamp=True)
        except BadData:
            return Broken()
        if not isinstance(payload, dict):
            return Broken()
        signed_at = signed_at.astimezone(UTC)
        if max_age is not None and now - signed_at > max_age:
            return Expired(payload, signed_at)
        return Signed(payload, signed_at)

    def _serializer(self, purpose: str, now: datetime) -> URLSafeTimedSerializer:
        return _PlainSerializer(
            self._keys,
            salt=f"mypage.{purpose}",
            signer=_SignerAt,
            signer_kwargs={"at": int(now.timestamp()), "digest_method": sha256, "key_derivation": "hmac"},
        )
