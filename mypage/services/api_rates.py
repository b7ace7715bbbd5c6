"""How often a sender may ask the API: by token, or by client address for whoever shows none. Shared by all processes."""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection

from mypage.domain import api_rate
from mypage.domain.api_rate import Rate
from mypage.store import api_rates as store

_MICROSECONDS: Final = 1_000_000


def take(connection: Connection, sender: str, *, limit: int, now: datetime) -> Rate:
    """Count a request of ``sender``, of which ``limit`` are answered in a minute; one too many is not counted."""
    at = _microseconds(now)
    share = api_rate.share(limit)
    full_at = store.take(connection, sender, now=at, share=share, period=api_rate.PERIOD)
    if full_at is None:
        return api_rate.refused(limit, store.full_at(connection, sender), at)
    return api_rate.taken(limit, full_at, at)


def of_address(address: str, secret: str) -> str:
    """The sender that a client address is; the address itself is not kept."""
    return "address:" + hmac.new(secret.encode(), f"api-rate\n{address}".encode(), sha256).hexdigest()


def forget(connection: Connection, *, before: datetime) -> int:
    """Forget who has not asked since then; how many."""
    return store.remove(connection, before=_microseconds(before))


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * _MICROSECONDS)
