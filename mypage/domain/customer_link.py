"""The opaque name of one customer of one account in addresses (``?c=…``): nothing of the number can be read off it.

Source: "decisions", *Two tabs, two customers*.
"""

import hmac
from base64 import b32encode
from hashlib import sha256

_BYTES = 10


def link_id(secret: str, account_id: str, customer_key: str) -> str:
    """The name under ``secret``; 16 characters that may stand in an address."""
    said = f"customer link\n{account_id}\n{customer_key}".encode()
    return b32encode(hmac.new(secret.encode(), said, sha256).digest()[:_BYTES]).decode().lower()
