"""An authenticator in software: makes passkeys and signs with them, as a browser would hand it on.

key = SoftPasskey("localhost", "http://localhost:8080")
form.answer = key.made(question)        # the answer to navigator.credentials.create
form.answer = key.signed(question)      # … to navigator.credentials.get
"""

import json
import secrets
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

_PRESENT, _VERIFIED, _MAY_SYNC, _SYNCED, _NEW = 0x01, 0x04, 0x08, 0x10, 0x40


class SoftPasskey:
    """One passkey for one domain. ``counts``: whether it counts its signatures (those of makers' clouds do not)."""

    def __init__(self, domain: str, origin: str, *, counts: bool = True, synced: bool = False) -> None:
        self.domain, self.origin, self.counts, self.synced = domain, origin, counts, synced
        self.id = secrets.token_bytes(16)
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def made(self, question: str | dict[str, Any]) -> str:
        """The answer to the question for a new passkey."""
        client = self._client("webauthn.create", question)
        point = self._key.public_key().public_numbers()
        public = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        )
        known = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attested = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(_NEW) + known})
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(attested),
                "transports": ["internal", "a word of tomorrow"],
            }
        )

    def signed(self, question: str | dict[str, Any]) -> str:
        """The answer to the question of a login."""
        client = self._client("webauthn.get", question)
        self.count += self.counts
        data = self._data(0)
        signature = self._key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
            }
        )

    def _client(self, kind: str, question: str | dict[str, Any]) -> bytes:
        asked = json.loads(question) if isinstance(question, str) else question
        base64url_to_bytes(asked["challenge"])
        return json.dumps(
            {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | _VERIFIED | ((_MAY_SYNC | _SYNCED) if self.synced else 0)
        return sha256(self.domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _answer(self, response: dict[str, object]) -> str:
        named = bytes_to_base64url(self.id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
