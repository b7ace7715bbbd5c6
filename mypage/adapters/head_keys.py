"""Signatures under the heads of the trail, made with keys that the database does not hold.

An HMAC under a key that is derived from each of ``MYPAGE_SECRET_KEYS``: whoever has the database alone can make none.
The newest key signs, every key of the list is believed. A head names its key by a digest, so that a head of a key that
has left the list is told from a forged one.
"""

import hmac
from collections.abc import Sequence
from enum import Enum, auto
from hashlib import sha256
from typing import Final

_PURPOSE: Final = b"mypage.audit-head"
_NAME_LENGTH: Final = 12


class Signature(Enum):
    """What a signature is worth."""

    GOOD = auto()
    FORGED = auto()
    UNKNOWN_KEY = auto()


class HeadKeys:
    """The keys of the settings, newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        derived = [hmac.digest(key.encode(), _PURPOSE, sha256) for key in keys]
        self._keys = {sha256(key).hexdigest()[:_NAME_LENGTH]: key for key in derived}
        self._newest = sha256(derived[0]).hexdigest()[:_NAME_LENGTH]

    def sign(self, text: str) -> tuple[str, str]:
        """The name of the newest key, and its signature under ``text``."""
        return self._newest, _signed(self._keys[self._newest], text)

    def judge(self, text: str, key: str, signature: str) -> Signature:
        """What the signature of that key under ``text`` is worth."""
        if key not in self._keys:
            return Signature.UNKNOWN_KEY
        is_good = hmac.compare_digest(_signed(self._keys[key], text).encode(), signature.encode())
        return Signature.GOOD if is_good else Signature.FORGED


def _signed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()
