"""Secrets that the database keeps only encrypted: AES-256-GCM under keys that are not in the database.

What is sealed names the key by a mark of it, so that keys can be rotated, and is bound to a context (whose secret it
is, and what for): whoever can write into the database cannot put their own secret into somebody else's row.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12
_MARK: Final = 8
# The first byte of bytes that were sealed, or left as they are.
_SEALED: Final = b"\x01"
_PLAIN: Final = b"\x00"


@dataclass(frozen=True, slots=True)
class Opened:
    """What was sealed; ``is_current`` where it was under the newest key, else it is to be sealed again."""

    text: str
    is_current: bool


class CannotOpen(Exception):
    """Sealed under a key that is not among ours, for another context, or changed since."""


class Sealer:
    """Seals with the newest of ``keys`` (long random texts, newest first) and opens with any of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = {key_mark(key): key for key in keys}
        self._newest = key_mark(keys[0]) if keys else None

    @property
    def has_keys(self) -> bool:
        """Whether anything can be sealed at all."""
        return self._newest is not None

    @property
    def marks(self) -> frozenset[str]:
        """The marks of all keys: what is sealed under another one cannot be opened."""
        return frozenset(self._keys)

    def seal(self, text: str, context: str) -> str:
        """``text``, encrypted. ``LookupError`` where there is no key."""
        if self._newest is None:
            raise LookupError("no key to seal with")
        nonce = os.urandom(_NONCE)
        sealed = _cipher(self._keys[self._newest]).encrypt(nonce, text.encode(), context.encode())
        return f"{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode('ascii')}"

    def seal_bytes(self, data: bytes, context: str) -> bytes:
        """``data``, encrypted; as it is, but marked so, where there is no key."""
        if self._newest is None:
            return _PLAIN + data
        nonce = os.urandom(_NONCE)
        cipher = _cipher(self._keys[self._newest])
        return b"".join(
            (_SEALED, self._newest.encode("ascii"), nonce, cipher.encrypt(nonce, data, context.encode()))
        )

    def open_bytes(self, sealed: bytes, context: str, *, may_be_plain: bool) -> bytes:
        """What :meth:`seal_bytes` was given for that context. Raises :class:`CannotOpen`.

        What lies there does not itself say whether it was sealed: whoever can write there could strip the seal.
        """
        if may_be_plain and sealed.startswith(_PLAIN):
            return sealed[1:]
        mark, nonce = sealed[1 : 1 + _MARK], sealed[1 + _MARK : 1 + _MARK + _NONCE]
        key = self._keys.get(mark.decode("ascii", "replace"))
        if not sealed.startswith(_SEALED) or key is None:
            raise CannotOpen
        try:
            # A view: the part is not copied once more.
            rest = memoryview(sealed)[1 + _MARK + _NONCE :]
            return _cipher(key).decrypt(nonce, rest, context.encode())
        except (InvalidTag, ValueError):
            raise CannotOpen from None

    def open(self, sealed: str, context: str) -> Opened:
        """What was sealed for that context. Raises :class:`CannotOpen`."""
        mark, _, rest = sealed.partition(".")
        if mark not in self._keys:
            raise CannotOpen
        try:
            raw = base64.urlsafe_b64decode(rest.encode("ascii"))
            text = _cipher(self._keys[mark]).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise CannotOpen from None
        return Opened(text.decode(), mark == self._newest)


def key_mark(key: str) -> str:
    """What stands before all that is sealed under a key; says nothing of the key."""
    return sha256(f"sealing key\n{key}".encode()).hexdigest()[:_MARK]


def _cipher(key: str) -> AESGCM:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"mypage sealing").derive(key.encode())
    return AESGCM(derived)
