"""What a hostile browser answers: it signs nothing to add a passkey, and so chooses each byte of it."""

import json
from typing import Any

import cbor2
import pytest
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from mypage.adapters import passkeys
from mypage.adapters.passkeys import Site
from tests.soft_passkey import SoftPasskey

SITE = Site("localhost", "http://localhost:8080", "ケーブル")
CHALLENGE = b"challenge-of-the-session-12345678"
QUESTION = {"challenge": bytes_to_base64url(CHALLENGE)}


def answered(**changed: Any) -> dict[str, Any]:
    """An answer with another response than a browser's."""
    answer: dict[str, Any] = json.loads(SoftPasskey(SITE.domain, SITE.origin).made(QUESTION))
    answer["response"].update(changed)
    return answer


@pytest.mark.parametrize("public_key", [[1], "x", {}, 5, None])
def test_a_public_key_that_is_none_makes_no_passkey(public_key: object) -> None:
    made = cbor2.loads(base64url_to_bytes(answered()["response"]["attestationObject"]))
    # Domain, flags and count, the id's length and 16 bytes of it: behind them stands the key.
    made["authData"] = made["authData"][: 37 + 16 + 2 + 16] + cbor2.dumps(public_key)
    answer = answered(attestationObject=bytes_to_base64url(cbor2.dumps(made)))
    answer["id"] = answer["rawId"] = bytes_to_base64url(made["authData"][55:71])
    assert passkeys.read_new(SITE, json.dumps(answer), challenge=CHALLENGE) is None


def test_ways_that_are_no_words_are_left_out() -> None:
    answer = answered(transports=[["usb"], {}, None, "usb", "a word of tomorrow"])
    made = passkeys.read_new(SITE, json.dumps(answer), challenge=CHALLENGE)
    assert made is not None
    assert made.transports == ("usb",)
